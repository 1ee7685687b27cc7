"""Kafka as a carrier: messages of foreign topics, committed only when we say so."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import confluent_kafka

log = logging.getLogger(__name__)


class Subscription:
    """One member of a consumer group; calls block, one thread at a time.

    Attributes:
        trouble: what the client complained of since the last message, in its words; empty while all is well.
    """

    def __init__(
        self, access: Mapping[str, Any], group: str, topics: Sequence[str], begin: Literal["earliest", "latest"]
    ) -> None:
        self.trouble = ""
        self._taken: dict[tuple[str, int], int] = {}
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
            },
            logger=log,
        )
        self._consumer.subscribe(list(topics))

    def take(self, limit: int, wait_s: float) -> list[confluent_kafka.Message]:
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
        for message in messages:
            self._taken[message.topic() or "", message.partition() or 0] = (message.offset() or 0) + 1
        return messages

    def acknowledge(self) -> None:
        """Commit all that was taken. Where that fails (the partition went to another member), it comes again."""
        offsets = [
            confluent_kafka.TopicPartition(topic, partition, offset)
            for (topic, partition), offset in self._taken.items()
        ]
        self._taken.clear()
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except confluent_kafka.KafkaException as error:
            log.info("what was taken in last is not committed and comes again: %s", error)

    def close(self) -> None:
        """Leave the group; what is not acknowledged comes again."""
        self._consumer.close()

    def _complained(self, error: confluent_kafka.KafkaError) -> None:
        self.trouble = str(error)
