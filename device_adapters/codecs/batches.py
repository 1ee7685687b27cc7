"""Our own columns over HTTP: a ReadingBatch in MessagePack, for whoever sends very many readings.

The body is what `pipeline.model.batch.ReadingBatch.encode` writes; values are in the one unit of their quantity.
Everything is checked against the inventory as for any other form, by column rather than by reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.base import Decoded, Reject, RejectReason
from device_adapters.codecs.claims import excerpt
from device_adapters.codecs.judgement import AHEAD_MAX_NS, EARLIEST_NS
from device_adapters.codecs.measurements import Measurements
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.quality import LIVE_STATUS_MAX, Quality
from pipeline.model.reading import Series

MEDIA_TYPE: Final = "application/vnd.forewarn.batch"
_REMEMBERED: Final = 256
"""Lists of series whose verdicts are kept; a device sends the same few lists again and again."""


class Batches:
    """The codec. A reject stands for all rows of a series that are bad for one reason; its position is the first."""

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements
        self._known: dict[int, tuple[tuple[Series, ...], list[tuple[RejectReason, str] | None]]] = {}

    def decode(self, payload: bytes, received_at_ns: int) -> Decoded:
        """Readings and rejects of one body."""
        try:
            batch = ReadingBatch.decode(payload)
        except BatchError as error:
            return Decoded(None, [Reject(None, RejectReason.MALFORMED, str(error)[:300], excerpt(payload))])
        verdicts = self._of_series(batch.series)
        bad_series = np.array([verdict is not None for verdict in verdicts], np.bool_)
        missing = np.isnan(batch.value) & (batch.status > LIVE_STATUS_MAX)
        at_ns = batch.observed_at_ns
        bad: list[tuple[NDArray[np.bool_], Callable[[Series], tuple[RejectReason, str]]]] = [
            (bad_series[batch.index], lambda one: verdicts[batch.series.index(one)] or _of_value(one)),
            (~np.isfinite(batch.value) & ~missing, _of_value),
            ((at_ns < EARLIEST_NS) | (at_ns > received_at_ns + AHEAD_MAX_NS), _of_time),
        ]
        good = np.ones(len(batch), np.bool_)
        rejects: list[Reject] = []
        for rows, reason in bad:
            struck = rows & good
            if struck.any():
                rejects += _told(batch, struck, reason)
                good &= ~struck
        quality = np.where(missing, Quality.MISSING, batch.quality).astype(np.uint8)
        kept = ReadingBatch(batch.series, batch.index, at_ns, batch.value, quality, batch.status, received_at_ns)
        if good.all():
            return Decoded(kept if len(kept) else None, rejects)
        return Decoded(kept.take(good) if good.any() else None, rejects)

    def _of_series(self, series: tuple[Series, ...]) -> list[tuple[RejectReason, str] | None]:
        """What is wrong with each of a list of series; a list that was met before is the very same object."""
        found = self._known.get(id(series))
        if found is None or found[0] is not series:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[id(series)] = (series, [self._verdict(one) for one in series])
        return found[1]

    def _verdict(self, one: Series) -> tuple[RejectReason, str] | None:
        table = self._measurements
        slot = table.slot_by_sensor.get(one.sensor, -1)
        if slot < 0:
            what = f"sensor {one.sensor!r:.80} is not in the inventory; add it there, or correct the name"
            return RejectReason.UNKNOWN_SENSOR, what
        if not table.allowed[slot]:
            what = f"this device may not send for sensor {one.sensor}; extend its list of sensors"
            return RejectReason.NOT_ALLOWED, what
        if table.series[slot] != one:
            what = f"sensor {one.sensor} measures {table.series[slot].quantity}, not {one.quantity}"
            return RejectReason.UNKNOWN_QUANTITY, what
        return None


def _told(
    batch: ReadingBatch, rows: NDArray[np.bool_], reason: Callable[[Series], tuple[RejectReason, str]]
) -> list[Reject]:
    """One reject a series."""
    used, first, number = np.unique(batch.index[rows], return_index=True, return_counts=True)
    position = np.flatnonzero(rows)[first]
    return [
        Reject(at, *reason(batch.series[one]), str(batch.series[one]).encode(), count)
        for one, at, count in zip(used.tolist(), position.tolist(), number.tolist(), strict=True)
    ]


def _of_value(one: Series) -> tuple[RejectReason, str]:
    return RejectReason.BAD_VALUE, f"sensor {one.sensor}: a value is no finite number; send one"


def _of_time(one: Series) -> tuple[RejectReason, str]:
    what = f"sensor {one.sensor}: a time is before 2000 or a day ahead of its receipt; set the device's clock"
    return RejectReason.BAD_TIME, what
