"""The one time line all recordings of the demonstration are laid on, and the form they are written in.

The gas recording keeps its own instants; everything else is placed around them. PRESENT is the instant that the
demonstration moves to "now": what lies before it is played fast, what lies after it arrives live.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

PRESENT: Final = datetime(2022, 5, 10, 22, 9, tzinfo=UTC)
START_S: Final = -36 * 3600.0
"""The recordings begin here, in seconds from PRESENT."""
END_S: Final = 3 * 3600.0
"""And end here; a simulator goes on from their last regime."""


@dataclass(frozen=True)
class Block:
    """One sensor's part of a recording.

    Attributes:
        at_s: f8[n], rising, seconds from PRESENT.
        value: f8[n], in `unit`; NaN where the source has no value (no reading is written).
    """

    sensor: str
    unit: str
    at_s: NDArray[np.float64]
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """What really happened: one row of truth.csv. `onset_s` is in seconds from PRESENT."""

    hazard: str
    area: str
    onset_s: float
    what: str
    source: str


def grid(step_s: float) -> NDArray[np.float64]:
    """f8[n]: every `step_s` from START_S to END_S."""
    return np.arange(START_S, END_S + step_s / 2, step_s)


def mirror(values: Sequence[float] | NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """f8[count]: `values` walked to the end and back, again and again, so that no step is one that was not recorded."""
    there_and_back = np.concatenate([np.asarray(values, float), np.asarray(values, float)[-2:0:-1]])
    return np.resize(there_and_back, count)


def write_recording(path: Path, blocks: Iterable[Block]) -> None:
    """A long table (observed_at, sensor, value, unit) in order of time, then sensor."""
    kept = [(block, ~np.isnan(block.value)) for block in blocks]
    at_us = np.concatenate([_microseconds(block.at_s[rows]) for block, rows in kept])
    sensor = np.concatenate([np.full(rows.sum(), block.sensor) for block, rows in kept])
    unit = np.concatenate([np.full(rows.sum(), block.unit) for block, rows in kept])
    value = np.concatenate([block.value[rows] for block, rows in kept])
    order = np.lexsort((sensor, at_us))
    columns: dict[str, Any] = {
        "observed_at": pa.array(at_us[order], pa.timestamp("us", tz="UTC")),
        "sensor": pa.array(sensor[order]).dictionary_encode(),
        "value": pa.array(value[order]),
        "unit": pa.array(unit[order]).dictionary_encode(),
    }
    pq.write_table(
        pa.table(columns),
        path,
        compression="zstd",
        use_dictionary=["sensor", "value", "unit"],
        column_encoding={"observed_at": "DELTA_BINARY_PACKED"},
    )


def write_truth(path: Path, events: Iterable[Event]) -> None:
    """truth.csv, in order of onset."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["hazard", "area", "onset_at", "what", "source"])
        for event in sorted(events, key=lambda event: (event.onset_s, astuple(event))):
            rows.writerow([event.hazard, event.area, text_of(event.onset_s), event.what, event.source])


def text_of(at_s: float) -> str:
    """RFC 3339 of an instant given in seconds from PRESENT, to the second."""
    return (PRESENT + timedelta(seconds=round(at_s))).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> float:
    """Seconds from PRESENT of an ISO 8601 instant with a zone."""
    return (datetime.fromisoformat(text) - PRESENT).total_seconds()


def _microseconds(at_s: NDArray[np.float64]) -> NDArray[np.int64]:
    start = int(PRESENT.timestamp()) * 1_000_000
    return start + np.round(at_s * 1e6).astype(np.int64)
