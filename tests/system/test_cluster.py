"""`make cluster` from nothing: readings are in InfluxDB, warnings on the page; what dies comes back; a second start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from cluster.places import PORTS, Places
from influxdb_client.client.influxdb_client import InfluxDBClient

from tests.asked import Asked

ROOT: Final = Path(__file__).parents[2]
WAIT_S: Final = 600.0
COUNT: Final = (
    'from(bucket: "forewarn") |> range(start: -1h) '
    '|> filter(fn: (r) => r._measurement == "reading" and r._field == "quality") |> group() |> count()'
)

pytestmark = [pytest.mark.system, pytest.mark.timeout(1500)]


def free_ports() -> int:
    """The first of as many free ports in a row as a cluster needs."""
    for first in range(21_000, 30_000, len(PORTS)):
        with ExitStack() as stack:
            try:
                for port in range(first, first + len(PORTS)):
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first
    pytest.fail(f"there are no {len(PORTS)} free ports in a row")


@contextmanager
def cluster(places: Places, *options: str) -> Iterator[None]:
    """The command until it has told its addresses; Ctrl-C at the end."""
    command = [sys.executable, str(ROOT / "scripts" / "run_cluster.py"), str(places.folder), *options]
    said = places.folder.with_suffix(".log")
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or b"Ctrl-C stops all" in said.read_bytes())
        assert process.poll() is None, said.read_text()
        assert f"http://{places.address('page')}/" in said.read_text()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 0, said.read_text()
    assert not places.socket.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", places.port("kafka"))), "the broker has ended"


def wait_until(reached: Callable[[], Any]) -> None:
    until_s = time.monotonic() + WAIT_S  # noqa: TID251  # real processes
    while not reached():
        assert time.monotonic() < until_s  # noqa: TID251  # the same
        time.sleep(0.2)


def warnings(places: Places) -> list[str]:
    found = httpx.get(f"http://{places.address('page')}/api/situation", timeout=120).json()
    return [one["hazard"] for one in found["situation"]["warnings"]]


def reporting(places: Places) -> int:
    found = httpx.get(f"http://{places.address('page')}/api/sensors", timeout=120).json()
    return sum(at is not None for *_, at in found["states"]["rows"])


def readings(places: Places) -> int:
    token = places.token.read_text().strip()
    with InfluxDBClient(f"http://{places.address('influxdb')}", token, org="forewarn", timeout=120_000) as client:
        return sum(record.values["_value"] for table in client.query_api().query(COUNT) for record in table.records)


def pid(places: Places, name: str) -> int:
    supervisorctl = str(Path(sys.executable).with_name("supervisorctl"))
    command = [supervisorctl, "-c", str(places.supervision), "pid", f"forewarn:{name}"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_a_cluster_is_made_from_nothing_mends_itself_and_goes_on_at_its_second_start(tmp_path: Path) -> None:
    places = Places(tmp_path / "c", free_ports())
    with cluster(places, "--ports", str(places.first_port)):
        wait_until(lambda: "fire" in warnings(places))
        wait_until(lambda: reporting(places) > 10)
        wait_until(lambda: readings(places) > 100)
        wait_until(lambda: list((places.folder / "data" / "townships").iterdir()))
        killed, answering = pid(places, "worker-0"), Asked(places.port("worker-0"))
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: pid(places, "worker-0") not in {0, killed})
        wait_until(answering.is_well)
        before = readings(places)
        wait_until(lambda: readings(places) > before)
    with cluster(places):
        assert "fire" in warnings(places), "what was stored is there"
        wait_until(lambda: readings(places) > before)
    refused = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "run_cluster.py"), str(places.folder), "--ports", "9000"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert f"has its ports from {places.first_port} on" in refused.stderr
