"""Small files of readings, and what `Recording` makes of them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.model.instant import NS_PER_S
from pipeline.model.reading import Reading
from tests.adapter_rig import FIELD, NOW_NS

SERIES = {sensor.id: sensor.series for sensor in FIELD.sensors}


def read(*files: Path, chunk_rows: int = 1000, **options: Any) -> tuple[list[Reading], list[str]]:
    with Recording(RecordingOptions.model_validate({"files": files} | options), FIELD) as recording:
        readings = [row for batch in recording.batches(chunk_rows) for row in batch.readings()]
        return readings, [f"{one.reason.value}*{one.count}" for one in recording.rejects]


def told(readings: list[Reading]) -> list[tuple[float, str, float]]:
    return [((row.observed_at_ns - NOW_NS) / NS_PER_S, row.series.sensor, round(row.value, 6)) for row in readings]


def text(folder: Path, content: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content.encode(encoding)) if name.endswith(".gz") else content.encode(encoding))
    return path


def parquet(folder: Path, name: str = "file.parquet", rows_a_group: int = 1000, **columns: Any) -> Path:
    path = folder / name
    pq.write_table(pa.table(columns), path, row_group_size=rows_a_group)
    return path
