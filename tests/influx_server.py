"""A real InfluxDB for system tests: on a free port, its data in a temporary folder, its token one of the tests."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import httpx
import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient

from tests.servers import READY_S, Given, Local, free_port

URL: Final = "INFLUXDB_URL"
TOKEN: Final = "INFLUXDB_TOKEN"
ORG: Final = "INFLUXDB_ORG"
"""Where an InfluxDB 2 is, if the tests are not to start one; the token must be one that may make buckets."""
SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "influxdb.sh"


class InfluxServer(Local):
    """A server that keeps its data in `folder` over a restart."""

    def __init__(self, folder: Path, tls: Sequence[str] = (), authority: Path | None = None) -> None:
        """`tls`: influxd's own options of certificate and key, which `authority` vouches for."""
        port = free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self._verify = ssl.create_default_context(cafile=authority)
        self.org, self.token = "tests", "a-token-of-the-tests"
        places = [f"--{name}={folder / name}" for name in ("bolt-path", "engine-path", "sqlite-path")]
        address = f"--http-bind-address=127.0.0.1:{port}"
        super().__init__([_binary(), *places, *tls, address, "--reporting-disabled"], folder / "influxd.log")

    def set_up(self) -> Self:
        body = {"username": "tests", "password": "tests-tests", "org": self.org, "bucket": "first", "token": self.token}
        httpx.post(f"{self.url}/api/v2/setup", json=body, timeout=READY_S, verify=self._verify).raise_for_status()
        return self

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=10, verify=self._verify).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


class GivenInflux(Given):
    """A server that runs elsewhere."""

    def __init__(self, url: str) -> None:
        self.url, self.token, self.org = url, os.environ[TOKEN], os.environ.get(ORG, "forewarn")


Influxd = InfluxServer | GivenInflux


def influx_in(folder: Path) -> Influxd:
    """The server of a test, running."""
    url = os.environ.get(URL)
    return GivenInflux(url) if url else InfluxServer(folder).start().set_up()


class Bucket:
    """A bucket of its own on a server, and what is asked of it."""

    def __init__(self, server: Influxd) -> None:
        self.server = server
        self.name = f"t{uuid4().hex[:8]}"
        with self._client() as client:
            client.buckets_api().create_bucket(bucket_name=self.name, org=server.org)

    def section(self, **more: Any) -> str:
        """`[influx]` of a configuration."""
        options = {"url": self.server.url, "org": self.server.org, "bucket": self.name, "linger_s": 0.05, **more}
        written = (f"{name} = {json.dumps(value)}" for name, value in options.items())
        return "\n".join(["[influx]", *written, ""])

    @property
    def environment(self) -> dict[str, str]:
        return {TOKEN: self.server.token}

    def rows(self, flux: str, values: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """What a Flux query returns, table by table; it names the bucket BUCKET."""
        for name, value in {"BUCKET": self.name, **(values or {})}.items():
            flux = flux.replace(name, value)
        with self._client() as client:
            return [record.values for table in client.query_api().query(flux) for record in table.records]

    def count(self, measurement: str, field: str) -> int:
        """Points of a measurement that have a field."""
        flux = (
            f'from(bucket: "BUCKET") |> range(start: 1980-01-01T00:00:00Z, stop: 2100-01-01T00:00:00Z) '
            f'|> filter(fn: (r) => r._measurement == "{measurement}" and r._field == "{field}") '
            "|> group() |> count()"
        )
        return sum(row["_value"] for row in self.rows(flux))

    def _client(self) -> InfluxDBClient:
        return InfluxDBClient(self.server.url, self.server.token, org=self.server.org, timeout=120_000)


def _binary() -> str:
    """What scripts/influxdb.sh prints; it builds the server the first time, which takes minutes."""
    brought = subprocess.run([str(SCRIPT)], check=False, capture_output=True, text=True)
    if brought.returncode:
        told = brought.stderr[-1500:]
        pytest.fail(f"InfluxDB cannot be brought by scripts/influxdb.sh:\n{told}\nor set {URL} and {TOKEN}")
    return brought.stdout.strip()
