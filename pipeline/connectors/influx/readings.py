"""Readings as points. The number of series is bounded by the inventory. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.connectors.influx.points import head
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series

_REMEMBERED: Final = 256
"""Lists of series whose heads are kept; a device sends the same few lists again and again."""


class ReadingLines:
    """Measurement `reading`: tags area, kind, quantity, sensor, site; fields value, quality, status.

    Args:
        window_s: of each series and window the last reading is kept, dated at the window's beginning; 0 keeps all.
    """

    def __init__(self, inventory: Inventory, window_s: float) -> None:
        self._inventory = inventory
        self._window_ns = round(window_s * NS_PER_S)
        self._known: dict[int, tuple[tuple[Series, ...], list[str | None]]] = {}

    def lines(self, batch: ReadingBatch) -> tuple[list[bytes], int, int]:
        """(lines, readings of sensors that the inventory does not list, readings that a window left out)."""
        heads = self._heads(batch.series)
        listed = np.array([one is not None for one in heads], np.bool_)[batch.index]
        unknown = len(batch) - int(listed.sum())
        if unknown:
            batch = batch.take(listed)
        at_ns = batch.observed_at_ns
        left_out = 0
        if self._window_ns:
            at_ns = at_ns // self._window_ns * self._window_ns
            last = _last_of_each(batch.index, at_ns)
            left_out = len(batch) - len(last)
            chosen = np.zeros(len(batch), np.bool_)
            chosen[last] = True
            batch, at_ns = batch.take(chosen), at_ns[chosen]
        rows = zip(
            batch.index.tolist(),
            at_ns.tolist(),
            batch.value.tolist(),
            batch.quality.tolist(),
            batch.status.tolist(),
            np.isfinite(batch.value).tolist(),
            strict=True,
        )
        lines = [
            f"{heads[index]} {f'value={value!r},' if finite else ''}quality={quality}i,status={status}i {ns}".encode()
            for index, ns, value, quality, status, finite in rows
        ]
        return lines, unknown, left_out

    def _heads(self, series: tuple[Series, ...]) -> list[str | None]:
        known = self._known.get(id(series))
        if known is None or known[0] is not series:
            known = (series, [self._head(one) for one in series])
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[id(series)] = known
        return known[1]

    def _head(self, series: Series) -> str | None:
        if series not in self._inventory.slot_by_series:
            return None
        sensor = self._inventory.sensor_by_id[series.sensor]
        site = self._inventory.site_by_id[sensor.site]
        tags = {"area": site.area, "kind": sensor.kind, "quantity": series.quantity, "sensor": sensor.id}
        return head("reading", {**tags, "site": site.id})


def _last_of_each(index: NDArray[np.int32], at_ns: NDArray[np.int64]) -> NDArray[np.intp]:
    """The places of the last row of each (index, window), in order."""
    order = np.lexsort((np.arange(len(index)), at_ns, index))
    ends = np.ones(len(order), np.bool_)
    ends[:-1] = (np.diff(index[order]) != 0) | (np.diff(at_ns[order]) != 0)
    return np.sort(order[ends])
