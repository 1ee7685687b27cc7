"""Several batches as one, readings in their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.model.batch import COLUMNS, ReadingBatch
from pipeline.model.reading import Series


def merged(batches: Sequence[ReadingBatch]) -> ReadingBatch:
    """One batch of all rows, its list of series holding those that have a row; at least one batch is given.

    It counts as received when the first of them was.
    """
    position: dict[Series, int] = {}
    index = []
    for batch in batches:
        used = np.flatnonzero(np.bincount(batch.index, minlength=len(batch.series)))
        place = np.zeros(len(batch.series), COLUMNS["index"])
        place[used] = [position.setdefault(batch.series[number], len(position)) for number in used.tolist()]
        index.append(place[batch.index])
    columns = {name: np.concatenate([getattr(one, name) for one in batches]) for name in COLUMNS if name != "index"}
    received_ns = [one.received_at_ns for one in batches if one.received_at_ns is not None]
    return ReadingBatch(
        tuple(position), np.concatenate(index), **columns, received_at_ns=min(received_ns, default=None)
    )
