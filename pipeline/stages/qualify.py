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


@dataclass(frozen=True, slots=True)
class _Places:
    """A batch's list of series, their slots (-1: not listed), and those without one."""

    series: tuple[Series, ...]
    slots: NDArray[np.int32]
    unknown: tuple[Series, ...]


class Qualify:
    """The stage; its state is the qualifier's and one watermark."""

    def __init__(self, inventory: Inventory, qualifier: Qualifier) -> None:
        self._slots = inventory.slot_by_series
        self._qualifier = qualifier
        self._known: dict[int, _Places] = {}
        self.watermark_ns = 0

    def take(self, batch: ReadingBatch) -> Qualified:
        """Flags and filters one batch."""
        places = self._places(batch.series)
        slot = places.slots[batch.index]
        checked = self._qualifier.feed(
            slot, batch.observed_at_ns, batch.value, batch.quality, batch.status, batch.received_at_ns
        )
        columns = self._columns(slot, batch, checked.quality, checked.keep)
        return Qualified(columns, checked.dropped, _moved(checked.findings, checked.keep), places.unknown)

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

    def _places(self, series: tuple[Series, ...]) -> _Places:
        """Where the series stand. A source that keeps its list of series is looked up once."""
        known = self._known.get(id(series))
        if known is None or known.series is not series:
            slots = np.array([self._slots.get(one, -1) for one in series], np.int32)
            unknown = tuple(one for one, slot in zip(series, slots.tolist(), strict=True) if slot < 0)
            known = _Places(series, slots, unknown)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[id(series)] = known
        return known


def _moved(findings: Sequence[tuple[int, Finding]], keep: NDArray[np.bool_]) -> Sequence[tuple[int, Finding]]:
    """Rows of the batch as rows of the kept columns; a dropped row counts as the kept one before it."""
    if not findings or keep.all():
        return findings
    place = np.maximum(np.cumsum(keep) - 1, 0)
    return [(int(place[row]), finding) for row, finding in findings]
