"""Parquet: a row a reading, read row group by row group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from device_adapters.recordings.cells import WordsCache, coded, instants_ns, numbers
from device_adapters.recordings.csv_file import required
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.rows import NO_FLAG, Rows
from device_adapters.recordings.s3 import S3File
from device_adapters.recordings.writer import OWN
from pipeline.errors import RecordingError

TIME_COLUMNS: Final = ("observed_at", "time")
_NS_IN: Final = {"milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}


class ParquetFile:
    """One file. Nothing but its footer is read before `read`, and it is open only while it is read.

    Raises:
        RecordingError: no such file, no Parquet, a column that is not there.
    """

    def __init__(self, path: Path | S3File, options: RecordingOptions) -> None:
        self._path = path
        self._where = {"filesystem": path.filesystem} if isinstance(path, S3File) else {}
        self._key = path.key if isinstance(path, S3File) else path
        self._options = options
        try:
            schema = pq.read_schema(self._key, **self._where)
            words = [name for name in (options.sensor_column, "quantity", "unit", "status") if name in schema.names]
            self._texts = [name for name in words if pa.types.is_string(schema.field(name).type)]
            self._metadata = pq.read_metadata(self._key, **self._where)
        except (pa.ArrowException, OSError) as error:
            raise RecordingError(f"{path}: cannot be read as Parquet: {error!s:.300}") from error
        names = schema.names
        flagged = "quality" in names and pa.types.is_uint8(schema.field("quality").type)
        self._is_own = flagged and OWN in (schema.metadata or {})
        self._time = required(path, names, (options.time_column,) if options.time_column else TIME_COLUMNS)
        self._sensor = required(path, names, (options.sensor_column,))
        self._value = required(path, names, (options.value_column,))
        self._said = [name for name in words if name != options.sensor_column]
        self._caches = {name: WordsCache() for name in words}
        counts = [self._metadata.row_group(group).num_rows for group in range(self._metadata.num_row_groups)]
        self._first_rows = np.cumsum([0, *counts])

    @property
    def groups(self) -> int:
        """How many row groups it has."""
        return int(self._metadata.num_row_groups)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self._first_rows[-1])

    def span_ns(self, group: int) -> tuple[int, int] | None:
        """First and last instant of a row group by the footer; None where that does not tell, or tells local time."""
        metadata = self._metadata.row_group(group)
        places = [metadata.column(place) for place in range(metadata.num_columns)]
        column = next(place for place in places if place.path_in_schema == self._time)
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max:
            return None
        logical = json.loads(statistics.logical_type.to_json())
        if logical.get("Type") != "Timestamp" or not logical["isAdjustedToUTC"]:
            return None
        scale_ns = _NS_IN[logical["timeUnit"]]
        return statistics.min_raw * scale_ns, statistics.max_raw * scale_ns

    def read(self, group: int) -> Rows:
        """A row group.

        Raises:
            RecordingError: damaged data.
        """
        try:
            columns = [self._time, self._sensor, self._value, *self._said, *(["quality"] if self._is_own else [])]
            opened = {"metadata": self._metadata, "read_dictionary": self._texts, **self._where}
            with pq.ParquetFile(self._key, **opened) as file:
                table = file.read_row_group(group, columns=columns, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise RecordingError(f"{self._path}: row group {group}: {error!s:.300}") from error
        return self._rows(table, int(self._first_rows[group]))

    def _rows(self, table: Any, first_row: int) -> Rows:
        options = self._options
        return Rows(
            self._path,
            np.arange(first_row, first_row + table.num_rows),
            coded(table[self._sensor], self._caches[self._sensor]),
            instants_ns(table[self._time], options),
            numbers(table[self._value], options.missing),
            **{name: coded(table[name], self._caches[name]) for name in self._said},
            quality=table["quality"].fill_null(NO_FLAG).to_numpy() if self._is_own else None,
        )
