"""Start what was prepared, in order, and stop all of it at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Final

import httpx

from cluster.places import PORTS, Places
from cluster.supervision import OURS, STOP_S
from pipeline.clock import SystemClock

FIRST_PORT: Final = 8480
READY_S: Final = 300.0
SOCKET_BYTES_MAX: Final = 90
"""A Unix socket's path may have 108 bytes; supervisord adds its process id for a moment."""
BIN: Final = Path(sys.executable).parent


class ClusterError(Exception):
    """It cannot go on, in words for people."""


def chosen_ports(folder: Path, asked: int | None) -> int:
    """The first port: as it was chosen at the first start of this folder.

    Raises:
        ClusterError: another one is asked for now, or there are not enough ports above it.
    """
    kept = folder / "ports.json"
    found = json.loads(kept.read_text("ascii")) if kept.exists() else None
    first = found or asked or FIRST_PORT
    if asked is not None and asked != first:
        raise ClusterError(f"the cluster in {folder} has its ports from {first} on; leave that, or take another folder")
    if not 1 <= first <= 65_536 - len(PORTS):
        raise ClusterError(f"ports from {first} on: want a number from 1 to {65_536 - len(PORTS)}")
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(first), "ascii")
    return first


@contextmanager
def supervised(places: Places) -> Iterator[subprocess.Popen[bytes]]:
    """Run supervisord with the servers; at the end it stops all that it has started.

    Raises:
        ClusterError: the folder's path is too long.
    """
    if len(bytes(places.socket)) > SOCKET_BYTES_MAX:
        raise ClusterError(f"{places.folder} is too long a path for a socket; take one nearer to the root")
    command = [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(places.supervision)]
    with (places.logs / "start.log").open("wb") as log:
        # a session of its own: a Ctrl-C is for us, who stop it in good order
        supervisor = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield supervisor
    finally:
        supervisor.terminate()
        supervisor.wait(4 * STOP_S)


def bring_up(places: Places, supervisor: subprocess.Popen[bytes]) -> None:
    """Return when the page answers.

    Raises:
        ClusterError: something does not start.
    """
    influx = f"http://{places.address('influxdb')}"
    _until("InfluxDB", places, supervisor, lambda: httpx.get(f"{influx}/health").is_success)
    _set_up_influxdb(influx, places)
    _until("Kafka", places, supervisor, lambda: _forewarn("topics", "create", str(places.config)))
    started = [str(BIN / "supervisorctl"), "-c", str(places.supervision), "start", f"{OURS}:*"]
    subprocess.run(started, check=False, stdout=subprocess.DEVNULL)
    page = f"http://{places.address('page')}/"
    _until("the page", places, supervisor, lambda: httpx.get(page).is_success)


def _until(what: str, places: Places, supervisor: subprocess.Popen[bytes], answers: Callable[[], bool]) -> None:
    clock = SystemClock()
    until_s = clock.monotonic_s() + READY_S
    while not _answers(answers):
        if supervisor.poll() is not None:
            said = (places.logs / "start.log").read_text("utf-8").strip()
            raise ClusterError(f"supervisord does not start: {said}")
        if clock.monotonic_s() > until_s:
            raise ClusterError(f"{what} does not answer after {READY_S:g} s; {places.logs} says why")
        sleep(0.5)


def _answers(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except httpx.HTTPError:
        return False


def _forewarn(*words: str) -> bool:
    return subprocess.run([BIN / "forewarn", *words], check=False, capture_output=True).returncode == 0


def _set_up_influxdb(url: str, places: Places) -> None:
    """User, organisation, bucket and token, of a server that has none yet."""
    if httpx.get(f"{url}/api/v2/setup").json()["allowed"]:
        token = places.token.read_text("ascii").strip()
        body = {"username": "forewarn", "password": token, "org": "forewarn", "bucket": "forewarn", "token": token}
        httpx.post(f"{url}/api/v2/setup", json=body).raise_for_status()
