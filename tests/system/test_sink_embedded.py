"""InfluxDB and the recorder beside `forewarn run`: whatever is killed, what was acknowledged is in both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import sleep
from unittest.mock import patch

import httpx
import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.clock import SystemClock
from pipeline.model.batch import ReadingBatch
from tests.chaos import note
from tests.district import batches, inventory
from tests.influx_server import Bucket, Influxd, InfluxServer
from tests.process import Process, body, post, write_site
from tests.servers import free_port

pytestmark = [pytest.mark.system, pytest.mark.chaos, pytest.mark.timeout(600)]


class Site:
    def __init__(self, folder: Path, influx: Influxd) -> None:
        self.bucket = Bucket(influx)
        self.port = free_port()
        self.config = write_site(folder, inventory(), self.port)
        more = self.bucket.section(store_every_s=0.3, timeout_s=60) + '[recorder]\npath = "recording"\nroll_s = 0.5\n'
        self.config.write_text(self.config.read_text() + more)

    def start(self, token: str | None = None) -> Process:
        with patch.dict(os.environ, {"INFLUXDB_TOKEN": token} if token else self.bucket.environment):
            process = Process(self.config, self.port)
        process.wait_ready()
        return process

    def recorded(self) -> list[tuple[str, int]]:
        options = RecordingOptions(files=(self.config.parent / "recording",))
        with Recording(options, inventory()) as recording:
            return identities(recording.batches())


def identities(stream: Iterator[ReadingBatch]) -> list[tuple[str, int]]:
    return sorted((one.series.sensor, one.observed_at_ns) for batch in stream for one in batch.readings())


def send(stream: list[ReadingBatch], process: Process) -> None:
    with httpx.Client(timeout=60) as client:
        for batch in stream:
            while not post(client, process.url, body(batch)):
                sleep(0.02)


def wait_for(site: Site, readings: int) -> None:
    for _ in range(900):
        found = site.bucket.count("reading", "quality")
        if found == readings:
            return
        sleep(0.2)
    raise AssertionError(f"{found} of {readings} readings are there")


def test_killed_process_and_killed_influxdb(mortal_influx: InfluxServer, tmp_path: Path) -> None:
    begin = SystemClock().now().replace(microsecond=0) - timedelta(hours=9)
    stream = list(batches(minutes=300, per_batch_min=2, begin=begin))
    site = Site(tmp_path, mortal_influx)
    process = site.start()
    send(stream[:50], process)
    mortal_influx.stop(signal.SIGKILL)
    send(stream[50:90], process)
    process.kill()
    process = site.start()
    send(stream[90:120], process)
    mortal_influx.start()
    send(stream[120:], process)
    process.kill()
    process = site.start()
    expected = identities(iter(stream))
    wait_for(site, len(expected))
    assert process.stop() == 0
    assert site.recorded() == expected, "each reading stands in the recording once"
    assert site.bucket.count("warning", "id") > 0
    assert site.bucket.count("lag", "messages") > 0
    note("the one process is killed twice, InfluxDB once", 1, readings=len(expected))


def test_a_wrong_token_warns_people_all_the_same(influx: Influxd, tmp_path: Path) -> None:
    site = Site(tmp_path, influx)
    process = site.start("wrong")
    stream = list(batches(minutes=60))
    send(stream, process)
    while "does not accept the token" not in (tmp_path / "run.log").read_text():
        sleep(0.05)
    assert process.stop() == 0
    assert site.bucket.count("reading", "quality") == 0
    process = site.start()
    wait_for(site, sum(map(len, stream)))
    assert process.stop() == 0


def test_no_token_stops_the_start(influx: Influxd, tmp_path: Path) -> None:
    site = Site(tmp_path, influx)
    command = [sys.executable, "-c", "from pipeline.cli.main import main; main()", "run", str(site.config)]
    environment = {name: value for name, value in os.environ.items() if name != "INFLUXDB_TOKEN"}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
    assert ended.returncode != 0
    assert "influx.token_env: environment variable INFLUXDB_TOKEN is not set; set it to a token" in ended.stderr
