"""Messages put into Kafka by a test, all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import Producer

TIMEOUT_S: Final = 120
"""A broker that was just started takes its time."""
_AHEAD: Final = 1_000


def say(options: KafkaOptions, messages: Iterable[Message]) -> list[int]:
    """The offset of each, when Kafka has them all."""
    producer = Producer(options, timeout_s=TIMEOUT_S)
    sent = []
    offsets = []
    try:
        for message in messages:
            sent.append(producer.send(message))
            if len(sent) > _AHEAD:
                offsets.append(sent.pop(0).result())
        return offsets + [one.result() for one in sent]
    finally:
        producer.close()
