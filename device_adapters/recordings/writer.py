"""Readings into a Parquet file that `Recording` reads back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.model.batch import ReadingBatch
from pipeline.model.quality import DeviceStatus, Quality

OWN: Final = b"forewarn.readings"
"""Mark of a file whose values are in their quantity's unit, whatever unit the inventory says that the devices send."""
_STATUSES = pa.array([status.name.lower() for status in DeviceStatus])
SCHEMA = pa.schema(
    [
        ("observed_at", pa.timestamp("ns", "UTC")),
        ("sensor", pa.dictionary(pa.int32(), pa.string())),
        ("quantity", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float64()),
        ("quality", pa.uint8()),
        ("status", pa.dictionary(pa.int32(), pa.string())),
    ],
    metadata={OWN: b"1"},
)
"""Value in the quantity's own unit, NaN where it is missing; quality is a QARTOD flag; status a word."""


def write_parquet(path: Path, batches: Iterable[ReadingBatch]) -> int:
    """One row group a batch, zstd; the number of readings. Readers stream it if the batches are in order of time."""
    written = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(readings_table(batch), row_group_size=max(1, len(batch)))
            written += len(batch)
    return written


def readings_table(batch: ReadingBatch) -> Any:
    """The readings as a table of SCHEMA, order kept."""
    index = pa.array(batch.index)
    sensors = pa.array([sensor for sensor, _ in batch.series], pa.string())
    quantities = pa.array([quantity.value for _, quantity in batch.series], pa.string())
    value = np.where(batch.quality == Quality.MISSING, np.nan, batch.value)
    columns = [
        pa.array(batch.observed_at_ns).view(pa.timestamp("ns", "UTC")),
        pa.DictionaryArray.from_arrays(index, sensors),
        pa.DictionaryArray.from_arrays(index, quantities),
        pa.array(value),
        pa.array(batch.quality),
        pa.DictionaryArray.from_arrays(pa.array(batch.status.astype(np.int32)), _STATUSES),
    ]
    return pa.table(columns, schema=SCHEMA)
