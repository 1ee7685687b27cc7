"""Processes that do nothing but dispatch, quick to start and to kill: forked from one that has loaded everything."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Mapping
from datetime import timedelta
from itertools import cycle
from multiprocessing.process import BaseProcess
from typing import Final

from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.errors import StoreError
from pipeline.model.delivery import Delivery
from pipeline.telemetry import Telemetry
from tests.reports import delivery, message, put, warning

TARGETS: Final = {
    **{f"fine-{number}": "ok" for number in range(10)},
    **{f"{kind}-{number}": kind for kind in ("flaky", "s500", "verdict", "quota", "hang") for number in range(2)},
}
"""Twenty receivers: ten that take everything, and pairs that fail in every way there is."""
HANGING: Final = 3
"""Deliveries to each receiver that hangs: every try takes its whole time limit."""
POLICY: Final = RetryPolicy(first_s=0.05, factor=1.5, max_s=0.3, attempts=5)

_CONTEXT: Final = multiprocessing.get_context("forkserver")


def queue(store: Store, warnings: int, first: int = 0) -> list[Delivery]:
    """Store so many warnings, numbered from `first`, each for one of the receivers."""
    now = SystemClock().now()
    few = {name: HANGING if kind == "hang" else warnings for name, kind in TARGETS.items()}
    rows, reports, names = [], [], cycle(TARGETS)
    for number in range(first, first + warnings):
        name = next(each for each in names if few[each])
        few[name] -= 1
        report = warning(f"{number}", sent_at=now, expires_at=now + timedelta(hours=1))
        reports.append(report)
        rows.append(delivery(report, "hung" if TARGETS[name] == "hang" else "duty", name))
    put(store, reports, rows, now)
    return rows


def start(store_url: str, address: str) -> BaseProcess:
    """A process that dispatches what `queue` has stored, to the receivers of a `tests.http_sink`."""
    _CONTEXT.set_forkserver_preload([__name__])
    process = _CONTEXT.Process(target=main, args=(store_url, address), daemon=True)
    process.start()
    return process


def main(store_url: str, address: str) -> None:
    """Until killed."""
    verdict = {"success_path": "errcode", "success_value": 0}
    targets = {name: {"url": f"{address}/{kind}"} | verdict for name, kind in TARGETS.items()}
    hung = {name: targets.pop(name) for name, kind in TARGETS.items() if kind == "hang"}
    channels = {"duty": channel("duty", targets, 30), "hung": channel("hung", hung, 0.3)}
    store, clock = opened(store_url), SystemClock()
    asyncio.run(Dispatcher(store, channels, message, POLICY, clock, Telemetry()).run())


def channel(name: str, targets: Mapping[str, object], timeout_s: float) -> Webhook:
    options = {"targets": targets, "timeout_s": timeout_s, "max_concurrent": 20}
    return Webhook(name, WebhookOptions.model_validate(options))


def opened(url: str) -> Store:
    """A store whose server may be starting at this very moment."""
    while True:
        try:
            return Store(url)
        except StoreError:
            time.sleep(0.1)
