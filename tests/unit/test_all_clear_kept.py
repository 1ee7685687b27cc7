"""No all-clear of an area is lost, and none is an alarm: waits, refusals, silences, limits, late reports, routes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from alerting.all_clear import addressed
from alerting.cap import to_cap
from alerting.lifecycle import LifecyclePolicy
from alerting.stages.route import RouteOptions
from alerting.stages.silence import Silence
from alerting.store.release import put
from alerting.store.silences import put_silence
from pipeline.errors import DutyError
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.level import Level
from pipeline.model.release import How, ReleaseState
from pipeline.model.warning import Report, WarningStatus
from tests.alerting_rig import LI, TARGETS, Rig, desk_rig
from tests.merge_rig import ASK, END, last, storm, told, town, towns
from tests.reports import NOON, later, warning

ROUTES: Any = [
    {"name": "district", "to": ["sms/duty-room"]},
    {"name": "one", "areas": [town(1)], "to": ["siren/village"]},
    {"name": "two", "areas": [town(2)], "to": ["siren/town"]},
]
MERGE: Any = {"merge": {"hazards": ["rainstorm"]}}
OBJECT: Any = {"name": "red", "applies_to": "hazard", "mode": "objection", "min_level": "red"}
APPROVE: Any = {"name": "red", "applies_to": "hazard", "mode": "approval", "min_level": "red"}
BEGUN = (storm(1), storm(2, at_s=5))


def rig_of(folder: Path, **sections: Any) -> AbstractContextManager[Rig]:
    return desk_rig(folder, **{"routes": ROUTES, "routing": MERGE, "inventory": towns(9), **sections})


def of(rig: Rig, target: str) -> list[tuple[tuple[str, ...], bool]]:
    """What a target was told, in order: the areas that left, and whether it is over for it."""
    known = {one.id: one.number for one in rig.store.recent_warnings(99)}
    rows = sorted((one for one in rig.rows() if one.target == target), key=lambda one: known[one.warning])
    return [(one.lifted, one.is_over) for one in rows]


def test_what_waits_is_overtaken_by_the_end_of_the_whole(tmp_path: Path) -> None:
    with rig_of(tmp_path, rules=[OBJECT, ASK]) as rig:
        rig.tell(*BEGUN, storm(2, 2, 100, Level.RED), END, storm(2, 3, 610, Level.NONE))
        for end in (END, storm(2, 3)):
            rig.outlet.approve(end.id, Audience.PUBLIC, LI, rig.now)
        end = last(rig)
        assert end.report is Report.FINAL
        assert not rig.store.pending()
        rig.after(700)
        assert not [one for one in rig.rows() if one.warning == end.references[-1][0]]


def test_nothing_is_released_after_a_later_report_of_its_chain(tmp_path: Path) -> None:
    with desk_rig(tmp_path, rules=[{**OBJECT, "min_level": "blue"}]) as rig:
        first = warning("a")
        rig.tell(first)
        (waiting,) = rig.store.pending()
        later = {"warning": "a-2", "number": 2, "state": ReleaseState.RELEASED, "how": How.APPROVED}
        with rig.store.write() as connection:
            put(connection, waiting.model_copy(update=later))
        with pytest.raises(DutyError, match="report 2 of its chain went out"):
            rig.outlet.approve(first.id, Audience.PUBLIC, LI, rig.now)
        rig.after(700)
        found = rig.store.request(first.id, Audience.PUBLIC)
        assert found
        assert found.state is ReleaseState.OVERTAKEN
        assert not rig.rows()


@pytest.mark.parametrize(
    "besides",
    [
        {"name": "gas", "hazards": ["gas_leak"], "to": ["siren/village"]},
        {"name": "faults", "audience": "maintenance", "to": ["siren/village"]},
        {"name": "low", "under": "one", "min_level": "blue", "to": ["siren/village"]},
        {"name": "lost", "under": "gas of others", "to": ["siren/village"]},
    ],
)
def test_routes_that_take_no_such_warning_keep_no_siren_sounding(tmp_path: Path, besides: Any) -> None:
    others = {"name": "gas of others", "hazards": ["gas_leak"], "to": ["sms/li"]}
    with rig_of(tmp_path, routes=[*ROUTES, others, besides]) as rig:
        rig.tell(*BEGUN, END)
        assert (told(rig)["village"].lifted, told(rig)["village"].is_over) == ((town(1),), True)


def test_only_routes_of_exercises_lead_an_exercise(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(*BEGUN, END)
        report = last(rig).model_copy(update={"status": WarningStatus.EXERCISE})
        ways = [
            RouteOptions(name="all", to=("siren/village",)),
            RouteOptions(name="one", to=("siren/village",), areas=(town(1),), exercise=True),
        ]
        here = ("siren", "village")
        row = Delivery(
            id=delivery_id(report.id, *here), warning=report.id, channel=here[0], target=here[1],
            queued_at=NOON, next_attempt_at=NOON,
        )  # fmt: skip
        assert addressed(report, [row], ways, TARGETS)[0].is_over


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_an_all_clear_in_a_report_that_was_not_released_comes_with_the_next(tmp_path: Path, decision: str) -> None:
    with rig_of(tmp_path, rules=[APPROVE]) as rig:
        rig.tell(*BEGUN, storm(2, 2, 100, Level.RED), END)
        assert not told(rig)  # red waits
        if decision == "approve":
            rig.tell(storm(2, 3, 700, Level.RED, expected_onset_at=later(4000)))
            rig.outlet.approve(last(rig).id, Audience.PUBLIC, LI, rig.now)
        else:
            rig.outlet.refuse(last(rig).id, Audience.PUBLIC, LI, "no", rig.now)
            rig.tell(storm(2, 3, 700, Level.RED, expected_onset_at=later(4000)))  # refused as before
            assert not told(rig)
            rig.tell(storm(2, 4, 800))
        assert of(rig, "village") == [((), False), ((town(1),), True)]
        assert told(rig)["duty-room"].lifted == (town(1),)
        assert [(one.area, one.texts) for one in last(rig).left] == [(town(1), END.texts)]
        assert to_cap(last(rig), towns(9), LifecyclePolicy()).count(b"<responseType>AllClear") == 2
        rig.tell(storm(2, 5, 900, expected_onset_at=later(5000)))
        assert not last(rig).left  # said once


def test_the_end_of_the_whole_says_it_where_red_was_never_released(tmp_path: Path) -> None:
    with rig_of(tmp_path, rules=[APPROVE]) as rig:
        rig.tell(*BEGUN, storm(2, 2, 100, Level.RED), END, storm(2, 3, 700, Level.NONE))
        assert last(rig).report is Report.FINAL
        assert sorted(told(rig)) == ["duty-room", "town", "village"]


def test_an_area_that_nobody_was_told_of_has_no_all_clear_to_come(tmp_path: Path) -> None:
    with rig_of(tmp_path, rules=[APPROVE]) as rig:
        rig.tell(storm(2), storm(2, 2, 100, Level.RED), storm(1, 1, 200, Level.RED), END, storm(2, 3, 700))
        assert (last(rig).level, last(rig).left) == (Level.ORANGE, ())
        assert not of(rig, "village")


def test_an_area_in_danger_again_has_no_all_clear_to_come(tmp_path: Path) -> None:
    with rig_of(tmp_path, rules=[APPROVE]) as rig:
        rig.tell(*BEGUN, storm(2, 2, 100, Level.RED), END)
        again = {"chain": "again", "id": "again-1", "report": Report.FIRST, "number": 1}
        rig.tell(storm(1, 3, 650, Level.RED).model_copy(update=again), storm(2, 3, 700))
        assert (last(rig).areas, last(rig).left) == ((town(2), town(1)), ())


def test_an_end_that_comes_after_later_reports_of_others_is_told(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(*BEGUN, storm(2, 2, 9000, Level.RED), storm(2, 3, 10_900))
        assert last(rig).areas == (town(1), town(2))  # nobody has said that the first is over
        rig.tell(storm(1, 2, 5000, Level.NONE))
        assert last(rig).areas == (town(2),)
        assert of(rig, "village")[-1] == ((town(1),), True)


def test_an_end_is_told_though_nothing_came_of_the_others_for_long(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(*BEGUN, storm(2, 2, 20_000, Level.NONE))
        assert last(rig).expires_at == storm(2, 2, 20_000).expires_at
        assert of(rig, "town")[-1] == ((town(2),), True)


def test_a_new_danger_joins_no_area_whose_report_expired(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(storm(1), storm(2, 1, 20_000))
        assert last(rig).areas == (town(2),)


def test_what_was_allowed_after_the_areas_report_expired_is_told(tmp_path: Path) -> None:
    with rig_of(tmp_path, rules=[ASK]) as rig:
        rig.tell(*BEGUN, storm(1, 2, 8000, Level.NONE), storm(2, 2, 9000, Level.RED), storm(2, 3, 10_900))
        rig.outlet.approve(storm(1, 2).id, Audience.PUBLIC, LI, rig.now)
        assert of(rig, "village")[-1] == ((town(1),), True)


def silence(rig: Rig) -> None:
    """From now on, for a minute of the rig's clock, over the first three towns."""
    with rig.store.write() as connection:
        put_silence(connection, Silence(
            id="s", areas=(town(1), town(2), town(3)), begins_at=later(-1), ends_at=rig.in_s(60), by="li", reason="r",
        ))  # fmt: skip


def test_what_a_silence_held_back_is_told_though_others_heard_more(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(*BEGUN)
        silence(rig)
        rig.tell(END, storm(2, 2, 610, Level.RED))
        rig.after(61)
        assert of(rig, "village") == [((), False), ((town(1),), True)]
        assert of(rig, "duty-room")[-1] == ((town(1),), False)
        assert not rig.store.held()


def test_a_danger_held_back_is_told_though_others_heard_more_but_not_after_its_end(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        silence(rig)
        rig.tell(*BEGUN, storm(1, 2, 100, expected_onset_at=later(4000)))
        assert not rig.rows()
        rig.after(61)
        assert (of(rig, "village"), of(rig, "town")) == ([((), False)], [((), False)])
    (tmp_path / "ended").mkdir()
    with rig_of(tmp_path / "ended") as rig:
        silence(rig)
        rig.tell(*BEGUN, END, storm(2, 2, 610, Level.NONE))
        rig.after(61)
        assert not of(rig, "town")
        assert not rig.store.held()


def test_no_limit_keeps_an_all_clear_and_the_next_message_has_the_line(tmp_path: Path) -> None:
    with rig_of(tmp_path, routing=MERGE | {"limits": [{"count": 1, "window_s": 3600}]}) as rig:
        rig.tell(*BEGUN, END)
        assert of(rig, "village") == [((), False), ((town(1),), True)]
        assert len(of(rig, "duty-room")) == 1
        rig.tell(storm(2, 2, 610, Level.RED))  # above all limits
        assert told(rig)["duty-room"].lifted == (town(1),)


def test_a_line_taken_over_is_told_when_the_message_was_held(tmp_path: Path) -> None:
    with rig_of(tmp_path) as rig:
        rig.tell(*BEGUN)
        rig.after(60)
        rig.tell(END)  # waits for more
        silence(rig)
        rig.tell(storm(3, at_s=605))
        assert rig.store.held()[0].lifted == (town(1),)
        rig.tell(storm(2, 2, 610, expected_onset_at=later(4000)))
        rig.after(61)
        assert told(rig)["duty-room"].lifted == (town(1),)


def test_a_message_with_areas_that_left_is_not_told_along_by_its_title(tmp_path: Path) -> None:
    duty = {"name": "duty", "audience": "duty", "areas": [town(1)], "to": ["sms/li"]}
    with rig_of(tmp_path, routes=[*ROUTES, duty], routing=MERGE | {"group_s": 300, "group_max_level": "orange"}) as rig:
        rig.tell(*BEGUN)
        rig.after(301)
        rig.tell(warning("lesser", level=Level.BLUE, area=town(1)))
        assert rig.in_s(300) in [one.next_attempt_at for one in rig.rows(warning("lesser"))]  # it waits for others
        rig.tell(END)
        assert of(rig, "li")[-1] == ((town(1),), True)
