from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alerting.drill.gate import DrillOptions, complaints, may_leave
from alerting.runner import Dispatcher
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import WarningStatus
from pipeline.telemetry import Telemetry
from tests.dispatch_rig import POLICY, Told, make, queue, settled, until
from tests.reports import NOON, warning


@pytest.mark.parametrize("status", WarningStatus)
@pytest.mark.parametrize("named", [(), ("other",), ("duty",)])
def test_what_is_not_actual_leaves_by_named_channels_alone(
    tmp_path: Path, status: WarningStatus, named: tuple[str, ...]
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    queue(store, warning(status=status))
    channel = Told()

    async def run() -> None:
        one = Dispatcher(store, {"duty": channel}, make, POLICY, ManualClock(NOON), Telemetry(), named)
        running = asyncio.create_task(one.run())
        await until(lambda: settled(store))
        one.stop()
        await running

    asyncio.run(run())
    (row,) = store.deliveries(9)
    if status in {WarningStatus.ACTUAL, WarningStatus.SYSTEM} or named == ("duty",):
        assert (row.state, len(channel.sent)) == (DeliveryState.ACCEPTED, 1)
    else:
        assert channel.sent == []
        assert row.state is DeliveryState.FAILED
        assert row.reason == f"{status}: channel 'duty' is not among [drill] channels"
    store.close()


def test_the_gate_and_its_names() -> None:
    assert may_leave(warning(), "duty", ())
    assert not may_leave(warning(status=WarningStatus.TEST), "duty", {"other"})
    assert complaints(DrillOptions(channels=("duty", "fax")), ["duty", "mail"]) == [
        "no channel 'fax'; known: duty, mail"
    ]
