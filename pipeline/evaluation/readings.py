"""The readings of a suite, in order of time, as the core is given them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.base import Reject
from device_adapters.recordings.recording import Recording
from pipeline.errors import RecordingError
from pipeline.evaluation.suite import Adjustment, Matrix, Suite
from pipeline.model.batch import COLUMNS, ReadingBatch
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.reading import Series

BATCH_ROWS: Final = 65_536


Values = tuple[NDArray[np.int64], NDArray[np.float64]]
"""i8[n] instants [ns], rising, and f8[n] values."""


def sessions_of(suite: Suite) -> tuple[list[list[ReadingBatch]], list[Reject]]:
    """What one core after the other is given: everything merged by time, or one recording each where they are apart.

    With it goes what could not be read.

    Raises:
        RecordingError: a file that is not there or cannot be read.
    """
    recordings = [Recording(options, suite.inventory) for options in suite.recordings]
    parts = [list(_recorded(one)) for one in recordings]
    parts += [[_matrix(matrix, suite.folder, suite.inventory)] for matrix in suite.told.matrices]
    together = parts if suite.told.apart else [[batch for part in parts for batch in part]]
    rejects = [reject for one in recordings for reject in one.rejects]
    return [_session(batches, suite.told.adjustments) for batches in together], rejects


def values_of(batches: Sequence[ReadingBatch]) -> dict[Series, Values]:
    """Series -> its instants and values, those that are none left out."""
    if not batches:
        return {}
    series = {one: index for index, one in enumerate(batches[0].series)}
    index, at_ns, value = (
        np.concatenate([getattr(b, n) for b in batches]) for n in ("index", "observed_at_ns", "value")
    )
    kept = {one: (index == number) & np.isfinite(value) for one, number in series.items()}
    return {one: (at_ns[rows], value[rows]) for one, rows in kept.items()}


def _session(batches: Sequence[ReadingBatch], adjustments: Sequence[Adjustment]) -> list[ReadingBatch]:
    whole = _merged(batches)
    for adjustment in adjustments:
        _adjust(whole, adjustment)
    return [whole.take(slice(start, start + BATCH_ROWS)) for start in range(0, len(whole), BATCH_ROWS)]


def _recorded(recording: Recording) -> Iterator[ReadingBatch]:
    with recording:
        yield from recording.batches()


def _matrix(matrix: Matrix, folder: Path, inventory: Inventory) -> ReadingBatch:
    path = folder / matrix.file
    try:
        numbers = np.loadtxt(path, ndmin=2)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path}: cannot be read as a matrix: {error}") from error
    missing = [one.column for one in matrix.columns if one.column > numbers.shape[1]]
    if missing:
        raise RecordingError(f"{path}: no column {missing[0]}; it has {numbers.shape[1]}")
    unknown = [one.sensor for one in matrix.columns if one.sensor not in inventory.sensor_by_id]
    if unknown:
        raise RecordingError(f"{path}: sensor {unknown[0]} is not in the inventory of the suite")
    rows, wide = len(numbers), len(matrix.columns)
    at_ns = to_ns(matrix.begin_at) + np.arange(rows) * round(matrix.step_s * NS_PER_S)
    value = np.stack([one.factor * numbers[:, one.column - 1] + one.offset for one in matrix.columns], axis=1)
    series = tuple(inventory.sensor_by_id[one.sensor].series for one in matrix.columns)
    return _batch(series, np.tile(np.arange(wide), rows), np.repeat(at_ns, wide), value.ravel())


def _batch(
    series: tuple[Series, ...], index: NDArray[np.int64], at_ns: NDArray[np.int64], value: NDArray[np.float64]
) -> ReadingBatch:
    count = len(index)
    return ReadingBatch(
        series,
        index.astype(COLUMNS["index"]),
        at_ns,
        value,
        np.full(count, Quality.NOT_EVALUATED, COLUMNS["quality"]),
        np.full(count, DeviceStatus.NORMAL, COLUMNS["status"]),
    )


def _merged(parts: Sequence[ReadingBatch]) -> ReadingBatch:
    """One batch with one list of those series that have readings, in order of time, then series."""
    series = tuple(sorted({part.series[number] for part in parts for number in np.unique(part.index)}))
    place = {one: number for number, one in enumerate(series)}
    columns = {
        name: np.concatenate([np.zeros(0, kind), *(getattr(part, name) for part in parts)])
        for name, kind in COLUMNS.items()
    }
    index = [np.array([place.get(one, -1) for one in part.series], COLUMNS["index"])[part.index] for part in parts]
    columns["index"] = np.concatenate([np.zeros(0, COLUMNS["index"]), *index])
    order = np.lexsort((columns["index"], columns["observed_at_ns"]))
    ordered = {name: column[order] for name, column in columns.items()}
    return ReadingBatch(series, **ordered, received_at_ns=None)


def _adjust(whole: ReadingBatch, adjustment: Adjustment) -> None:
    for number, series in enumerate(whole.series):
        if not any(fnmatch(series.sensor, pattern) for pattern in adjustment.sensors):
            continue
        rows = np.flatnonzero(whole.index == number)
        value = whole.value[rows]
        if adjustment.zero_s is not None:
            early = whole.observed_at_ns[rows] - whole.observed_at_ns[rows[0]] <= adjustment.zero_s * NS_PER_S
            value = np.maximum(value - np.nanmean(value[early]), 0.0)
        whole.value[rows] = 100.0 * (1.0 - 10.0**-value) if adjustment.optical_density else value
