"""Several batches as one, readings in their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.model.batch import COLUMNS, ReadingBatch
from pipeline.model.reading import Series


def merged(batches: Sequence[ReadingBatch]) -> ReadingBatch:
    """One batch of all rows, its list of series holding those that have a row; at least one batch is given.

    It counts as received when the first of them was.
    """
    series, index = _joined(batches)
    columns = {name: np.concatenate([getattr(one, name) for one in batches]) for name in COLUMNS if name != "index"}
    received_ns = [one.received_at_ns for one in batches if one.received_at_ns is not None]
    return ReadingBatch(series, index, **columns, received_at_ns=min(received_ns, default=None))


def _joined(batches: Sequence[ReadingBatch]) -> tuple[tuple[Series, ...], NDArray[np.int32]]:
    """The list of series, and the index into it."""
    first = batches[0].series
    if all(one.series is first for one in batches):
        return _used(first, np.concatenate([one.index for one in batches]))
    position: dict[Series, int] = {}
    parts = []
    for batch in batches:
        series, index = _used(batch.series, batch.index)
        place = np.array([position.setdefault(one, len(position)) for one in series], COLUMNS["index"])
        parts.append(place[index])
    return tuple(position), np.concatenate(parts)


def _used(series: tuple[Series, ...], index: NDArray[np.int32]) -> tuple[tuple[Series, ...], NDArray[np.int32]]:
    """The list without those that have no row; the very same list where all have one, which others look up once."""
    used = np.flatnonzero(np.bincount(index, minlength=len(series)))
    if len(used) == len(series):
        return series, index
    place = np.zeros(len(series), COLUMNS["index"])
    place[used] = np.arange(len(used))
    return tuple(map(series.__getitem__, used.tolist())), place[index]
