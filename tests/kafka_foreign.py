"""Topics of others on a test's broker: made, filled, and how far a group has come in them."""

from __future__ import annotations

from collections.abc import Iterable

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # as its documents say


def make_topic(servers: str, topic: str, partitions: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": servers})  # while it lives, it waits for the answer
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(120)


def put(servers: str, topic: str, payloads: Iterable[bytes | None]) -> None:
    """Return when the broker has them."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers, "linger.ms": 5})
    for payload in payloads:
        producer.produce(topic, payload)
        producer.poll(0)
    assert producer.flush(120) == 0


def committed(servers: str, group: str, topic: str) -> int:
    """How many messages of partition 0 a group need not see again."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": servers, "group.id": group})
    try:
        (found,) = consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=60)
        return max(found.offset, 0)
    finally:
        consumer.close()
