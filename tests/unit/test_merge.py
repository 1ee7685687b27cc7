"""Neighbouring areas in one warning: how it grows, shrinks and ends, who hears of it, what the ledger says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerting.cap import to_cap
from alerting.cap_check import validate
from alerting.coverage.reach import ReachTable
from alerting.coverage.reckon import reckon
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from alerting.stages.borders import Borders, distance_m
from alerting.stages.merge import MergeOptions
from alerting.stages.silence import Silence
from alerting.store.store import Store
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, PartNews, Report
from tests.alerting_rig import Rig, desk_rig
from tests.merge_rig import square, storm, town, towns
from tests.reports import confirm, later

ROUTES: Any = [
    {"name": "district", "to": ["sms/duty-room"]},
    {"name": "one", "areas": [town(1)], "to": ["siren/village"]},
    {"name": "two", "areas": [town(2)], "to": ["siren/town"]},
]
MERGE: Any = {"merge": {"hazards": ["rainstorm"]}}


@pytest.fixture
def rig(store: Store) -> Rig:
    return Rig(store, routes=ROUTES, routing=MERGE, inventory=towns(40))


def chain_of(rig: Rig) -> tuple[HazardWarning, ...]:
    (first, *others) = {one.chain for one in rig.store.recent_warnings(99)}
    assert not others
    return rig.store.chain(first)


def test_a_border_gets_one_warning(rig: Rig) -> None:
    rig.tell(*(storm(number, at_s=number) for number in range(1, 36)))
    (found,) = rig.store.warnings_in_force(later(60))
    assert found.areas == tuple(town(number) for number in range(1, 36))
    assert (found.number, found.report, found.level) == (35, Report.FOLLOW_UP, Level.ORANGE)
    assert [one.number for one in chain_of(rig)] == list(range(1, 36))


def test_it_shrinks_by_update_and_ends_when_all_have_ended(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(1, 2, 600, Level.NONE), storm(2, 2, 900, Level.NONE))
    first, grown, shrunk, last = chain_of(rig)
    assert [first.report, grown.report, shrunk.report, last.report] == [
        Report.FIRST, Report.FOLLOW_UP, Report.FOLLOW_UP, Report.FINAL,
    ]  # fmt: skip
    assert [one.areas for one in (first, grown, shrunk, last)] == [
        (town(1),), (town(1), town(2)), (town(2),), (town(2),),
    ]  # fmt: skip
    assert [one.id for one in (first, grown, shrunk)] == [id_ for id_, _ in last.references]
    assert shrunk.concerned[0].news is PartNews.LEFT
    assert "1镇：说明" in shrunk.texts[0].description  # why it is over there, in that report's own words
    assert not rig.store.warnings_in_force(later(901))


def test_levels_stay_apart_and_the_highest_counts(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(2, 2, 60, Level.RED), storm(2, 3, 600, Level.YELLOW))
    raised, lowered = chain_of(rig)[2:]
    assert raised.level is Level.RED
    assert {part.area: part.level for part in raised.parts} == {town(1): Level.ORANGE, town(2): Level.RED}
    assert short_text(raised, towns(3), "zh-CN", 200).title.endswith("红色：2镇；橙色：1镇")
    assert "红色预警" in raised.texts[0].description
    assert lowered.level is Level.ORANGE
    assert lowered.peak_level is Level.RED
    assert lowered.concerned[0].peak_level is Level.RED


@pytest.mark.parametrize(
    ("other", "options"),
    [
        (storm(3, at_s=5), {}),
        (storm(2, at_s=5, level=Level.RED), {}),
        (storm(2, at_s=7200), {"window_s": 3600}),
        (storm(2, at_s=5, hazard="gas_leak"), {"hazards": ["rainstorm", "gas_leak"]}),
        (storm(2, at_s=5, status="Exercise"), {}),
    ],
    ids=["no common border", "another level", "too late", "another hazard", "an exercise"],
)
def test_what_stays_apart(tmp_path: Path, other: HazardWarning, options: dict[str, Any]) -> None:
    merge = {"merge": {"hazards": ["rainstorm"], **options}}
    with desk_rig(tmp_path, routes=ROUTES, routing=merge, inventory=towns(3)) as rig:
        rig.tell(storm(1), other)
        assert len({one.chain for one in rig.store.recent_warnings(9)}) == 2


def test_a_full_warning_takes_no_more(tmp_path: Path) -> None:
    merge = {"merge": {"hazards": ["rainstorm"], "max_areas": 2}}
    with desk_rig(tmp_path, routes=ROUTES, routing=merge, inventory=towns(4)) as rig:
        rig.tell(*(storm(number, at_s=number) for number in (1, 2, 3, 4)))
        assert sorted(len(one.areas) for one in rig.store.warnings_in_force(later(60))) == [2, 2]


def test_two_sources_on_one_place_are_one_warning(rig: Rig) -> None:
    theirs = storm(1, at_s=30, level=Level.YELLOW).model_copy(update={"chain": "theirs", "id": "theirs-1"})
    rig.tell(storm(1), theirs, storm(1, 2, 60, Level.NONE))
    (found,) = rig.store.warnings_in_force(later(61))
    assert (found.areas, found.level, found.number) == ((town(1),), Level.YELLOW, 2)


def test_who_knows_hears_of_further_areas_together_and_who_does_not_at_once(rig: Rig) -> None:
    rig.tell(storm(1))
    assert rig.queued() == ["siren/village", "sms/duty-room"]
    rig.tell(storm(2, at_s=5))
    grown = chain_of(rig)[-1]
    due = {f"{one.channel}/{one.target}": one.next_attempt_at for one in rig.rows(grown)}
    assert due == {"siren/town": rig.now, "sms/duty-room": rig.in_s(15)}  # the siren of town 1 has heard all there is
    rig.clock.advance(5)
    rig.tell(storm(3, at_s=10))
    (waiting,) = rig.rows(chain_of(rig)[-1])
    assert waiting.next_attempt_at == rig.in_s(10)
    overtaken = next(one for one in rig.rows(grown) if one.target == "duty-room")
    assert (overtaken.state, overtaken.reason) == (DeliveryState.EXPIRED, "told along with report 3 of its chain")


def test_what_is_graver_does_not_wait(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(1, 2, 60, Level.RED))
    due = {one.target: one.next_attempt_at for one in rig.rows(chain_of(rig)[-1])}
    assert due == {"village": rig.now, "duty-room": rig.now}


def test_the_ledger_keeps_each_area_with_what_reached_it(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(3, at_s=6))
    last = chain_of(rig)[-1]
    (room,) = rig.rows(last)
    confirm(rig.store, room.id, DeliveryState.DELIVERED, later(30))
    siren = next(one for one in rig.rows(chain_of(rig)[0]) if one.target == "village")
    confirm(rig.store, siren.id, DeliveryState.ACCEPTED, later(2))
    by_area = {one.area: {way.channel: way.delivered_at for way in one.channels} for one in rig.store.ledger()}
    assert by_area == {town(1): {"siren": None}, town(2): {"sms": later(30)}, town(3): {"sms": later(30)}}
    assert {one.chain for one in rig.store.ledger(joint=True)} == {last.chain}
    assert [(one.channel, one.target) for one in rig.store.told(storm(2).chain)] == [
        ("siren", "town"), ("sms", "duty-room"),
    ]  # fmt: skip
    found = reckon(last.areas, rig.store.told(last.chain), towns(3), ReachTable())
    assert found.population == 300


def test_the_same_again_after_a_crash_changes_nothing(rig: Rig) -> None:
    reports = [storm(1), storm(2, at_s=5), storm(2, 2, 600, Level.NONE)]
    rig.tell(*reports)
    before = (rig.store.recent_warnings(99), rig.rows())
    for one in reports:
        rig.tell(one)
    assert (rig.store.recent_warnings(99), rig.rows()) == before


def test_it_is_renewed_once_for_all(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(1, 2, 600), storm(2, 2, 10_300))
    *_, grown, renewed = chain_of(rig)
    assert (grown.number, renewed.number) == (2, 3)
    assert [part.news for part in renewed.parts] == [PartNews.UPDATED, PartNews.UPDATED]
    assert renewed.expires_at == storm(2, 2, 10_300).expires_at


def test_a_moved_onset_is_told_where_it_moved(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(2, 2, 60, expected_onset_at=later(3600)))
    told = chain_of(rig)[-1]
    assert [part.area for part in told.concerned] == [town(2)]
    assert told.expected_onset_at == later(3600)


def test_chains_from_before_merging_was_on_go_on_by_themselves(tmp_path: Path) -> None:
    with desk_rig(tmp_path, routes=ROUTES) as rig:
        rig.tell(storm(1))
    with desk_rig(tmp_path, routes=ROUTES, routing=MERGE, inventory=towns(3)) as rig:
        rig.tell(storm(1, 2, 60, Level.RED), storm(2, at_s=70))
    with desk_rig(tmp_path, routes=ROUTES, inventory=towns(3)) as rig:
        rig.tell(storm(2, 2, 80, Level.NONE))  # merged while merging was on: so to its end
        assert sorted(len(rig.store.chain(one)) for one in {w.chain for w in rig.store.recent_warnings(9)}) == [2, 2]


def test_the_cap_document_has_an_area_block_each(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), storm(2, 2, 60, Level.RED))
    document = to_cap(chain_of(rig)[-1], towns(3), LifecyclePolicy())
    assert not validate(document)
    assert document.count(b"<area>") == 4  # two areas in two languages
    assert f"forewarn:level:{town(1)}".encode() in document


def test_a_silence_hides_only_what_it_takes_whole(rig: Rig) -> None:
    silence = Silence(id="s", areas=(town(1),), begins_at=later(-1), ends_at=later(60), by="li", reason="r")
    rig.tell(storm(1))
    alone = chain_of(rig)[-1]
    rig.tell(storm(2, at_s=1))
    assert silence.hides(alone, Audience.PUBLIC, "sms", "x")
    assert not silence.hides(chain_of(rig)[-1], Audience.PUBLIC, "sms", "x")


def test_borders() -> None:
    borders = Borders(towns(3), 100.0)
    assert borders.touch(town(1), town(2))
    assert not borders.touch(town(1), town(3))
    assert borders.touch("990101000000", town(3))  # one holds the other
    assert not borders.touch("990101000000", "990102000000")  # of unknown border
    gap = distance_m(square(1), square(3))
    assert gap == pytest.approx(1926, rel=0.01)  # 0.02 degrees of longitude at 30 degrees north
    assert distance_m(square(1), tuple((x + 0.01, y + 0.01) for x, y in square(1))) == 0.0  # overlapping


def test_faults_of_sensors_are_not_merged() -> None:
    with pytest.raises(ValidationError, match="device by device"):
        MergeOptions.model_validate({"hazards": ["sensor_fault"]})
