"""What must not happen silently: unreadable messages, offsets ahead of the state, a broker that is away, odd topics."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from unittest.mock import patch

import confluent_kafka
import pytest

from device_adapters.base import Reject, RejectReason
from pipeline.cli.main import run
from pipeline.clock import SystemClock
from pipeline.connectors.kafka.admin import create, look, require
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.spool import Spool
from pipeline.connectors.kafka.states import PART_BYTES, States
from pipeline.connectors.kafka.topics import Topic, layouts
from pipeline.errors import BrokerError, JournalError
from pipeline.runners.kafka_forward import COMPONENT, Forwarder
from pipeline.runners.kafka_gateway import KafkaSink
from pipeline.telemetry import Event, Telemetry
from tests.kafka_cluster import WAIT_S, Cluster
from tests.kafka_say import say
from tests.kafka_server import Broker
from tests.servers import free_port

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def commit_to_the_end(cluster: Cluster) -> None:
    """As if a worker had taken in everything, and its state were lost."""
    group = cluster.options.prefix + cluster.options.group
    consumer = confluent_kafka.Consumer({**cluster.options.librdkafka(), "group.id": group})
    name = cluster.options.prefix + Topic.READINGS
    ends = [
        confluent_kafka.TopicPartition(
            name, number, consumer.get_watermark_offsets(confluent_kafka.TopicPartition(name, number))[1]
        )
        for number in range(cluster.options.partitions)
    ]
    consumer.commit(offsets=ends, asynchronous=False)
    consumer.close()


def headers_of(message: confluent_kafka.Message) -> dict[str, str]:
    headers: Any = message.headers() or []
    return {name: value.decode() for name, value in headers}


def test_a_bad_message_goes_to_the_dead_letters_and_offsets_ahead_of_the_state_are_not_believed(
    broker: Broker, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    cluster.hand_in()
    commit_to_the_end(cluster)
    (position,) = say(cluster.options, [Message(Topic.READINGS, b"\xa9no batch", 0)])
    with cluster.start("worker") as worker:
        worker.wait_until(lambda: cluster.held(Topic.DEAD_LETTER) == 1)
        worker.wait_until(lambda: cluster.committed() == cluster.held(Topic.READINGS))
        worker.stop()
    (letter,) = cluster.messages(Topic.DEAD_LETTER)
    headers = headers_of(letter)
    assert letter.value() == b"\xa9no batch"
    assert headers["source"] == f"readings/0@{position}"
    assert headers["reason"] == "not_a_batch"
    assert "not a reading batch" in headers["detail"]
    assert cluster.results(Topic.WARNINGS), "what had been committed without a state was taken in again"


def test_a_worker_that_cannot_go_on_ends_and_commits_nothing(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    producer = Producer(cluster.options)
    States(cluster.options, producer).save(0, -1, b"no state of ours")
    producer.close()
    cluster.hand_in()
    with cluster.start("worker") as worker:
        assert worker.process.wait(WAIT_S) == 4
        assert "processing stopped" in worker.words()
        assert f"the state of partition 0 in topic {cluster.options.prefix}state cannot be taken up" in worker.words()
        assert "begin anew with topics of another kafka.prefix" in worker.words()
    assert cluster.committed() == 0


def test_state_is_found_as_it_was_saved_last_and_whole(broker: Broker, tmp_path: Path) -> None:
    options = Cluster(tmp_path, broker.servers, 2).options
    producer = Producer(options)
    states = States(options, producer)
    assert states.load(1) is None
    large = bytes(range(256)) * (PART_BYTES // 100)
    states.save(1, 5, b"small")
    states.save(1, 9, large)
    states.save(0, 3, b"")
    producer.send(Message(Topic.STATE, b"part of a snapshot that was never finished", 1, "unfinished/0")).result()
    again = States(options, producer)
    found, other = again.load(1), again.load(0)
    assert found is not None
    assert other is not None
    assert (found.position, found.data == large) == (9, True)
    assert (other.position, other.data) == (3, b"")
    States(options, producer).save(1, 7, b"of a worker that lost the partition without noticing")
    late = again.load(1)
    assert late is not None
    assert late.position == 9
    producer.close()


def test_a_snapshot_of_which_a_part_is_gone_is_none_and_that_is_told(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = Cluster(tmp_path, broker.servers, 1).options
    producer = Producer(options)
    states = States(options, producer)
    states.save(0, 5, b"whole")
    (part,) = states._stale[0]
    producer.send(Message(Topic.STATE, None, 0, part)).result()
    assert states.load(0) is None
    assert f"partition 0: no snapshot in {options.prefix}state is whole" in caplog.text
    producer.close()


def test_rejects_go_to_the_dead_letters(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    reject = Reject(0, RejectReason.BAD_VALUE, "value 'x' is no number", b'{"value": "x"}')

    async def refuse() -> None:
        producer, spool = Producer(cluster.options, timeout_s=0), Spool(tmp_path / "spool.db")
        forwarder = Forwarder(producer, spool, 10, 0, SystemClock(), Telemetry())
        await KafkaSink(cluster.config, forwarder, SystemClock(), Telemetry()).reject("push", [reject, reject])
        producer.close()
        spool.close()

    asyncio.run(refuse())
    letters = list(cluster.messages(Topic.DEAD_LETTER))
    assert [letter.value() for letter in letters] == [reject.excerpt] * 2
    assert [headers_of(letter)["source"] for letter in letters] == ["push"] * 2


def test_what_kafka_has_leaves_the_spool_when_the_disk_lets_it_and_is_sent_once(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    letters = [Message(Topic.DEAD_LETTER, b"%d" % number) for number in range(3)]
    refusals = [JournalError("the disk is full"), JournalError("the disk is full")]

    async def empty() -> None:
        producer, spool, telemetry = Producer(cluster.options, timeout_s=0), Spool(tmp_path / "spool.db"), Telemetry()
        spool.append(letters)
        forget = spool.forget

        def grudging(position: int) -> None:
            if refusals:
                raise refusals.pop()
            forget(position)

        with patch.object(spool, "forget", grudging):
            forwarder = Forwarder(producer, spool, 30, 1_000_000, SystemClock(), telemetry)
            running = asyncio.create_task(forwarder.run())
            async with asyncio.timeout(WAIT_S):
                await forwarder.emptied()
            running.cancel()
        assert telemetry.counts()[COMPONENT, Event.FAILED, "disk"] == 2
        producer.close()
        spool.close()

    asyncio.run(empty())
    assert [letter.value() for letter in cluster.messages(Topic.DEAD_LETTER)] == [one.value for one in letters]


def test_a_cluster_that_is_away_is_told(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 1)
    away = f"127.0.0.1:{free_port()}"
    cluster.path.write_text(cluster.path.read_text().replace(broker.servers, away))
    told = cluster.run("topics", "check")
    assert told.returncode == 4
    assert f"Kafka at {away}" in told.stderr


def test_topics_are_made_once_and_differences_are_explained(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, broker.servers, 2)
    assert create(cluster.options) == []
    found = look(cluster.options)
    wanted = layouts(cluster.options)
    assert found.keys() == wanted.keys()
    assert {name: one.partitions for name, one in found.items()} == {
        name: one.partitions for name, one in wanted.items()
    }
    assert run(["topics", "check", str(cluster.path)]) == 0
    cluster.path.write_text(cluster.path.read_text().replace("partitions = 2", "partitions = 4"))
    assert run(["topics", "check", str(cluster.path)]) == 1
    with pytest.raises(BrokerError, match=r"has 2 partitions, kafka\.partitions asks for 4"):
        require(cluster.options.model_copy(update={"partitions": 4}))
    with pytest.raises(BrokerError, match="was not made"):
        create(cluster.options.model_copy(update={"prefix": "no.", "replication": 3}))
