"""A broker of the figures' own, the configuration of 10,000 sensors on it, and the processes that are measured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Final

from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.connectors.kafka.admin import create
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.stages.merge import merged
from pipeline.stages.shards import Shards
from pipeline.stages.ticks import with_ticks
from tests.asked import Asked
from tests.bench.field import villages
from tests.bench.workload import Stream
from tests.kafka_cluster import FOREWARN, Child
from tests.kafka_say import say
from tests.kafka_server import Kafka, fresh_prefix
from tests.process import push_section, write_inventory
from tests.servers import free_port

CLOCK: Final = SystemClock()
READY_S: Final = 120.0
LOOK_EVERY_S: Final = 0.1
CONFIG: Final = """
[process]
data = "data"
time = "{time}"
snapshot_every_s = 30
pending_max = 5000000
[inventory]
path = "inventory.toml"
[quality]
clock_behind_s = 1e9
[kafka]
servers = "{servers}"
prefix = "{prefix}"
partitions = {partitions}
replication = 1
linger_s = 0.01
[service]
log = "text"
{push}"""


@contextmanager
def broker() -> Iterator[Kafka]:
    """A broker that nobody else uses."""
    with TemporaryDirectory() as folder:
        kafka = Kafka(Path(folder))
        kafka.start()
        try:
            yield kafka
        finally:
            kafka.stop()


class Rig:
    """Topics of their own, and the processes of one measurement; all are killed on leaving.

    Attributes:
        port: where the gateway takes in readings over HTTP.

    Args:
        more: further lines of the configuration; {servers} stands for the broker.
    """

    def __init__(self, folder: Path, kafka: Kafka, partitions: int, *, time: str = "event", more: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "forewarn.toml"
        self._children: list[Child] = []
        self._kafka = kafka
        self.port = free_port()
        write_inventory(folder, villages(a_township=20))
        text = (CONFIG + more).format(
            servers=kafka.servers,
            prefix=fresh_prefix(),
            partitions=partitions,
            push=push_section(self.port),
            time=time,
        )
        self._path.write_text(text, "utf-8")
        self.config = load_config(self._path)
        create(self.config.kafka)

    def messages(self, readings: int) -> list[Message]:
        """The workload as a gateway would send it: cut by partition and by `batch_readings`, with its ticks."""
        options = self.config.kafka
        shards = Shards(self.config.plan(), options.partitions)
        rows = options.batch_readings * options.partitions
        made: list[Message] = []
        for entry in with_ticks(Stream(self.config.inventory).batches(readings, rows), EVENT_TICK_S):
            if isinstance(entry, Tick):
                made += [Message(Topic.READINGS, encode(entry), number) for number in range(options.partitions)]
            else:
                made += [Message(Topic.READINGS, encode(piece), number) for number, piece in _pieces(shards, entry)]
        return made

    def send(self, messages: Sequence[Message]) -> None:
        """Return when Kafka has them all."""
        say(self.config.kafka, messages)

    def start(self, word: str) -> Running:
        """`forewarn WORD`, once it is healthy."""
        port = free_port()
        child = Child([*FOREWARN, word, str(self._path), "--port", str(port)], self._path.parent / f"{word}-{port}.log")
        self._children.append(child)
        running = Running(child, port)
        running.wait_healthy()
        return running

    def broker_cpu_s(self) -> float:
        """Processor time that the broker has used."""
        return cpu_s(self._kafka.pid)

    def readings_bytes(self) -> int:
        """What the broker keeps on disk of `readings`."""
        topics = (self._kafka.folder / "log").glob(f"{self.config.kafka.prefix}{Topic.READINGS}-*/*.log")
        return sum(segment.stat().st_size for segment in topics)

    def close(self) -> None:
        """kill -9 to what still runs."""
        for child in self._children:
            if child.process.poll() is None:
                child.kill()


def _pieces(shards: Shards, batch: ReadingBatch) -> Iterator[tuple[int, ReadingBatch]]:
    return ((number, merged([piece])) for number, piece in shards.split(batch))


@contextmanager
def rig(partitions: int, *, time: str = "event", more: str = "") -> Iterator[Rig]:
    """A broker, a folder and a rig for one figure."""
    with broker() as kafka, TemporaryDirectory() as folder:
        made = Rig(Path(folder), kafka, partitions, time=time, more=more)
        try:
            yield made
        finally:
            made.close()


class Running(Asked):
    """A process of a cluster, asked by way of its health and metrics."""

    def __init__(self, child: Child, port: int) -> None:
        super().__init__(port)
        self.child = child

    def wait_healthy(self) -> None:
        """Until its health is good.

        Raises:
            AssertionError: it ended, or took longer than READY_S.
        """
        until_s = CLOCK.monotonic_s() + READY_S
        while not self.is_well():
            if self.child.process.poll() is not None or CLOCK.monotonic_s() > until_s:
                raise AssertionError(self.child.words())
            sleep(LOOK_EVERY_S)

    def count(self, component: str, event: str) -> float:
        """A counter of its telemetry; 0 before it counted."""
        return self.total("forewarn_events_total", component=component, event=event)

    def cpu_s(self) -> float:
        """Processor time that it has used."""
        return cpu_s(self.child.process.pid)


def cpu_s(pid: int) -> float:
    """Processor time of a process, its ended children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
