"""Kafka as a carrier: messages of foreign topics, committed only when we say so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import confluent_kafka

LEAVE_S: Final = 5.0
"""How long leaving the group may take: librdkafka waits for commits that brokers out of reach cannot answer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """Messages in the order of each partition, and from where on each is to go on once they are durable."""

    messages: Sequence[confluent_kafka.Message]
    offsets: Sequence[confluent_kafka.TopicPartition]


class Subscription:
    """One member of a consumer group; calls come from one thread at a time, and none outlasts brokers that went.

    Attributes:
        trouble: what the client complained of since the last message, in its words; empty while all is well.
    """

    def __init__(
        self, access: Mapping[str, Any], group: str, topics: Sequence[str], begin: Literal["earliest", "latest"]
    ) -> None:
        self.trouble = ""
        self._consumer = confluent_kafka.Consumer(
            {
                **access,
                "group.id": group,
                "auto.offset.reset": begin,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "partition.assignment.strategy": "cooperative-sticky",
                "queued.min.messages": 200_000,
                "fetch.queue.backoff.ms": 5,
                "error_cb": self._complained,
                "on_commit": _committed,
            },
            logger=log,
        )
        self._consumer.subscribe(list(topics))

    def take(self, limit: int, wait_s: float) -> Taken:
        """What has arrived, at most `limit` messages; empty when nothing did within `wait_s`."""
        messages = []
        for message in self._consumer.consume(limit, wait_s):
            error = message.error()
            if error is None:
                messages.append(message)
            else:
                self._complained(error)
        if messages:
            self.trouble = ""
        return Taken(messages, self._ends(messages))

    def acknowledge(self, taken: Taken) -> None:
        """Have it committed. Where that fails (brokers or the partition went), it comes again."""
        if taken.offsets:
            self._consumer.commit(offsets=list(taken.offsets), asynchronous=True)

    def _ends(self, messages: Sequence[confluent_kafka.Message]) -> list[confluent_kafka.TopicPartition]:
        """The last message of each partition, looked for from the end until every partition of ours has one."""
        missing = {(one.topic, one.partition) for one in self._consumer.assignment()} if messages else set()
        ends: dict[tuple[str, int], int] = {}
        for message in reversed(messages):
            if not missing:
                break
            place = message.topic() or "", message.partition() or 0
            missing.discard(place)
            ends.setdefault(place, (message.offset() or 0) + 1)
        return [confluent_kafka.TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]

    def close(self) -> None:
        """Leave the group; what is not acknowledged comes again."""
        leaving = threading.Thread(target=self._consumer.close, name="leave", daemon=True)
        leaving.start()
        leaving.join(LEAVE_S)
        if leaving.is_alive():
            log.info("the brokers do not answer: left without their leave; what they did not commit comes again")

    def _complained(self, error: confluent_kafka.KafkaError) -> None:
        self.trouble = str(error)


def _committed(error: confluent_kafka.KafkaError | None, _: Sequence[confluent_kafka.TopicPartition]) -> None:
    if error is not None:
        log.info("what was taken in last is not committed and comes again: %s", error)
