"""From Kafka to a real InfluxDB and to Parquet: every reading that was sent is there, whatever is killed meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import sleep
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.connectors.influx.spool import LOCK
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.results import messages
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.recorder.files import recorded
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Yield
from pipeline.runners.replay import replay
from pipeline.runners.sink_influx import SINK_SPOOL
from tests.chaos import chance, kills, note
from tests.influx_server import Bucket, Influxd, InfluxServer
from tests.kafka_cluster import Child, Cluster, recordings
from tests.kafka_say import say
from tests.kafka_server import Broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

KILLS = min(kills(), 20)
"""Of the sink, and as many of InfluxDB; what one recording has room for."""


Row = tuple[str, str, int, float]


def rows(batches: Iterable[ReadingBatch]) -> set[Row]:
    return {
        (one.series.sensor, one.series.quantity, one.observed_at_ns, one.value)
        for batch in batches
        for one in batch.readings()
    }


@pytest.fixture(scope="module")
def sent(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> set[Row]:
    """What the recordings of the demonstration hold."""
    config = Cluster(tmp_path_factory.mktemp("sent"), broker.servers, 1).config
    with Recording(RecordingOptions(files=tuple(recordings())), config.inventory) as recording:
        return rows(recording.batches())


class Sink:
    """Topics and a bucket of its own."""

    def __init__(self, folder: Path, broker: Broker, influx: Influxd) -> None:
        self.cluster = Cluster(folder, broker.servers, 2)
        self.bucket = Bucket(influx)
        self.recording = folder / "recording"
        text = self.cluster.path.read_text().replace("[service]\n", "[service]\nsink_port = 0\n")
        recorder = f'[recorder]\npath = "{self.recording}"\nroll_s = 0.5\n'
        self.cluster.path.write_text(text + self.bucket.section(timeout_s=60, store_every_s=0.5) + recorder)

    def start(self) -> Child:
        with patch.dict(os.environ, self.bucket.environment):
            return self.cluster.start("sink")

    def readings(self) -> int:
        return self.bucket.count("reading", "quality")

    def has_more_than(self, readings: int) -> bool:
        return self.readings() > readings

    def recorded_rows(self) -> int:
        """How many rows the finished files hold."""
        return sum(pq.read_metadata(path).num_rows for path in recorded(self.recording))

    def recorded(self) -> set[Row]:
        """Which readings they are."""
        options = RecordingOptions(files=tuple(recorded(self.recording)))
        with Recording(options, self.cluster.config.inventory) as recording:
            return rows(recording.batches())


@pytest.mark.chaos
def test_everything_arrives_in_both_though_influxdb_and_the_sink_are_killed(
    broker: Broker, mortal_influx: InfluxServer, sent: set[Row], tmp_path: Path
) -> None:
    """Both, once or as often as `make chaos` asks for, while readings are on their way; either may go first."""
    sink = Sink(tmp_path, broker, mortal_influx)
    sink.cluster.hand_in()
    draw = chance()
    for _ in range(KILLS):
        with sink.start() as process:
            process.wait_until(partial(sink.has_more_than, min(sink.readings(), len(sent) - 1)))
            ends: list[Callable[[], None]] = [process.kill, partial(mortal_influx.stop, signal.SIGKILL)]
            draw.shuffle(ends)
            for end in ends:
                end()
                sleep(draw.uniform(0, 1))
            mortal_influx.start()
    with sink.start() as second:
        second.wait_until(lambda: sink.readings() == len(sent))
        second.wait_until(lambda: sink.recorded_rows() >= len(sent))
        second.stop()
    assert sink.readings() == len(sent)
    assert sink.recorded_rows() == len(sent)
    assert sink.recorded() == sent
    assert [path.name for path in (tmp_path / "data" / SINK_SPOOL).iterdir()] == [LOCK]
    note("sink and InfluxDB are killed", 2 * KILLS, readings_in_each=len(sent))


def test_results_are_written_as_often_as_they_were_said(broker: Broker, influx: Influxd, tmp_path: Path) -> None:
    sink = Sink(tmp_path, broker, influx)
    config = sink.cluster.config
    with Recording(RecordingOptions(files=tuple(recordings())), config.inventory) as recording:
        found = replay(config.plan(), recording.batches())
    said = list(messages(Yield(found.findings, found.assessments, found.warnings)))
    say(sink.cluster.options, [*said, *said, Message(Topic.WARNINGS, b'{"no": "warning"}')])  # as after a crash
    with sink.start() as process:
        process.wait_until(lambda: sink.bucket.count("warning", "id") == len(found.warnings))
        process.wait_until(lambda: sink.bucket.count("finding", "id") == len(found.findings))
        process.wait_until(lambda: sink.bucket.count("assessment", "id") == len(found.assessments))
        process.wait_until(lambda: sink.bucket.count("lag", "messages") > 0)
        process.wait_until(lambda: sink.cluster.held(Topic.DEAD_LETTER) == 1)
        process.stop()
    (letter,) = sink.cluster.messages(Topic.DEAD_LETTER)
    assert letter.value() == b'{"no": "warning"}'


def test_a_wrong_token_stops_the_start_and_nothing_to_write_is_told(
    broker: Broker, influx: Influxd, tmp_path: Path
) -> None:
    sink = Sink(tmp_path, broker, influx)
    with patch.dict(os.environ, {"INFLUXDB_TOKEN": "wrong"}):
        ended = sink.cluster.run("sink")
    assert ended.returncode != 0
    assert "does not accept the token of influx.token_env" in ended.stderr
    assert "wrong" not in ended.stderr
    text = sink.cluster.path.read_text()
    sink.cluster.path.write_text(text[: text.index("[influx]")])
    ended = sink.cluster.run("sink")
    assert "the sink has nothing to write: give influx.url, recorder.path or both" in ended.stderr


def test_readings_of_a_window_are_thinned_to_the_last_of_each(broker: Broker, influx: Influxd, tmp_path: Path) -> None:
    sink = Sink(tmp_path, broker, influx)
    path = sink.cluster.path
    path.write_text(path.read_text().replace("[influx]\n", "[influx]\nwindow_s = 3600\n"))
    sink.cluster.hand_in()
    options = RecordingOptions(files=tuple(recordings()))
    with Recording(options, sink.cluster.config.inventory) as recording:
        hours = {(s, q, ns // 3_600_000_000_000) for s, q, ns, _ in rows(recording.batches())}
    with sink.start() as process:
        process.wait_until(lambda: sink.readings() == len(hours))
        process.stop()


def test_a_recording_is_played_back_into_kafka(broker: Broker, influx: Influxd, sent: set[Row], tmp_path: Path) -> None:
    sink = Sink(tmp_path / "first", broker, influx)
    sink.cluster.hand_in()
    with sink.start() as process:
        process.wait_until(lambda: sink.recorded_rows() == len(sent))
        process.stop()
    again = Sink(tmp_path / "again", broker, influx)
    played = again.cluster.run("replay", str(sink.recording), "--to-kafka", "--config")
    assert f"{len(sent):,} readings are in Kafka" in played.stdout, played.stderr
    with again.start() as process:
        process.wait_until(lambda: again.readings() == len(sent))
        process.stop()
