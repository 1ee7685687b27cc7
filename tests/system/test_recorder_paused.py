"""A recorder that stood still for longer than its session: what its successor wrote meanwhile stays."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.recorder.files import recorded
from tests.district import batches
from tests.kafka_cluster import Cluster
from tests.kafka_say import say
from tests.kafka_server import Broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_a_recorder_that_was_paused_takes_nothing_from_its_successor(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    recording = tmp_path / "recording"
    text = cluster.path.read_text().replace("[service]\n", "[service]\nsink_port = 0\n")
    cluster.path.write_text(f'{text}[recorder]\npath = "{recording}"\nroll_s = 1.0\n')
    stream = list(batches(minutes=600))
    sent = [Message(Topic.READINGS, batch.encode(), 0) for batch in stream]
    total = sum(map(len, stream))

    def rows() -> int:
        return sum(pq.read_metadata(path).num_rows for path in recorded(recording))

    with cluster.start("sink") as paused:
        say(cluster.options, sent[:10])
        paused.wait_until(lambda: rows() > 0)
        say(cluster.options, sent[10:20])
        os.killpg(paused.process.pid, signal.SIGSTOP)
        with cluster.start("sink") as successor:
            say(cluster.options, sent[20:])
            successor.wait_until(lambda: rows() >= total)
            os.killpg(paused.process.pid, signal.SIGCONT)
            paused.stop()
            assert rows() == total
            successor.stop()
    assert rows() == total
