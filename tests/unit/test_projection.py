"""When a channel will be through, and who is told when that is too late."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from alerting.overlook import Overlook
from alerting.people.options import CallOn
from alerting.projection import Pace, Projection, Waiting, project
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.model.level import Level
from pipeline.telemetry import Event, Telemetry
from tests.alerting_rig import desk_rig
from tests.dispatch_rig import queue
from tests.reports import NOON, later, warning


@pytest.mark.parametrize(
    ("case", "number", "per_s", "needed_s", "finish_s", "late"),
    [
        ("in time", 600, 10.0, 60, 60, False),
        ("too late", 601, 10.0, 60, 60.1, True),
        ("pace unknown", 600, None, 60, None, False),
        ("nothing waits", 0, None, 60, 0, False),
    ],
)
def test_projected_finish(
    case: str,
    number: int,
    per_s: float | None,
    needed_s: float,
    finish_s: float | None,
    late: bool,  # noqa: FBT001
) -> None:
    found = project("sms", Waiting(number, later(needed_s)), per_s, NOON)
    assert (found.finish_at, found.late) == (None if finish_s is None else later(finish_s), late), case


def test_the_pace_follows_what_is_settled_now() -> None:
    assert Pace().per_s is None
    pace = Pace()
    pace.add(1000, 10)
    assert pace.per_s == 100
    for _ in range(60):
        pace.add(10, 5)
    assert pace.per_s == pytest.approx(2, rel=0.01)


def test_what_waits_is_needed_before_it_expires_and_before_the_onset(store: Store) -> None:
    queue(store, warning("a", expires_at=later(900)))
    queue(store, warning("b", expires_at=later(9000), expected_onset_at=later(300)))
    queue(store, warning("c", expected_onset_at=later(100)), channel="drop")
    assert store.waiting(NOON) == {"duty": Waiting(2, later(300)), "drop": Waiting(1, later(100))}
    assert store.waiting(later(200))["drop"] == Waiting(1, later(3600))
    assert store.waiting(later(-1)) == {}


def test_a_channel_that_will_be_late_is_told_of_once_and_so_is_its_recovery(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for number in range(40):
        queue(store, warning(f"{number}", expires_at=later(30)))
    telemetry = Telemetry()
    overlook = Overlook(store, ["duty"], ManualClock(NOON), telemetry)

    def late_after(settled: int) -> bool:
        overlook.settled("duty", settled)
        asyncio.run(overlook.look(5))
        return overlook.latest["duty"].late

    assert late_after(5)
    assert late_after(5)
    assert telemetry.total("overlook.duty", Event.FAILED) == 1
    (said,) = caplog.messages
    assert "channel duty: 40 deliveries wait, at 1 a second until 2026-05-01T12:00:40Z: too late" in said
    assert not late_after(100)
    assert caplog.messages[1:] == ["channel duty will be through in time again"]


def test_a_channel_that_begins_to_be_late_has_somebody_called_once(tmp_path: Path) -> None:
    duty = {"chains": [{"name": "late", "on": "late", "steps": [{"who": ["person:li"], "wait_s": 60}]}]}
    with desk_rig(tmp_path, duty=duty) as rig:
        rig.desk.overlook = Overlook(rig.store, ["siren"], rig.clock, Telemetry())
        rig.tell(warning("lesser", level=Level.BLUE), warning())
        rig.after(1)
        assert rig.store.calls() == ()
        rig.desk.overlook.latest = {"siren": Projection("siren", rig.now, 2, 0.001, rig.in_s(9000), rig.in_s(60))}
        rig.after(1)
        (call,) = rig.store.calls()
        assert (call.on, call.warning) == (CallOn.LATE, warning().id)  # the gravest of what waits
        assert "will not be through" in next(one.note for one in rig.rows() if one.target == "li")
        rig.after(1)
        assert len([one for one in rig.store.audit() if one.action == "channel.late"]) == 1
        rig.desk.overlook.latest = {}
        rig.after(1)
        assert len(rig.store.calls()) == 1
