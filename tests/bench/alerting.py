"""Deliveries a second, by our channels and by Prometheus' Alertmanager, to the same receiver in the same run.

Every figure is of a process of its own, so that none inherits what another left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

import httpx

from alerting.base import Channel, Message
from alerting.channels.apprise import AppriseChannel, AppriseOptions
from alerting.channels.http_batch import HttpBatch, HttpBatchOptions
from alerting.channels.loudspeaker import Loudspeaker, LoudspeakerOptions
from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.due import Due
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning
from pipeline.runners.heap import settle
from pipeline.telemetry import Telemetry
from tests.http_sink import http_sink
from tests.reports import delivery, put, warning
from tests.servers import Mosquitto, free_port

TARGETS: Final = 1000
CLOCK: Final = SystemClock()


def deliveries_per_s(kind: str, number: str) -> float:
    """So many deliveries queued, sent and durably accepted by a channel of this kind."""
    with TemporaryDirectory() as folder, _receiver(kind, Path(folder)) as address:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        names = [f"target-{place}" for place in range(TARGETS)]
        queue(store, names, int(number) // TARGETS)
        channel = _channel(kind, address, names)
        settle()  # as every process that delivers does at its start
        began_s = time.perf_counter()
        asyncio.run(_run(dispatcher_of(store, channel), lambda: not store.is_due("duty", CLOCK.now())))
        took_s = time.perf_counter() - began_s
        counts = store.delivery_counts()
        store.close()
    if counts != {("duty", DeliveryState.ACCEPTED): int(number)}:
        raise RuntimeError(f"not all were accepted: {counts}")
    return int(number) / took_s


@contextmanager
def _receiver(kind: str, folder: Path) -> Iterator[str]:
    """Where a channel of this kind sends to."""
    if kind != "loudspeaker":
        with http_sink() as address:
            yield address
        return
    broker = Mosquitto(folder).start()
    try:
        yield f"mqtt://127.0.0.1:{broker.port}"
    finally:
        broker.stop()


def first_deliveries_s(receivers: str, seconds: str) -> list[float]:
    """From a warning in the store to its first delivery: ten warnings a second, each to so many receivers."""
    names = [f"target-{place:03}" for place in range(int(receivers))]
    with TemporaryDirectory() as folder, http_sink() as address:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        targets = {name: {"url": f"{address}/count"} for name in names}
        channel = Webhook("duty", WebhookOptions.model_validate({"targets": targets}))
        done: list[bool] = []
        dispatcher = dispatcher_of(store, channel)
        feeder = Thread(target=_feed, args=(store, names, float(seconds), dispatcher, done))
        settle()
        feeder.start()
        asyncio.run(_run(dispatcher, lambda: bool(done)))
        feeder.join()
        entries = {entry.warning: to_ns(entry.issued_at) for entry in store.ledger()}
        first: dict[str, float] = {}
        for one in store.deliveries(10_000_000, state=DeliveryState.ACCEPTED):
            if one.finished_at:
                late_s = (to_ns(one.finished_at) - entries[one.warning]) / 1e9
                first[one.warning] = min(late_s, first.get(one.warning, late_s))
        store.close()
    if len(first) != len(entries):
        raise RuntimeError(f"{len(entries) - len(first)} warnings reached nobody")
    return list(first.values())


def _feed(store: Store, names: Sequence[str], seconds: float, dispatcher: Dispatcher, done: list[bool]) -> None:
    end_s, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < end_s:
        queue(store, names, 1, number)
        dispatcher.wake()
        number += 1
        time.sleep(0.1)
    time.sleep(1)
    done.append(True)


def queue(store: Store, names: Sequence[str], warnings: int, first: int = 0) -> None:
    for number in range(first, first + warnings):
        now = CLOCK.now()
        report = warning(f"{number}", sent_at=now, expires_at=now + timedelta(hours=1))
        put(store, [report], [delivery(report, "duty", name) for name in names], now)


def _channel(kind: str, address: str, names: Sequence[str]) -> Channel:
    if kind == "webhook":
        options = {"targets": {name: {"url": f"{address}/count"} for name in names}, "max_concurrent": 200}
        return Webhook("duty", WebhookOptions.model_validate(options))
    if kind == "http_batch":
        gateway = {"url": f"{address}/count"}
        settings = {"gateway": gateway, "targets": {name: name for name in names}, "batch_max": 200}
        return HttpBatch("duty", HttpBatchOptions.model_validate(settings))
    if kind == "loudspeaker":
        at = urlsplit(address)
        broker = {
            "host": at.hostname,
            "port": at.port,
            "client_id": "speakers",
            "targets": {name: name for name in names},
        }
        return Loudspeaker("duty", LoudspeakerOptions.model_validate(broker))
    plain = {name: {"url": f"json://{address.removeprefix('http://')}/count"} for name in names}
    return AppriseChannel("duty", AppriseOptions.model_validate({"targets": plain}))


def dispatcher_of(store: Store, channel: Channel) -> Dispatcher:
    return Dispatcher(store, {"duty": channel}, _message, RetryPolicy(), CLOCK, Telemetry())


async def _run(dispatcher: Dispatcher, done: Callable[[], bool]) -> None:
    running = asyncio.create_task(dispatcher.run())
    while not await asyncio.to_thread(done):  # noqa: ASYNC110  # what is waited for is in the database
        await asyncio.sleep(0.2)  # each look costs what 500 deliveries do
    dispatcher.stop()
    await running


def _message(report: HazardWarning, to: Due) -> Message:
    return Message(to.id, report, _CAP, "Fire, orange", "Fire at the mill. Leave by the north gate.")


_CAP: Final = b"<alert>" + b"x" * 1500 + b"</alert>"


def alertmanager_per_s(number: str) -> float:
    """So many alerts, each a group of its own, posted to Alertmanager and sent by it to one web hook."""
    port = free_port()
    with TemporaryDirectory() as folder, http_sink() as address:
        config = Path(folder) / "alertmanager.yml"
        config.write_text(
            "route: {receiver: hook, group_by: ['...'], group_wait: 1ms, group_interval: 1h, repeat_interval: 24h}\n"
            f"receivers: [{{name: hook, webhook_configs: [{{url: '{address}/count', send_resolved: false}}]}}]\n"
        )
        command = ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder}/data"]
        listen = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with Popen([*command, *listen, "--log.level=error"], stdout=DEVNULL, stderr=DEVNULL) as process:
            try:
                return _drained(f"http://127.0.0.1:{port}", address, int(number))
            finally:
                process.kill()


def _drained(manager: str, sink: str, number: int) -> float:
    with httpx.Client(timeout=60) as client:
        while not _ready(client, manager):
            time.sleep(0.1)
        began_s = time.perf_counter()
        for first in range(0, number, 2000):
            alerts = [{"labels": _labels(place)} for place in range(first, min(first + 2000, number))]
            client.post(f"{manager}/api/v2/alerts", json=alerts).raise_for_status()
        while (count := client.get(f"{sink}/count").json()) < number:
            if time.perf_counter() - began_s > 300:
                raise RuntimeError(f"Alertmanager sent {count} of {number}")
            time.sleep(0.05)
        return number / (time.perf_counter() - began_s)


def _labels(place: int) -> dict[str, str]:
    return {"alertname": "Fire", "instance": f"target-{place}", "severity": "orange"}


def _ready(client: httpx.Client, manager: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return client.get(f"{manager}/-/ready").is_success
    return False


if __name__ == "__main__":
    _, called, *rest = sys.argv
    sys.stdout.write(json.dumps(globals()[called](*rest)))
