"""Snapshots of a partition's state, each with the offset it includes, in the compacted topic `state`.

A snapshot is some parts and a head. The head is written when all parts are durable and names them, so a crash in
between leaves the snapshot before it whole; only then are the parts of older ones let go. A reader takes the complete
snapshot of the highest position: a worker that lost its partition without noticing cannot set the state back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4
from zlib import crc32

import confluent_kafka
import msgspec

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import BrokerError

PART_BYTES: Final = 512 * 1024
"""Well below the megabyte that a broker takes by default."""
HEAD: Final = "head"
_WAIT_MS: Final = 20
"""What is read is there already: the broker need not wait for more."""
READ_S: Final = 60.0
"""How long the broker may take to answer while state is read."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot, and the offset of the last message of `readings` that it includes."""

    position: int
    data: bytes


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    position: int
    parts: int
    crc: int


@dataclass
class _Log:
    """What the topic holds of one partition."""

    heads: list[_Head] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)

    def add(self, key: str, value: bytes | None) -> None:
        if key == HEAD and value:
            self.heads.append(msgspec.msgpack.decode(value, type=_Head))
        elif value is None:
            self.parts.pop(key, None)
        else:
            self.parts[key] = value

    def newest(self) -> tuple[_Head, Saved] | None:
        for head in sorted(self.heads, key=lambda one: one.position, reverse=True):
            parts = [self.parts.get(key) for key in _keys(head)]
            data = b"".join(part for part in parts if part is not None)
            if None not in parts and crc32(data) == head.crc:
                return head, Saved(head.position, data)
        return None


class States:
    """Where snapshots are saved and found. Calls block; one caller a partition at a time."""

    def __init__(self, options: KafkaOptions, producer: Producer) -> None:
        self.topic = options.prefix + Topic.STATE
        self._options = options
        self._producer = producer
        self._stale: dict[int, list[str]] = {}

    def save(self, partition: int, position: int, data: bytes) -> None:
        """Return when the snapshot is durable.

        Raises:
            BackPressureError: Kafka did not take it; the one before it stands.
        """
        pieces = [data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES)]
        head = _Head(uuid4().hex, position, len(pieces), crc32(data))
        self._write(partition, zip(_keys(head), pieces, strict=True))
        self._write(partition, [(HEAD, msgspec.msgpack.encode(head))])
        self._write(partition, [(key, None) for key in self._stale.get(partition, ())])
        self._stale[partition] = list(_keys(head))

    def load(self, partition: int) -> Saved | None:
        """The newest complete snapshot; None where there is none.

        Raises:
            BrokerError: the broker does not answer.
        """
        found = _Log()
        for key, value in self._read(partition):
            found.add(key, value)
        self._stale[partition] = list(found.parts)
        newest = found.newest()
        if found.heads and newest is None:
            log.warning("partition %d: no snapshot in %s is whole; its log is taken in anew", partition, self.topic)
        return newest[1] if newest else None

    def _write(self, partition: int, records: Iterable[tuple[str, bytes | None]]) -> None:
        sent: list[Future[int]] = [
            self._producer.send(Message(Topic.STATE, value, partition, key)) for key, value in records
        ]
        for one in sent:
            one.result()

    def _read(self, partition: int) -> Iterator[tuple[str, bytes | None]]:
        """Every record up to the end that the partition has now."""
        consumer = confluent_kafka.Consumer(
            {
                **self._options.librdkafka(),
                "group.id": f"{self._options.group}-state",  # the client asks for one; nothing is committed
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "fetch.wait.max.ms": _WAIT_MS,
            }
        )
        name = self._options.prefix + Topic.STATE
        consumer.assign([confluent_kafka.TopicPartition(name, partition, confluent_kafka.OFFSET_BEGINNING)])
        try:
            while True:
                message = consumer.poll(READ_S)
                error = message.error() if message else None
                if error and error.code() == confluent_kafka.KafkaError._PARTITION_EOF:  # noqa: SLF001  # its public name
                    return
                if message is None or error:
                    raise BrokerError(f"state of {name}/{partition} cannot be read: {error or 'no answer'}")
                yield (message.key() or b"").decode(), message.value()
        finally:
            consumer.close()


def _keys(head: _Head) -> Iterator[str]:
    return (f"{head.name}/{number}" for number in range(head.parts))
