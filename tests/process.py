"""A `forewarn run` of the tests' own: started, killed, started again; fed over HTTP until it acknowledges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from alerting.store.store import Store
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import from_ns, to_text
from pipeline.model.inventory import Inventory

TOKEN = "a-token-of-the-tests"
TABLES = ("findings", "assessments", "warnings", "deliveries", "ledger")

CONFIG = """
[process]
data = "data"
time = "{time}"
tick_s = {tick_s}
snapshot_every_s = {snapshot_every_s}
[inventory]
path = "inventory.toml"
[console]
port = 0
[quality]
clock_behind_s = 1e9
{push}"""
PEOPLE = """[channels.drop]
kind = "file_drop"
targets.here = "dropped"
targets.workshop = "dropped"
[[routes]]
name = "public"
to = ["drop/here"]
[[routes]]
name = "repair"
audience = "maintenance"
to = ["drop/workshop"]
"""
"""Of a configuration: all reports are written into the folder `dropped`."""
PUSH = """[adapters.push]
kind = "http"
port = {port}
[adapters.push.devices.field]
token_sha256 = "{digest}"
sensors = ["*"]
readings_per_s = 1e9
burst_readings = 1e9
"""


def push_section(port: int) -> str:
    """Of a configuration: readings are taken in over HTTP from one device, as many as it sends."""
    return PUSH.format(port=port, digest=sha256(TOKEN.encode()).hexdigest())


def write_site(
    folder: Path,
    inventory: Inventory,
    port: int,
    *,
    snapshot_every_s: float = 0.2,
    time: str = "event",
    tick_s: float = 60.0,
) -> Path:
    """A configuration for `inventory`; returns its path."""
    write_inventory(folder, inventory)
    (folder / "dropped").mkdir(exist_ok=True)
    path = folder / "forewarn.toml"
    text = CONFIG.format(push=push_section(port), snapshot_every_s=snapshot_every_s, time=time, tick_s=tick_s)
    path.write_text(text + PEOPLE, "utf-8")
    return path


def write_inventory(folder: Path, inventory: Inventory) -> None:
    """`inventory.toml` in `folder`."""
    lines = [
        f"[[{table}]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in fields(one))
        for table in ("areas", "sites", "sensors")
        for one in getattr(inventory, table)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inventory.toml").write_text("\n".join(lines), "utf-8")


def _toml(value: Any) -> str:
    """A value as TOML writes it, a table on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def fields(one: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in one.model_dump(mode="json").items() if value not in (None, {}, "")]


class Process:
    """One life of `forewarn run`."""

    def __init__(self, config: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = (config.parent / "run.log").open("ab")
        command = [str(Path(sys.executable).with_name("forewarn")), "run", str(config)]
        self._child = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)

    def wait_ready(self, timeout_s: float = 400.0) -> None:
        """Until devices are answered."""
        until_s = time.monotonic() + timeout_s  # noqa: TID251  # a test waits for a real process
        while not self.answers():
            if self._child.poll() is not None or time.monotonic() > until_s:  # noqa: TID251  # the same
                raise AssertionError(Path(self._log.name).read_text("utf-8")[-3000:])
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=10).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9, at once."""
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._log.close()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self._child.terminate()
        code = self._child.wait(timeout=180)
        self._log.close()
        return code


def body(batch: ReadingBatch) -> bytes:
    """The batch as a device sends it."""
    readings = [
        {"sensor": one.series.sensor, "value": one.value, "at": to_text(from_ns(one.observed_at_ns))}
        for one in batch.readings()
    ]
    return json.dumps({"readings": readings}).encode()


def post(client: httpx.Client, url: str, content: bytes) -> bool:
    """Whether it was acknowledged; False if the process is away or busy."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    try:
        answer = client.post(f"{url}/v1/readings", content=content, headers=headers)
    except httpx.HTTPError:
        return False
    if answer.status_code in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS}:
        return False
    assert answer.is_success, answer.text
    return True


def rows(folder: Path, tables: Sequence[str] = TABLES) -> dict[str, list[tuple[object, ...]]]:
    """What the store of a data folder holds, without what depends on when each channel was tried."""
    chosen = {"deliveries": "id, warning, channel, target"}
    store = Store(f"sqlite:///{folder / 'store.db'}")
    with store.read() as connection:
        return {
            table: sorted(
                (tuple(row) for row in connection.execute(text(f"SELECT {chosen.get(table, '*')} FROM {table}"))),  # noqa: S608
                key=repr,
            )
            for table in tables
        }
