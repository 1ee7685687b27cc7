"""An adapter with a journal of its own in a process of its own, so that a test can kill it at the worst moment.

    python mqtt_subscriber.py HOST PORT PROTOCOL DATABASE CRASH

With CRASH = 1 the process kills itself (SIGKILL) when the first batch is durable, before it is acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from device_adapters.base import AdapterContext, Reject
from device_adapters.mqtt_options import MqttOptions
from device_adapters.mqtt_push import MqttPush
from pipeline.clock import ManualClock
from pipeline.model.batch import ReadingBatch
from tests.adapter_rig import FIELD, NOW


class FileSink:
    """Durable rows, one an identity; and each value that was submitted, as often as it was."""

    def __init__(self, path: str, *, crash: bool) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("CREATE TABLE IF NOT EXISTS readings (series, at_ns, value, UNIQUE (series, at_ns))")
        self._database.execute("CREATE TABLE IF NOT EXISTS submitted (value)")
        self._crash = crash

    async def submit(self, batch: ReadingBatch) -> None:
        rows = [(str(reading.series), reading.observed_at_ns, reading.value) for reading in batch.readings()]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", rows)
            self._database.executemany("INSERT INTO submitted VALUES (?)", [(value,) for _, _, value in rows])
        if self._crash:
            os.kill(os.getpid(), signal.SIGKILL)

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        raise AssertionError(f"{source}: {rejects}")


def main(host: str, port: str, protocol: str, path: str, crash: str) -> None:
    options = MqttOptions.model_validate(
        {
            "host": host,
            "port": int(port),
            "protocol": protocol,
            "client_id": f"killed-{protocol}-{Path(path).stem}",
        }
        | {"topics": ["killed/#"], "json": {"places": [{"sensor": "{topic[1]}", "value": "v", "at": "t"}]}}
    )
    context = AdapterContext(FIELD, FileSink(path, crash=crash == "1"), ManualClock(NOW))
    asyncio.run(MqttPush("killed", options, context).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
