"""No exercise reaches a channel that is not named for drills, whatever is in the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.base import Message, Outcome
from alerting.runner import Dispatcher
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, WarningStatus
from pipeline.telemetry import Telemetry
from tests.dispatch_rig import ACCEPTED, POLICY, Told, make, settled, until
from tests.reports import NOON, delivery, put, warning

NAMES = ("public-sms", "public-horns", "drill-chat", "drill-horn")
REAL = {WarningStatus.ACTUAL, WarningStatus.SYSTEM}
"""Warnings, and what people with a task are told."""


class Named(Told):
    """Keeps the status of what it was given."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.statuses: list[WarningStatus] = []

    async def send(self, message: Message, target: str) -> Outcome:
        self.statuses.append(message.warning.status)
        await super().send(message, target)
        return ACCEPTED


reports = st.builds(
    warning,
    st.uuids().map(str),
    status=st.sampled_from(WarningStatus),
    hazard=st.sampled_from([hazard for hazard in Hazard if hazard is not Hazard.SENSOR_FAULT]),
    level=st.sampled_from(list(Level)[1:]),
)
outbox = st.lists(st.tuples(reports, st.sets(st.sampled_from(NAMES), min_size=1)), min_size=1, max_size=8)


async def dispatch(store: Store, channels: dict[str, Named], drills: frozenset[str]) -> None:
    one = Dispatcher(store, channels, make, POLICY, ManualClock(NOON), Telemetry(), drills)
    running = asyncio.create_task(one.run())
    await until(lambda: settled(store))
    one.stop()
    await running


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path_factory.mktemp('drills') / 'store.db'}")
    yield one
    one.close()


@settings(max_examples=15, deadline=None)
@given(rows=outbox, drills=st.frozensets(st.sampled_from(NAMES)))
def test_no_exercise_leaks(store: Store, rows: list[tuple[HazardWarning, set[str]]], drills: frozenset[str]) -> None:
    channels = {name: Named(name) for name in NAMES}
    run = uuid4().hex
    for report, names in rows:
        one = warning(f"{run} {report.id}", status=report.status, hazard=report.hazard, level=report.level)
        put(store, (one,), [delivery(one, name, "chat") for name in names])
    asyncio.run(dispatch(store, channels, drills))
    for name, channel in channels.items():
        meant = sorted(report.status for report, names in rows if name in names)
        wanted = [status for status in meant if status in REAL or name in drills]
        assert sorted(channel.statuses) == wanted
