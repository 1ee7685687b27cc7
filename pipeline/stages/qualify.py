"""Qualify: known sensors only, repeats and late readings out, a quality flag on every reading left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.sensor_health.examine import UNTIMED
from detectors.sensor_health.qualify import Qualifier
from pipeline.model.batch import ReadingBatch
from pipeline.model.finding import Finding
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series
from pipeline.stages.grouping import grouped, site_numbers

_REMEMBERED: Final = 256
"""Lists of series whose slots are kept; a device sends the same few lists again and again."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings fit for detectors, site by site, those of one site in order of arrival; all arrays of one length n.

    Attributes:
        row: i8, the reading's place in its batch.
        slot: i4, the series' place in the inventory.
        at_ns: i8, strictly rising within a series.
        value: f8. quality: u1, `Quality`.
    """

    row: NDArray[np.int64]
    slot: NDArray[np.int32]
    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.slot)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Columns:
        return Columns(
            self.row[chosen], self.slot[chosen], self.at_ns[chosen], self.value[chosen], self.quality[chosen]
        )


@dataclass(frozen=True, slots=True)
class Qualified:
    """What `Qualify` made of a batch of m readings.

    Attributes:
        watermark_ns: i8[m], the latest instant of a reading in `columns` up to and with each row, over all batches.
        dropped: reason -> number of readings that go no further.
        faults: sensor faults, each with its row in the batch.
        unknown: the series that the inventory does not list.
    """

    columns: Columns
    watermark_ns: NDArray[np.int64]
    dropped: Mapping[str, int]
    faults: Sequence[tuple[int, Finding]]
    unknown: Sequence[Series]


@dataclass(frozen=True, slots=True)
class _Places:
    """A batch's list of series, their slots (-1: not listed) and sites, and those without a slot."""

    series: tuple[Series, ...]
    slots: NDArray[np.int32]
    sites: NDArray[np.int32]
    unknown: tuple[Series, ...]


class Qualify:
    """The stage; its state is the qualifier's and one watermark."""

    def __init__(self, inventory: Inventory, qualifier: Qualifier) -> None:
        self._slots = inventory.slot_by_series
        self._sites = site_numbers(inventory)
        self._qualifier = qualifier
        self._known: dict[int, _Places] = {}
        self.watermark_ns = 0

    def take(self, batches: Sequence[ReadingBatch]) -> Qualified:
        """Flags and filters batches that follow each other, as one."""
        places = [self._places(batch.series) for batch in batches]
        sites = [one.sites[batch.index] for one, batch in zip(places, batches, strict=True)]
        slots = [one.slots[batch.index] for one, batch in zip(places, batches, strict=True)]
        row = grouped(np.concatenate(sites), int(self._sites[-1]) + 1)
        slot = np.concatenate(slots)[row]
        at_ns, value, quality, status = (
            np.concatenate([getattr(batch, name) for batch in batches])[row]
            for name in ("observed_at_ns", "value", "quality", "status")
        )
        checked = self._qualifier.feed(slot, at_ns, value, quality, status, _received(batches)[row])
        columns = Columns(row, slot, at_ns, value, checked.quality)
        if checked.dropped:
            columns = columns[checked.keep]
        faults = [(int(row[place]), finding) for place, finding in checked.findings]
        unknown = tuple(dict.fromkeys(series for one in places for series in one.unknown))
        return Qualified(columns, self._watermarks(columns, len(row)), checked.dropped, faults, unknown)

    def _watermarks(self, columns: Columns, size: int) -> NDArray[np.int64]:
        watermark_ns = np.full(size, self.watermark_ns)
        watermark_ns[columns.row] = np.maximum(columns.at_ns, self.watermark_ns)
        np.maximum.accumulate(watermark_ns, out=watermark_ns)
        self.watermark_ns = int(watermark_ns[-1]) if size else self.watermark_ns
        return watermark_ns

    def _places(self, series: tuple[Series, ...]) -> _Places:
        """Where the series stand. A source that keeps its list of series is looked up once."""
        known = self._known.get(id(series))
        if known is None or known.series is not series:
            slots = np.fromiter(map(self._slots.get, series, repeat(-1)), np.int32, len(series))
            unknown = tuple(series[place] for place in np.flatnonzero(slots < 0))
            known = _Places(series, slots, self._sites[slots], unknown)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[id(series)] = known
        return known


def _received(batches: Sequence[ReadingBatch]) -> NDArray[np.int64]:
    """i8[all rows]: when each reading reached us."""
    at_ns = [UNTIMED if batch.received_at_ns is None else batch.received_at_ns for batch in batches]
    return np.repeat(np.array(at_ns, np.int64), [len(batch) for batch in batches])
