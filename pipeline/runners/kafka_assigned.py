"""A partition in a worker's hands: the order of its offsets, and what may be committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faust.types import EventT

from pipeline.runners.kafka_partition import Partition


class Assigned:
    """Chooses messages in the order of their offsets, each once, and acknowledges what a snapshot includes.

    What was committed may be ahead of the state: a worker that had lost the partition without noticing saved it last.
    Then the stream is set back once, and what had been fetched before is left alone until it comes again.
    """

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self._included: list[EventT[Any]] = []
        self._sought: int | None = None

    def choose(self, events: Sequence[EventT[Any]]) -> tuple[list[EventT[Any]], int | None]:
        """What of these messages is to be taken in now, and the offset to go back to where some before are missing."""
        chosen: list[EventT[Any]] = []
        back: int | None = None
        reached = self.partition.position
        for event in events:
            offset = event.message.offset
            if offset <= reached:
                self._included.append(event)
            elif self._is_next(offset, reached + 1):
                chosen.append(event)
                reached = offset
            elif self._sought is None:  # messages before it are yet to come, and were not asked for
                self._sought, back = offset, reached + 1
            if self._sought is not None and reached >= self._sought:
                self._sought = None  # the gap was made up for
        return chosen, back

    def took(self, events: Sequence[EventT[Any]], *, saved: bool) -> None:
        """Note messages that were taken in; acknowledge what a snapshot includes."""
        self._included += events
        if saved:
            self.acknowledge()

    def acknowledge(self) -> None:
        """Let Faust commit what was taken in so far."""
        for event in self._included:
            event.ack()
        self._included.clear()

    def _is_next(self, offset: int, expected: int) -> bool:
        """Whether it is the next one; the topic may hold nothing in between (retention)."""
        return offset == expected or (self._sought is not None and expected < offset <= self._sought)
