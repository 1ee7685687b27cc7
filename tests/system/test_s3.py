"""Recordings in a bucket of a real S3 server: written once over kills, played by span, and what goes wrong in words."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from signal import SIGKILL
from time import sleep
from types import MappingProxyType
from unittest.mock import patch

import httpx
import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from device_adapters.recordings.s3 import S3Access
from pipeline.config.recorder import RecorderOptions
from pipeline.connectors.recorder.place import place_of
from pipeline.connectors.recorder.recorder import Recorder
from pipeline.errors import RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.inventory import Inventory
from tests.district import BEGIN, batches, inventory
from tests.kafka_cluster import FOREWARN, Cluster, recordings
from tests.kafka_server import Broker
from tests.process import Process, body, post, write_site
from tests.s3_server import ACCESS, SECRET, FreshBucket, S3Server, Server, s3_in
from tests.servers import free_port, killable

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

STREAM = list(batches(minutes=2 * 1440, per_batch_min=60))
FIELD = inventory()
Row = tuple[str, int, float]


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = s3_in(tmp_path_factory.mktemp("s3"))
    with patch.dict(os.environ, started.environment):
        yield started
    started.stop()


@pytest.fixture
def bucket(s3: Server) -> FreshBucket:
    return FreshBucket(s3)


@pytest.fixture
def mortal_s3(s3: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with (
        killable(s3, lambda: S3Server(tmp_path_factory.mktemp("s3")).start()) as one,
        patch.dict(os.environ, one.environment),
    ):
        yield one


def access(server: Server, **more: str) -> S3Access:
    return S3Access(endpoint=server.endpoint, **more)


def rows(some: Iterable[ReadingBatch]) -> list[Row]:
    return sorted((one.series.sensor, one.observed_at_ns, one.value) for batch in some for one in batch.readings())


def played(bucket: FreshBucket, field: Inventory = FIELD, span: Mapping[str, str] = MappingProxyType({})) -> list[Row]:
    options = {"files": (bucket.url,), "s3": access(bucket.server), **span}
    with Recording(RecordingOptions.model_validate(options), field) as recording:
        return rows(recording.batches())


def recorder(bucket: FreshBucket) -> Recorder:
    options = RecorderOptions(path=bucket.url, s3=access(bucket.server))
    return Recorder(place_of(options), "v7", "5f0c91d2")


def test_what_was_recorded_is_played_and_remains_of_a_crash_are_written_anew(bucket: FreshBucket) -> None:
    draw = Random(7)  # noqa: S311  # no secret
    position = 0
    while position < len(STREAM):
        life, last = recorder(bucket), min(position + draw.randrange(1, 20), len(STREAM) - 1)
        for at in range(position, last + 1):
            life.take(0, at, STREAM[at])
        if draw.random() < 0.8:
            life.roll()
        position = last + 1 if life.readings == 0 and draw.random() < 0.5 else position  # else: not acknowledged
    other = recorder(bucket)
    other.take(1, 0, None)
    assert other.roll() == {1: 0}
    assert played(bucket) == rows(STREAM)
    assert all(name.startswith(("day=2026-06-01/shard=0000/", "day=2026-06-02/shard=0000/")) for name in bucket.names())


def test_a_span_opens_the_days_asked_for_and_no_others(bucket: FreshBucket) -> None:
    life = recorder(bucket)
    for at, batch in enumerate(STREAM):
        life.take(0, at, batch)
    life.roll()
    first, second = bucket.names()
    assert first.startswith("day=2026-06-01")
    span = {"from_at": "2026-06-02T06:00Z", "until_at": "2026-06-02T07:00Z"}
    expected = rows(STREAM[30:31])
    assert played(bucket, span=span) == expected
    bucket.spoil(first)
    assert played(bucket, span=span) == expected
    with pytest.raises(RecordingError, match=f"{bucket.url}/{first}: cannot be read as Parquet"):
        played(bucket)
    assert second.startswith("day=2026-06-02")
    assert BEGIN.day == 1


def test_what_goes_wrong_is_told_with_its_remedy_and_never_the_key(s3: Server, bucket: FreshBucket) -> None:
    def said(url: str = bucket.url, at: S3Access | None = None, key: Mapping[str, str] = MappingProxyType({})) -> str:
        options = RecordingOptions(files=(url,), s3=at or access(s3))
        with patch.dict(os.environ, key), pytest.raises(RecordingError) as raised:
            Recording(options, inventory())
        words = str(raised.value)
        assert s3.environment[SECRET] not in words
        assert "wrong-secret" not in words
        return words

    assert "s3://no-such-bucket-here/x cannot be read: there is no such bucket; make it" in said(
        "s3://no-such-bucket-here/x"
    )
    assert f"{bucket.url}: an address without a Parquet file" in said()
    assert "the key of s3.secret_key_env is not the one of s3.access_key_env" in said(key={SECRET: "wrong-secret"})
    assert f"the key of s3.access_key_env ({ACCESS}) is not known there" in said(key={ACCESS: "nobody"})
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert f"nobody answers at {nowhere}; correct s3.endpoint" in said(at=S3Access(endpoint=nowhere))
    assert f"s3.access_key_env: environment variable {ACCESS} is not set" in said(key={ACCESS: ""})


def test_a_run_records_there_though_the_server_is_away_for_a_while_and_replay_plays_it(
    mortal_s3: S3Server, tmp_path: Path
) -> None:
    bucket, stream = FreshBucket(mortal_s3), STREAM[:8]
    port = free_port()
    config = write_site(tmp_path, inventory(), port)
    config.write_text(config.read_text() + bucket.section(roll_s=0.3))
    process = Process(config, port)
    process.wait_ready()
    with httpx.Client(timeout=60) as client:
        for number, batch in enumerate(stream):
            while not post(client, process.url, body(batch)):
                sleep(0.05)
            if number == 3:
                while not bucket.names():
                    sleep(0.05)
                mortal_s3.stop()
    sleep(1)
    mortal_s3.start()
    while played(bucket) != rows(stream):
        sleep(0.1)
    assert process.stop() == 0
    words = ["replay", bucket.url, "--config", str(config), "--from", "2026-06-01T01:00Z", "--json"]
    shown = subprocess.run([*FOREWARN, *words], check=True, capture_output=True, text=True)
    assert json.loads(shown.stdout)["readings"] == len(rows(stream[1:]))


def test_a_sink_records_what_is_in_kafka_once_though_it_and_the_server_are_killed(
    broker: Broker, mortal_s3: S3Server, tmp_path: Path
) -> None:
    bucket, cluster = FreshBucket(mortal_s3), Cluster(tmp_path, broker.servers, 2)
    text = cluster.path.read_text().replace("[service]\n", "[service]\nsink_port = 0\n")
    cluster.path.write_text(text + bucket.section(roll_s=0.3))
    with Recording(RecordingOptions(files=tuple(recordings())), cluster.config.inventory) as recording:
        sent = rows(recording.batches())

    def is_all_there() -> bool:
        try:
            return len(played(bucket, cluster.config.inventory)) >= len(sent)
        except RecordingError:  # nothing yet, or a file that is being replaced
            return False

    cluster.hand_in()
    with cluster.start("sink") as first:
        first.wait_until(lambda: bool(bucket.names()))
        mortal_s3.stop(SIGKILL)
        first.kill()
    mortal_s3.start()
    with cluster.start("sink") as second:
        second.wait_until(is_all_there)
        second.stop()
    assert played(bucket, cluster.config.inventory) == sent
