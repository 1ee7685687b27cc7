"""Routes in a tree, hours and days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from alerting.people.days import Days
from alerting.stages.route import RouteOptions, misplaced, route
from alerting.store.store import Store
from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report
from tests.alerting_rig import TARGETS, Rig
from tests.reports import later, warning

LESSER = warning("lesser")


def final(chain: str, **changes: Any) -> Any:
    return warning(chain, 2, report=Report.FINAL, level=Level.NONE, **{"peak_level": Level.ORANGE} | changes)


def way(name: str, to: str, **options: Any) -> RouteOptions:
    return RouteOptions.model_validate({"name": name, "to": [to]} | options)


TREE = [
    way("all", "siren/village"),
    way("fires", "sms/li", under="all", hazards=["fire"]),
    way("red fires", "sms/wang", under="fires", min_level="red"),
    way("night", "sms/zhao", under="all", hazards=["gas_leak"], hours="22:00-06:00"),
]


@pytest.mark.parametrize(
    ("report", "reached"),
    [
        (warning(hazard=Hazard.RAINSTORM), ["siren/village"]),
        (warning(), ["sms/li"]),
        (warning(level=Level.RED), ["sms/wang"]),
        (warning(hazard=Hazard.GAS_LEAK), ["siren/village"]),
        (warning(hazard=Hazard.GAS_LEAK, sent_at=later(4 * 3600)), ["sms/zhao"]),
    ],
)
def test_a_report_goes_down_the_tree_to_the_ends_that_take_it(report: Any, reached: list[str]) -> None:
    shanghai = Days(ZoneInfo("Asia/Shanghai"))
    made = route(report, TREE, TARGETS, Audience.PUBLIC, shanghai)
    assert [f"{one.channel}/{one.target}" for one in made] == reached


def test_who_was_told_of_the_beginning_is_told_of_the_end(store: Store) -> None:
    rig = Rig(store, routes=[{"name": "day", "to": ["siren/village"], "hours": "08:00-20:30"}])
    rig.tell(LESSER)
    rig.after(1800)
    over = final("lesser", sent_at=later(1800))
    rig.tell(over, warning("new", sent_at=later(1800)))
    assert [one.warning for one in rig.rows()] == [over.id, LESSER.id]


@pytest.mark.parametrize(
    ("routes", "option", "words"),
    [
        ([way("a", "sms/li", under="b")], "under", "must be the name of one other route"),
        ([way("a", "sms/li", under="a")], "under", "stands under itself"),
        ([way("a", "sms/li"), way("b", "sms/wang", under="a", audience="duty")], "audience", "is for 'public'"),
        ([way("a", "sms/*"), way("b", "sms/li", audience="duty")], "to", "sms/li is told as 'public'"),
    ],
)
def test_a_tree_that_contradicts_itself_is_told(routes: list[RouteOptions], option: str, words: str) -> None:
    ((_, found, told),) = misplaced(routes, TARGETS)
    assert found == option
    assert words in told


@pytest.mark.parametrize("hours", ["8-20", "24:00-06:00", "08:00-08:00", "08:00"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError, match="hours"):
        way("a", "sms/li", hours=hours)


def test_days_off_are_weekends_and_holidays_but_for_weekends_that_are_worked() -> None:
    days = Days(ZoneInfo("Asia/Shanghai"), frozenset({date(2026, 10, 1)}), frozenset({date(2026, 10, 10)}))
    off = [day for day in range(1, 15) if days.is_off(date(2026, 10, day))]
    assert off == [1, 3, 4, 11]
    assert days.within("22:00-06:00", datetime(2026, 10, 1, 15, tzinfo=UTC))
    assert not days.within("08:00-20:00", datetime(2026, 10, 1, 15, tzinfo=UTC))
