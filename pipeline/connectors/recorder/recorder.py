"""Gathers readings by shard and writes them as files of a roll; only then may the log be told that they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipeline.connectors.recorder import files
from pipeline.connectors.recorder.place import Place
from pipeline.model.batch import ReadingBatch


@dataclass
class _Shard:
    """What has gathered; `first` is the position of the first message, `last` that of the last."""

    first: int
    last: int
    batches: list[ReadingBatch] = field(default_factory=list)


class Recorder:
    """One place. One caller at a time; a shard has one recorder.

    Exactly once: a file is named by its log and the position it begins at, and what lies at or past the position that
    the log goes on from was never acknowledged and is written anew.

    Args:
        log: eight hexadecimal digits that tell the log from any that was before it.
    """

    def __init__(self, place: Place, inventory_version: str, log: str) -> None:
        self._place = place
        self._inventory = inventory_version
        self._log = log
        self._shards: dict[int, _Shard] = {}
        self._begun: set[int] = set()
        self.readings = 0

    def take(self, shard: int, position: int, batch: ReadingBatch | None) -> None:
        """Gather the message at `position`; None where it holds no readings."""
        held = self._shards.setdefault(shard, _Shard(position, position))
        held.last = position
        if batch is not None and len(batch):
            held.batches.append(batch)
            self.readings += len(batch)

    def begun(self) -> dict[int, int]:
        """Shard -> position of the first message of what has gathered."""
        return {shard: held.first for shard, held in self._shards.items()}

    def roll(self) -> dict[int, int]:
        """Write what has gathered; shard -> position of the last message that is durable now.

        Raises:
            RecordingError: the disk or the bucket refuses; what has gathered is still there.
        """
        for shard, held in self._shards.items():
            self._write(shard, held)
        reached = {shard: held.last for shard, held in self._shards.items()}
        self._shards.clear()
        self.readings = 0
        return reached

    def leave(self, shard: int) -> None:
        """Somebody else records this shard from now on: forget what has gathered."""
        held = self._shards.pop(shard, None)
        self._begun.discard(shard)
        if held is not None:
            self.readings -= sum(map(len, held.batches))

    def _write(self, shard: int, held: _Shard) -> None:
        roll = files.Roll(self._log, shard, held.first, held.last, self._inventory)
        if shard not in self._begun:
            self._place.forget_from(roll)
            self._begun.add(shard)
        if not held.batches:
            return
        tables, days = zip(*map(files.table_of, held.batches), strict=True)
        table = pa.concat_tables(tables).unify_dictionaries()
        day = np.concatenate(days)
        at_ns = np.concatenate([batch.observed_at_ns for batch in held.batches])
        order = np.lexsort((at_ns, day))
        starts = np.flatnonzero(np.diff(day[order], prepend=day[order[0]] - 1))
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            chosen = order[start:end]
            self._place.write(int(day[chosen[0]]), table.take(chosen), roll)
