"""A message on its way to Kafka."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.topics import Topic

BY_KEY: Final = -1
LETTER_MAX_BYTES: Final = 65_536
"""Of what could not be read; with its headers it must fit into a message, whatever came."""
_WORDS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and where to.

    Attributes:
        partition: BY_KEY leaves it to the key, or to chance where there is none.
        readings: how many it carries, for the counters.
    """

    topic: Topic
    value: bytes | None
    partition: int = BY_KEY
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    readings: int = 0


def buried(letter: DeadLetter) -> Message:
    """For the dead letters: the first LETTER_MAX_BYTES of what could not be read, its story in the headers."""
    headers = {
        "source": letter.source,
        "reason": letter.reason,
        "detail": letter.detail[:_WORDS_MAX],
        "received_ns": str(letter.received_ns),
        "bytes": str(len(letter.excerpt)),
    }
    return Message(Topic.DEAD_LETTER, letter.excerpt[:LETTER_MAX_BYTES], headers=headers)
