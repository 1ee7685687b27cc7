from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting import listening
from alerting.base import Receipt, Tell
from alerting.listening import Listening
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.model.delivery import DeliveryState
from pipeline.telemetry import Event, Telemetry
from tests.dispatch_rig import Told, queue
from tests.reports import NOON, delivery, warning


class Hearing(Told):
    """Cannot hear at first, then hears of a message of ours and of one that nobody knows, then nothing more."""

    def __init__(self, deaf: int) -> None:
        super().__init__()
        self.asked = 0
        self._deaf = deaf

    async def listen(self, tell: Tell) -> None:
        self.asked += 1
        if self.asked <= self._deaf:
            raise ConnectionError("T0pSecret")
        await tell(Receipt(delivery(warning()).id, DeliveryState.DELIVERED, "ok"))
        await tell(Receipt("nothing of ours", DeliveryState.FAILED, "UNDELIV"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'store.db'}")
    queue(one, warning())
    yield one
    one.close()


def test_a_channel_that_cannot_hear_is_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", (0.001, 0.002))
    caplog.set_level(logging.INFO)
    channel, telemetry = Hearing(deaf=3), Telemetry()
    asyncio.run(Listening(channel, store, ManualClock(NOON), telemetry).run())
    assert channel.asked == 4
    assert store.deliveries(9)[0].state is DeliveryState.DELIVERED
    said = [record.message for record in caplog.records if "receipts" in record.message]
    assert said == [
        "channel duty: receipts cannot be heard: ConnectionError",
        "channel duty: receipts are heard again",
    ]
    assert "T0pSecret" not in caplog.text
    counted = telemetry.counts()
    assert counted["receipts.duty", Event.RECEIVED, ""] == 2
    assert counted["receipts.duty", Event.DROPPED, "unknown"] == 1
    assert counted["receipts.duty", Event.FAILED, "ConnectionError"] == 3
    assert counted["receipts.duty", Event.FAILED, "UNDELIV"] == 1
