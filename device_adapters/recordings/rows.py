"""What a file holds, column by column, before the inventory is asked; and the readings it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.measurements import Measurements
from device_adapters.recordings.s3 import S3File
from pipeline.model.batch import ReadingBatch


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of few different words: `words[code[i]]` is what row i says; None where it says nothing."""

    code: NDArray[np.int32]
    words: Sequence[str | None]


NO_FLAG: Final = 0
"""None of `Quality`."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry a reading; all arrays of one length n.

    Attributes:
        row: i8, the row of the file, from 0, for those who look for a bad one.
        at_ns: i8, UNREADABLE where the time is.
        sent: f8, as written; NaN where a value is said to be missing, infinite where it is no finite number.
        quality: u1, of a recording of our own, whose values are in their quantity's unit already; NO_FLAG where
            somebody took it out.
    """

    path: Path | S3File
    row: NDArray[np.int64]
    sensor: Coded
    at_ns: NDArray[np.int64]
    sent: NDArray[np.float64]
    quantity: Coded | None = None
    unit: Coded | None = None
    status: Coded | None = None
    quality: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings in their quantity's unit; `slot` is the sensor's place in the table of measurements."""

    slot: NDArray[np.int32]
    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    status: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.slot)

    def __getitem__(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Columns:
        return Columns(*(getattr(self, name)[rows] for name in NAMES))

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Self:
        """All of `parts`, in their order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in NAMES))

    def in_order(self) -> Columns:
        """By instant, then sensor; equals stay as they were."""
        later = np.diff(self.at_ns)
        if bool(np.all(later > 0)) or not bool(np.any((later < 0) | ((later == 0) & (np.diff(self.slot) < 0)))):
            return self
        return self[np.lexsort((self.slot, self.at_ns))]

    def batch(self, table: Measurements) -> ReadingBatch:
        """As a batch with the whole table for a list of series; when it was received is not known."""
        return ReadingBatch(table.series, self.slot, self.at_ns, self.value, self.quality, self.status)


NAMES: Final = ("slot", "at_ns", "value", "quality", "status")
