"""Topics as the sink reads them: many messages at a time, acknowledged when they are where they should be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import BrokerAwayError, BrokerError

log = logging.getLogger(__name__)

_NO_MEMBER: Final = (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION, KafkaError.FENCED_INSTANCE_ID)

Partitions = Sequence[int]


def _nothing(_: Partitions) -> None:
    pass


class Stream:
    """One member of a group of sinks; one thread's.

    Args:
        group: after the prefix: the group that remembers how far the sink has come.
        before_leaving: called with the partitions that go to another member, while they may still be acknowledged.
        lost: called with those that another member may have already.
    """

    def __init__(
        self,
        options: KafkaOptions,
        group: str,
        topics: Sequence[Topic],
        before_leaving: Callable[[Partitions], None] = _nothing,
        lost: Callable[[Partitions], None] = _nothing,
    ) -> None:
        self._prefix = options.prefix
        self._servers = options.servers
        self._consumer = Consumer(
            {
                **options.librdkafka(),
                "group.id": f"{options.prefix}{group}",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": round(options.session_s * 1e3),
                "partition.assignment.strategy": "cooperative-sticky",
                "fetch.queue.backoff.ms": 5,
            },
            logger=log,
        )
        self._consumer.subscribe(
            [options.prefix + topic for topic in topics],
            on_revoke=lambda _, which: before_leaving([one.partition for one in which]),
            on_lost=lambda _, which: lost([one.partition for one in which]),
        )

    def take(self, number: int, wait_s: float) -> list[confluent_kafka.Message]:
        """At most so many messages, after at most so long.

        Raises:
            BrokerError: the connection is broken for good, or a topic is gone.
        """
        messages = self._consumer.consume(number, wait_s)
        for message in messages:
            error = message.error()
            if error is not None and (error.fatal() or error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART):
                raise BrokerError(f"Kafka at {self._servers}: {error.str()}")
            if error is not None:
                log.warning("Kafka: %s", error.str())
        return [message for message in messages if message.error() is None]

    def topic_of(self, message: confluent_kafka.Message) -> Topic:
        """Which of ours it stands in."""
        return Topic(str(message.topic()).removeprefix(self._prefix))

    def acknowledge(self) -> None:
        """Everything that was taken so far is where it should be."""
        self._commit()

    def acknowledge_up_to(self, topic: Topic, positions: Mapping[int, int]) -> None:
        """Partition -> position of the last message that is where it should be."""
        name = self._prefix + topic
        self._commit(offsets=[TopicPartition(name, number, last + 1) for number, last in positions.items()])

    def are_mine(self, topic: Topic, positions: Mapping[int, int]) -> bool:
        """Whether Kafka still takes these partitions for ours.

        A member that was paused hears of its successor when it asks, and not before.

        Args:
            positions: partition -> the position that the group goes on from there.

        Raises:
            BrokerAwayError: it does not answer.
        """
        name = self._prefix + topic
        try:
            self._consumer.commit(
                offsets=[TopicPartition(name, number, at) for number, at in positions.items()], asynchronous=False
            )
        except KafkaException as error:
            reason: Any = error.args[0]
            if reason.code() in _NO_MEMBER:
                return False
            raise BrokerAwayError(f"Kafka at {self._servers}: {reason.str()}") from error
        return True

    def _commit(self, **what: Any) -> None:
        """What is not acknowledged comes again, and changes nothing: so a refusal is only told."""
        try:
            self._consumer.commit(asynchronous=False, **what)
        except KafkaException as error:
            reason: Any = error.args[0]
            if reason.code() != KafkaError._NO_OFFSET:  # noqa: SLF001  # its public name: nothing new was taken
                log.warning("Kafka was not told how far the sink has come, and sends it again: %s", reason.str())

    def hold(self) -> None:
        """Stay a member of the group without taking anything; call it again and again."""
        assigned = self._consumer.assignment()
        self._consumer.pause(assigned)
        message = self._consumer.poll(0)
        self._consumer.resume(assigned)
        if message is not None and message.error() is None:  # fetched before: it has to come again
            self._consumer.seek(TopicPartition(str(message.topic()), message.partition() or 0, message.offset() or 0))

    def lag(self) -> dict[tuple[Topic, int], int]:
        """(topic, partition) -> messages that were not taken yet, of the partitions that are this member's."""
        found = {}
        for one in self._consumer.position(self._consumer.assignment()):
            try:
                begin, end = self._consumer.get_watermark_offsets(one, cached=True)
            except KafkaException:
                continue
            if end >= 0:
                position = one.offset if one.offset >= 0 else begin
                found[Topic(one.topic.removeprefix(self._prefix)), one.partition] = max(0, end - position)
        return found

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()
