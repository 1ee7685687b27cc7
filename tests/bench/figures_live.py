"""Reading to warning on the live path of a `forewarn run`, under a steady load over HTTP."""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from pipeline.runners.embedded import STORE_FILE
from tests.bench.field import READINGS_PER_POST, READINGS_PER_S, villages
from tests.bench.figure import Figure
from tests.bench.pinned import measured
from tests.process import Process, write_site

ALARMS: Final = 250
SNAPSHOT_EVERY_S: Final = 30.0
_LOAD: Final = f"10,000 sensors, {READINGS_PER_S:,} readings/s over HTTP in posts of {READINGS_PER_POST}"


@cache
def _run() -> dict[str, Any]:
    """What the field saw of one process."""
    port = _free_port()
    with TemporaryDirectory() as folder:
        site = Path(folder)
        config = write_site(site, villages(), port, snapshot_every_s=SNAPSHOT_EVERY_S, time="wall", tick_s=1.0)
        process = Process(config, port)
        try:
            process.wait_ready()
            store = site / "data" / STORE_FILE
            told: dict[str, Any] = measured("tests.bench.field", "run", process.url, str(store), str(ALARMS))
        finally:
            process.stop()
    return told


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _quantile(name: str, share: float) -> float:
    return float(np.quantile(_run()[name], share))


MEDIAN: Final = Figure(
    "embedded.live_p50_s",
    "s",
    f"{_LOAD}: from the instant a gas alarm is due to be sent until its warning can be read from the store; "
    f"the median of {ALARMS} alarms at as many villages",
    lambda: _quantile("warned_s", 0.50),
)
P99: Final = Figure(
    "embedded.live_p99_s",
    "s",
    "the same, the 99th percentile; a look at the store every 5 ms and the lateness of the sender are part of it",
    lambda: _quantile("warned_s", 0.99),
    MEDIAN.name,
)
LATE: Final = Figure(
    "embedded.live_sender_late_p99_s",
    "s",
    "by how much the sender of that load began a post too late, the 99th percentile",
    lambda: _quantile("late_s", 0.99),
    P99.name,
)
