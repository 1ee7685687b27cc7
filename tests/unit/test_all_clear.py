"""One area of a merged warning is over while others go on: who hears of it, in what words, and who must allow it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from alerting.all_clear import as_all_clear
from alerting.base import Message
from alerting.cap import to_cap
from alerting.cap_check import validate
from alerting.cap_parse import parse
from alerting.channels.loudspeaker_message import Documents
from alerting.channels.speech import SpeechOptions
from alerting.console.screen import Screen
from alerting.console.source import ConsoleSource
from alerting.due import Due
from alerting.feed import atom_feed
from alerting.gbt35965 import to_gbt35965
from alerting.lifecycle import LifecyclePolicy
from alerting.stages.silence import Silence
from alerting.store.silences import put_silence
from pipeline.errors import DutyError
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.instant import to_ns
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.messages import Messages
from tests.alerting_rig import LI, Rig, desk_rig
from tests.merge_rig import ASK, END, last, storm, told, town, towns
from tests.reports import later

ROUTES: Any = [
    {"name": "district", "to": ["sms/duty-room"]},
    {"name": "one", "areas": [town(1)], "to": ["siren/village"], "fallback": ["sms/zhao"]},
    {"name": "two", "areas": [town(2)], "to": ["siren/town"]},
]
SECTIONS: Any = {"routes": ROUTES, "routing": {"merge": {"hazards": ["rainstorm"]}}, "inventory": towns(9)}


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    with desk_rig(tmp_path, **SECTIONS) as made:
        yield made


@pytest.fixture
def asking(tmp_path: Path) -> Any:
    with desk_rig(tmp_path, **SECTIONS, rules=[ASK]) as made:
        yield made


def message(report: HazardWarning, row: Delivery) -> Message:
    make = Messages(towns(9), LifecyclePolicy())
    due = Due(
        row.id, report.id, row.audience, row.target, 0, to_ns(row.queued_at), "", 3, 1, ",".join(row.lifted),
        int(row.is_over),
    )  # fmt: skip
    return make(report, due)


def test_those_of_the_area_hear_that_it_is_over_and_others_hear_of_it(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    assert last(rig).areas == (town(2),)
    rows = told(rig)
    assert {name: (one.lifted, one.is_over) for name, one in rows.items()} == {
        "village": ((town(1),), True),
        "duty-room": ((town(1),), False),
    }
    siren, room = (message(last(rig), rows[name]) for name in ("village", "duty-room"))
    assert siren.title == "暴雨预警解除：1镇"
    assert "Warning of rainstorm lifted: Town 1" in siren.body
    assert (siren.warning.report, siren.warning.level, siren.warning.id) == (Report.FINAL, Level.NONE, last(rig).id)
    assert room.title == "暴雨橙色预警：2镇"
    assert room.body.startswith("已解除：1镇。\nLifted in: Town 1.\n")
    assert siren.cap_xml == room.cap_xml


def test_the_cap_update_says_it_in_blocks_of_its_own(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    document = to_cap(last(rig), towns(9), LifecyclePolicy())
    assert not validate(document)
    alert = parse(document)
    assert alert.msg_type == "Update"
    areas = [[dict(each.geocodes)["GB/T 2260"] for each in one.areas] for one in alert.infos]
    assert [(one.language, one.urgency, codes) for one, codes in zip(alert.infos, areas, strict=True)] == [
        ("zh-CN", "Immediate", [town(2)]),
        ("en-US", "Immediate", [town(2)]),
        ("zh-CN", "Past", [town(1)]),
        ("en-US", "Past", [town(1)]),
    ]  # fmt: skip
    assert document.count(b"<responseType>AllClear") == 2
    assert alert.infos[2].description == END.texts[0].description


class Public:
    """What a screen is made of, from a store."""

    version = 1

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    async def feed(self) -> bytes:
        reports = self._rig.store.public_reports_in_force(later(601))
        url = "http://x/{0}.xml"
        return atom_feed(
            reports, LifecyclePolicy(), feed_url=url, cap_url=lambda one: url.format(one.id), now=later(601)
        )

    async def cap(self, report: str) -> bytes | None:
        found = self._rig.store.warning(report)
        return to_cap(found, towns(9), LifecyclePolicy()) if found else None


def test_a_screen_shows_where_it_goes_on(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    (shown,) = asyncio.run(Screen(cast("ConsoleSource", Public(rig))).shown())
    assert (shown.areas, shown.level) == ((town(2),), "orange")
    assert [one.language for one in shown.words] == ["zh-CN", "en-US"]


def test_a_platform_of_the_area_is_told_of_it_in_the_national_form(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    document = to_cap(last(rig), towns(9), LifecyclePolicy())
    told_there, told_elsewhere = (to_gbt35965(document, "0" * 14, is_over=each).decode() for each in (True, False))
    assert (town(1) in told_there, town(2) in told_there) == (True, False)
    assert (town(1) in told_elsewhere, town(2) in told_elsewhere) == (False, True)


def test_the_end_of_the_whole_is_told_once(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    rig.after(60)
    rig.tell(storm(2, 2, 900, Level.NONE))
    assert last(rig).report is Report.FINAL
    assert sorted(told(rig)) == ["duty-room", "town"]
    assert not any(one.is_over or one.lifted for one in told(rig).values())
    assert len([one for one in rig.rows() if one.target == "village"]) == 2


def test_what_left_while_a_message_waited_is_told_with_the_next(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=1), storm(3, at_s=2))
    rig.after(60)
    rig.tell(END, storm(4, at_s=601), storm(3, 2, 602, Level.NONE))
    assert told(rig)["duty-room"].lifted == (town(1), town(3))
    rig.tell(
        storm(1, 3, 603).model_copy(update={"chain": "again", "id": "again-1", "report": Report.FIRST, "number": 1})
    )
    assert told(rig)["duty-room"].lifted == (town(3),)  # it is in danger again


def test_no_silence_keeps_an_all_clear_from_those_who_were_warned(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5))
    with rig.store.write() as connection:
        put_silence(connection, Silence(
            id="s", areas=(town(2),), begins_at=later(-1), ends_at=later(60), by="li", reason="r",
        ))  # fmt: skip
    rig.tell(END)
    assert {name: one.is_over for name, one in told(rig).items()} == {"village": True}


def test_a_fallback_is_told_that_it_is_over(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    rig.after(61)
    assert told(rig)["zhao"].is_over


def test_a_loudspeaker_is_given_each_its_own() -> None:
    documents = Documents({"level": "level", "title": "title"}, 1, SpeechOptions())
    report = storm(2)
    left = storm(1).model_copy(update={"id": report.id, "level": Level.NONE})
    both = [Message("a", report, b"", "goes on", ""), Message("b", left, b"", "over", "")]
    asyncio.run(documents.prepare(both))
    assert [documents.document(one) for one in both] == [
        b'{"title":"goes on","level":3,"repeat":1}', b'{"title":"over","level":0,"repeat":1}',
    ]  # fmt: skip


def test_as_all_clear_names_the_areas_that_were_waiting_too(rig: Rig) -> None:
    rig.tell(storm(1), storm(2, at_s=5), END)
    view = as_all_clear(last(rig), (town(5), town(1)))
    assert view.areas == (town(1), town(5))
    assert view.level is Level.NONE


def test_an_area_stays_in_until_people_allow_its_all_clear(asking: Rig) -> None:
    asking.tell(storm(1), storm(2, at_s=5), END)
    (waiting,) = asking.store.pending()
    assert (waiting.warning, waiting.all_clear, waiting.level) == (END.id, True, Level.ORANGE)
    assert last(asking).areas == (town(1), town(2))
    asking.tell(storm(2, 2, 610, Level.RED))  # what is graver waits for nothing
    assert (last(asking).areas, last(asking).level) == ((town(1), town(2)), Level.RED)
    asking.outlet.approve(END.id, Audience.PUBLIC, LI, asking.now)
    assert last(asking).areas == (town(2),)
    assert told(asking)["village"].is_over
    asking.tell(END)  # the same again after a crash
    assert not asking.store.pending()
    assert last(asking).areas == (town(2),)


def test_nobody_is_asked_twice_when_the_others_ended_meanwhile(asking: Rig) -> None:
    asking.tell(storm(1), storm(2, at_s=5), END, storm(2, 2, 900, Level.NONE))
    assert {one.warning for one in asking.store.pending()} == {END.id, storm(2, 2).id}
    asking.outlet.approve(END.id, Audience.PUBLIC, LI, asking.now)
    asking.outlet.approve(storm(2, 2).id, Audience.PUBLIC, LI, asking.now)
    assert last(asking).report is Report.FINAL
    assert not asking.store.pending()
    assert sorted(told(asking)) == ["duty-room", "town"]
    with pytest.raises(DutyError, match="released already"):
        asking.outlet.approve(END.id, Audience.PUBLIC, LI, asking.now)


def test_an_area_whose_all_clear_was_refused_expires_with_its_own_report(asking: Rig) -> None:
    asking.tell(storm(1), storm(2, at_s=5), END)
    asking.outlet.refuse(END.id, Audience.PUBLIC, LI, "the dam", asking.now)
    asking.tell(storm(2, 2, 700, Level.RED))
    assert last(asking).areas == (town(1), town(2))
    after_s = timedelta(hours=3).total_seconds() + 1
    asking.tell(storm(2, 3, after_s, Level.ORANGE))
    assert last(asking).areas == (town(2),)
    assert "village" not in told(asking)  # nobody says that it is over there


def test_where_the_warning_itself_was_not_released_nothing_waits(tmp_path: Path) -> None:
    rules = [{"name": "all", "mode": "approval"}]
    with desk_rig(tmp_path, **SECTIONS, rules=rules) as rig:
        rig.tell(storm(1), storm(2, at_s=5), END)
        assert last(rig).areas == (town(2),)
        assert not rig.rows()


def test_a_refused_end_that_comes_again_after_all_expired_begins_nothing(asking: Rig) -> None:
    late_s = timedelta(hours=3).total_seconds() + 10
    asking.tell(storm(1), storm(2, at_s=5), END, storm(2, 2, 10_000, Level.RED))
    asking.outlet.refuse(END.id, Audience.PUBLIC, LI, "the dam", asking.now)
    asking.tell(storm(2, 3, late_s, Level.ORANGE))
    before = last(asking)
    assert before.areas == (town(2),)
    asking.tell(END)
    assert last(asking) == before
    assert not asking.store.pending()
