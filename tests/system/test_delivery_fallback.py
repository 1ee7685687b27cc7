"""A channel whose receivers refuse, or hang: people are told by another one, and the ledger says by which."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from alerting.calling import Calling
from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.desk import Desk
from alerting.outlet import Outlet
from alerting.people.options import DutyOptions
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy
from alerting.stages.route import EVERY_DAY, RouteOptions
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState
from pipeline.telemetry import Telemetry
from tests.dispatch_rig import until
from tests.receivers import receiver
from tests.reports import message, warning

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("answers", "after_s", "why"),
    [("s401", 60, "none of 2 could be sent"), ("hang", 1, "none of 2 was taken within 1 s")],
)
def test_people_are_told_by_another_channel_where_one_fails(
    tmp_path: Path, answers: str, after_s: float, why: str
) -> None:
    store, clock, telemetry = Store(f"sqlite:///{tmp_path / 'store.db'}"), SystemClock(), Telemetry()
    way = {"name": "people", "to": ["chat/*"], "fallback": ["text/*"], "fallback_after_s": after_s}
    with receiver(answers) as broken, receiver("ok") as working:
        chats = {name: {"url": broken.url("x")} for name in ("a", "b")}
        channels = {
            "chat": Webhook("chat", WebhookOptions.model_validate({"targets": chats, "timeout_s": 60})),
            "text": Webhook("text", WebhookOptions.model_validate({"targets": {"a": {"url": working.url("x")}}})),
        }
        targets = {name: one.targets for name, one in channels.items()}
        dispatcher = Dispatcher(store, channels, message, RetryPolicy(attempts=1), clock, telemetry)
        calling = Calling(store, DutyOptions(), EVERY_DAY)
        outlet = Outlet(store, [RouteOptions.model_validate(way)], targets)
        desk = Desk(store, outlet, calling, DutyOptions(), EVERY_DAY, clock, dispatcher.wake)
        report = warning(sent_at=clock.now(), expires_at=clock.now() + timedelta(hours=1))

        async def play() -> None:
            running = [asyncio.create_task(each.run()) for each in (dispatcher, desk)]
            await asyncio.to_thread(store.save, Record(warnings=(report,)), clock.now(), outlet.offer)
            dispatcher.wake()
            await until(lambda: bool(store.deliveries(9, channel="text", state=DeliveryState.ACCEPTED)))
            for each in running:  # what hangs is not waited for
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

        asyncio.run(play())
        assert len(working.received) == 1
    (entry,) = store.ledger()
    assert [(one.channel, one.accepted_at is not None) for one in entry.channels] == [("text", True)]
    (told,) = [one for one in store.audit() if one.action == "route.fallback"]
    assert told.detail == f"route 'people': chat: {why}; told text/a"
    store.close()
