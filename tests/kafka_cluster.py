"""Gateways and workers of the tests' own on a real broker, and what they left in the topics."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import confluent_kafka

from pipeline.clock import SystemClock
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.connectors.kafka.admin import create
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.states import States
from pipeline.connectors.kafka.topics import Topic
from pipeline.runners import kafka_gateway as gateway
from pipeline.runners.service import Service
from pipeline.telemetry import Telemetry
from tests.kafka_server import fresh_prefix

DEMO: Final = Path(__file__).parents[1] / "pipeline" / "samples" / "demo"
CONFIG: Final = """
[process]
time = "event"
snapshot_every_s = {snapshot_every_s}
[inventory]
path = "{demo}/inventory"
[quality]
clock_behind_s = 1e9
[adapters.recordings]
kind = "replay"
files = {files}
chunk_rows = 20000
[kafka]
servers = "{servers}"
prefix = "{prefix}"
partitions = {partitions}
replication = 1
linger_s = 0.01
session_s = 6
[service]
gateway_port = 0
worker_port = 0
log = "text"
"""
"""The recordings of the demonstration; 6 s is the shortest session that a broker allows by default."""

WAIT_S: Final = 400.0


def recordings() -> list[Path]:
    return sorted((DEMO / "recordings").glob("*.parquet"))


class Cluster:
    """Topics of their own, and the processes on them."""

    def __init__(
        self, folder: Path, servers: str, partitions: int, snapshot_every_s: float = 0.5, text: str = CONFIG
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "forewarn.toml"
        files = json.dumps([str(path) for path in recordings()])
        self.path.write_text(
            text.format(
                demo=DEMO,
                files=files,
                servers=servers,
                prefix=fresh_prefix(),
                partitions=partitions,
                snapshot_every_s=snapshot_every_s,
            )
        )
        self.config: Config = load_config(self.path)
        self.options = self.config.kafka
        create(self.options)

    def hand_in(self) -> None:
        """The recordings, through a gateway in this process, to their end."""
        telemetry = Telemetry()
        service = Service("gateway", self.config.service, telemetry)
        asyncio.run(gateway.run(self.config, SystemClock(), telemetry, service))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run([*FOREWARN, *words, str(self.path)], check=False, capture_output=True, text=True)

    def start(self, word: str, *options: str) -> Child:
        """A command that goes on."""
        return Child([*FOREWARN, word, str(self.path), *options], self.path.parent / f"{word}.log")

    def committed(self) -> int:
        """Messages of `readings` that the workers need not see again."""
        consumer = self._consumer(self.options.prefix + self.options.group)
        try:
            return sum(max(one.offset, 0) for one in consumer.committed(self._partitions(Topic.READINGS), timeout=60))
        except confluent_kafka.KafkaException:  # a broker that has just started looks for the group's coordinator
            return 0
        finally:
            consumer.close()

    def held(self, topic: Topic) -> int:
        """Messages that a topic holds."""
        consumer = self._consumer("tests")
        try:
            ends = [consumer.get_watermark_offsets(one, timeout=60) for one in self._partitions(topic)]
            return sum(end - begin for begin, end in ends)
        finally:
            consumer.close()

    def messages(self, topic: Topic) -> Iterator[confluent_kafka.Message]:
        """All of a topic, partition by partition."""
        for one in self._partitions(topic):
            consumer = self._consumer("tests")
            begin, end = consumer.get_watermark_offsets(one, timeout=60)
            consumer.assign([confluent_kafka.TopicPartition(one.topic, one.partition, begin)])
            for _ in range(begin, end):
                message = consumer.poll(60)
                assert message is not None
                assert message.error() is None
                yield message
            consumer.close()

    def results(self, topic: Topic) -> list[dict[str, Any]]:
        """What a topic says, each statement once, in the order of the first time it was said."""
        said = [json.loads(message.value() or b"null") for message in self.messages(topic)]
        return list({(one["id"], one.get("revision")): one for one in reversed(said)}.values())[::-1]

    def states(self) -> list[bytes | None]:
        """The newest state of each partition."""
        producer = Producer(self.options)
        states = States(self.options, producer)
        saved = [states.load(number) for number in range(self.options.partitions)]
        producer.close()
        return [one.data if one else None for one in saved]

    def _partitions(self, topic: Topic) -> list[confluent_kafka.TopicPartition]:
        count = 1 if topic is Topic.DEAD_LETTER else self.options.partitions
        return [confluent_kafka.TopicPartition(self.options.prefix + topic, number) for number in range(count)]

    def _consumer(self, group: str) -> confluent_kafka.Consumer:
        return confluent_kafka.Consumer({**self.options.librdkafka(), "group.id": group, "enable.auto.commit": False})


FOREWARN: Final = (sys.executable, "-c", "from pipeline.cli.main import main; main()")


class Child:
    """A process that is signalled, and whose words are shown when it fails."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log
        with log.open("ab") as words:
            self.process = subprocess.Popen(command, stdout=words, stderr=words, start_new_session=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def kill(self) -> None:
        """kill -9, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM; the process ends in good order."""
        self.process.terminate()
        assert self.process.wait(180) == 0, self.words()

    def words(self) -> str:
        return self._log.read_text("utf-8")[-3000:]

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Until something holds, while the process lives."""
        until_s = time.monotonic() + WAIT_S  # noqa: TID251  # a test waits for a real process
        while not reached():
            assert self.process.poll() is None, self.words()
            assert time.monotonic() < until_s, self.words()  # noqa: TID251  # the same
            time.sleep(0.05)
