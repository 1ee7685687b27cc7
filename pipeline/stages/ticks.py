"""Ticks of event time: where a stream of readings crosses a boundary, time is told to move on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import NS_PER_S, from_ns


class EventTicks:
    """Puts a Tick before the first reading at or past each multiple of `every_s`, one per crossing.

    Where the ticks stand depends on the readings and their order alone, not on how they are cut into batches.
    A reading that steps back in time crosses nothing; one dated after it was received says no more than the receipt.
    """

    def __init__(self, every_s: float, reached_ns: int | None = None) -> None:
        """`reached_ns`: the last tick of the log so far, where it has some already."""
        self._every_ns = round(every_s * NS_PER_S)
        self.reached_ns = reached_ns

    def cut(self, batch: ReadingBatch) -> Iterator[Entry]:
        """The batch in pieces, with the ticks between them."""
        if not len(batch):
            return
        at_ns = batch.observed_at_ns
        if batch.received_at_ns is not None:
            at_ns = np.minimum(at_ns, batch.received_at_ns)
        reached = np.maximum.accumulate(at_ns) // self._every_ns * self._every_ns
        start = 0
        for row in self._crossings(reached):
            if row > start:
                yield batch.take(slice(start, row))
            self.reached_ns = int(reached[row])
            yield Tick(from_ns(self.reached_ns))
            start = row
        yield batch if start == 0 else batch.take(slice(start, None))

    def _crossings(self, reached: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
        """Rows before which a tick belongs. The very first reading of a stream starts time, with a tick."""
        before = np.concatenate(([self.reached_ns if self.reached_ns is not None else -1], reached[:-1]))
        return [int(row) for row in np.flatnonzero(reached > np.maximum.accumulate(before))]


def with_ticks(batches: Iterable[ReadingBatch], every_s: float) -> Iterator[Entry]:
    """A whole recording as entries of the log, closed by a tick at its last reading."""
    ticks = EventTicks(every_s)
    last_ns: int | None = None
    for batch in batches:
        yield from ticks.cut(batch)
        if len(batch):
            last_ns = max(last_ns or 0, int(batch.observed_at_ns.max()))
    if last_ns is not None:
        yield Tick(from_ns(last_ns))
