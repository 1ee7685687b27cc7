"""A process that does nothing but dispatch: `python -m tests.system.dispatching STORE_URL RECEIVER_URL`."""

from __future__ import annotations

import asyncio
import sys

from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.telemetry import Telemetry
from tests.reports import NOON, message

TARGETS = [f"target-{number}" for number in range(4)]


def main(store_url: str, receiver_url: str) -> None:
    targets = {name: {"url": receiver_url} for name in TARGETS}
    channel = Webhook("duty", WebhookOptions.model_validate({"targets": targets}))
    policy = RetryPolicy()
    dispatcher = Dispatcher(Store(store_url), {"duty": channel}, message, policy, ManualClock(NOON), Telemetry())
    asyncio.run(dispatcher.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
