"""Qualify: known sensors only, repeats and late readings out, a quality flag on every reading left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.sensor_health.qualify import Qualifier
from pipeline.model.batch import ReadingBatch
from pipeline.model.finding import Finding
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series

NO_SLOTS: Final = np.zeros(0, np.int32)
_REMEMBERED: Final = 256
"""Lists of series whose slots are kept; a device sends the same few lists again and again."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings fit for detectors, in order of arrival; all arrays of one length n.

    Attributes:
        slot: i4, the series' place in the inventory.
        at_ns: i8, strictly rising within a series.
        value: f8. quality: u1, `Quality`.
        watermark_ns: i8, the latest `at_ns` up to and with each row, over all batches so far.
    """

    slot: NDArray[np.int32]
    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    watermark_ns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.slot)


@dataclass(frozen=True, slots=True)
class Qualified:
    """What `Qualify` made of a batch.

    Attributes:
        dropped: reason -> number of readings that go no further.
        faults: sensor faults, each with its row in `columns`.
        unknown: the series that the inventory does not list.
    """

    columns: Columns
    dropped: Mapping[str, int]
    faults: Sequence[tuple[int, Finding]]
    unknown: Sequence[Series]


class Qualify:
    """The stage; its state is the qualifier's and one watermark."""

    def __init__(self, inventory: Inventory, qualifier: Qualifier) -> None:
        self._slots = inventory.slot_by_series
        self._qualifier = qualifier
        self._known: dict[tuple[Series, ...], NDArray[np.int32]] = {}
        self.watermark_ns = 0

    def take(self, batch: ReadingBatch) -> Qualified:
        """Flags and filters one batch."""
        slots = self._slots_of(batch.series)
        slot = slots[batch.index] if len(slots) else NO_SLOTS
        checked = self._qualifier.feed(
            slot, batch.observed_at_ns, batch.value, batch.quality, batch.status, batch.received_at_ns
        )
        columns = self._columns(slot, batch, checked.quality, checked.keep)
        unknown = [series for series, place in zip(batch.series, slots.tolist(), strict=True) if place < 0]
        return Qualified(columns, checked.dropped, _moved(checked.findings, checked.keep), unknown)

    def _columns(
        self, slot: NDArray[np.int32], batch: ReadingBatch, quality: NDArray[np.uint8], keep: NDArray[np.bool_]
    ) -> Columns:
        at_ns, value = batch.observed_at_ns, batch.value
        if not keep.all():
            slot, at_ns, value, quality = slot[keep], at_ns[keep], value[keep], quality[keep]
        watermark_ns = np.maximum(np.maximum.accumulate(at_ns), self.watermark_ns)
        if len(watermark_ns):
            self.watermark_ns = int(watermark_ns[-1])
        return Columns(slot, at_ns, value, quality, watermark_ns)

    def _slots_of(self, series: tuple[Series, ...]) -> NDArray[np.int32]:
        slots = self._known.get(series)
        if slots is None:
            slots = np.array([self._slots.get(one, -1) for one in series], np.int32)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[series] = slots
        return slots


def _moved(findings: Sequence[tuple[int, Finding]], keep: NDArray[np.bool_]) -> Sequence[tuple[int, Finding]]:
    """Rows of the batch as rows of the kept columns; a dropped row counts as the kept one before it."""
    if not findings or keep.all():
        return findings
    place = np.maximum(np.cumsum(keep) - 1, 0)
    return [(int(place[row]), finding) for row, finding in findings]
