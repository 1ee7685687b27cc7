"""A partition in a worker's hands: the order of its offsets, and what may be committed."""

from __future__ import annotations

from typing import Any

from faust.types import EventT

from pipeline.runners.kafka_partition import Partition


class Assigned:
    """Takes messages in the order of their offsets, each once, and acknowledges what a snapshot includes.

    What was committed may be ahead of the state: a worker that had lost the partition without noticing saved it last.
    Then the stream is set back once, and what had been fetched before is left alone until it comes again.
    """

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self._included: list[EventT[Any]] = []
        self._sought: int | None = None

    def wants(self, offset: int) -> bool:
        """Whether the message is the next one; the topic may hold nothing in between (retention)."""
        expected = self.partition.position + 1
        return offset == expected or (self._sought is not None and expected < offset <= self._sought)

    def is_gap(self, offset: int) -> bool:
        """Whether messages between the state and this one are yet to come, and were not asked for."""
        return offset > self.partition.position + 1 and self._sought is None

    def seeking(self, offset: int) -> int:
        """Where to go back to, `offset` being the first message after the gap."""
        self._sought = offset
        return self.partition.position + 1

    def took(self, event: EventT[Any], *, saved: bool) -> None:
        """Note a message that was taken in or is included already; acknowledge what a snapshot includes."""
        self.settle(event.message.offset)
        self._included.append(event)
        if saved:
            self.acknowledge()

    def settle(self, offset: int) -> None:
        """Forget a gap that was made up for."""
        if self._sought is not None and offset >= self._sought:
            self._sought = None

    def acknowledge(self) -> None:
        """Let Faust commit what was taken in so far."""
        for event in self._included:
            event.ack()
        self._included.clear()
