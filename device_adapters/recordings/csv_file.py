"""CSV: a row a reading, or a row an instant and a column a sensor. A file is read whole."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from device_adapters.codecs.base import RejectReason
from device_adapters.recordings.cells import blank, coded, instants_ns, numbers
from device_adapters.recordings.options import Layout, RecordingOptions, WideColumn
from device_adapters.recordings.rows import Coded, Rows
from device_adapters.recordings.s3 import S3File
from device_adapters.recordings.tally import Tally
from pipeline.errors import RecordingError

TIME_COLUMNS = ("time", "observed_at")


def read_csv(path: Path, options: RecordingOptions, tally: Tally) -> Rows:
    """Everything of one file.

    Raises:
        RecordingError: no such file, not this encoding, a column that is not there.
    """
    table = _table(path, options, tally)
    names = table.column_names
    time = required(path, names, (options.time_column,) if options.time_column else TIME_COLUMNS)
    at_ns = instants_ns(table[time], options)
    if options.layout is Layout.WIDE:
        return _wide(path, table, time, at_ns, options)
    sensor = required(path, names, (options.sensor_column,))
    value = required(path, names, (options.value_column,))
    said: dict[str, Any] = {name: coded(table[name]) for name in ("quantity", "unit", "status") if name in names}
    sent = numbers(table[value], options.missing)
    return Rows(path, np.arange(table.num_rows), coded(table[sensor]), at_ns, sent, **said)


def required(path: Path | S3File, names: list[str], wanted: tuple[str, ...]) -> str:
    """The first of `wanted` that the file has.

    Raises:
        RecordingError: it has none of them.
    """
    for name in wanted:
        if name in names:
            return name
    raise RecordingError(f"{path}: no column {' or '.join(wanted)}; it has {', '.join(names):.300}")


def _table(path: Path, options: RecordingOptions, tally: Tally) -> Any:
    """Every cell as text. A row with too few or too many cells is tallied."""
    text = _text(path, options.encoding)
    if not text.strip():  # nothing for Arrow's threads to begin with: one such file has ended the process
        raise RecordingError(f"{path}: cannot be read as CSV: it is empty")
    bad: list[int] = []

    def skip(row: Any) -> str:
        bad.append((row.number or 1) - 1)
        return "skip"

    read = arrow_csv.ReadOptions(skip_rows=options.skip_rows, use_threads=False)
    parse = arrow_csv.ParseOptions(delimiter=options.delimiter, invalid_row_handler=skip)
    try:
        with arrow_csv.open_csv(pa.BufferReader(text), read, parse) as head:
            types = dict.fromkeys(head.schema.names, pa.string())
        bad.clear()
        convert = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=False)
        table = arrow_csv.read_csv(pa.BufferReader(text), read, parse, convert)
    except pa.ArrowException as error:
        raise RecordingError(f"{path}: cannot be read as CSV: {error!s:.300}") from error
    if len(types) < table.num_columns:
        raise RecordingError(f"{path}: a column name stands there twice; rename one")
    tally.add(path, RejectReason.MALFORMED, "", np.array(bad, np.int64), f"rows with other than {len(types)} cells")
    return table


def _text(path: Path, encoding: str) -> bytes:
    """The file in UTF-8."""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return data.decode(encoding).encode()
    except UnicodeError as error:
        row = data[: error.start].count(b"\n") if isinstance(error, UnicodeDecodeError) else 0
        raise RecordingError(f"{path}: line {row + 1} is not {encoding}; declare its encoding: {error}") from error
    except (OSError, EOFError, zlib.error, LookupError) as error:
        raise RecordingError(f"{path}: cannot be read: {error!s:.300}") from error


def _wide(path: Path, table: Any, time: str, at_ns: NDArray[np.int64], options: RecordingOptions) -> Rows:
    """One entry a cell that is not blank, column after column."""
    mapped = _columns(options) or {name: WideColumn(sensor=name) for name in table.column_names if name != time}
    columns = [table[required(path, table.column_names, (name,))] for name in mapped]
    here = [np.flatnonzero(~blank(column)) for column in columns]
    sent = [numbers(column, options.missing)[rows] for column, rows in zip(columns, here, strict=True)]
    row = np.concatenate([np.zeros(0, np.int64), *here])
    code = np.repeat(np.arange(len(mapped), dtype=np.int32), [len(rows) for rows in here])
    return Rows(
        path,
        row,
        Coded(code, [column.sensor for column in mapped.values()]),
        at_ns[row],
        np.concatenate([np.zeros(0), *sent]),
        unit=Coded(code, [column.unit for column in mapped.values()]),
    )


def _columns(options: RecordingOptions) -> Mapping[str, WideColumn]:
    path = options.columns_file
    if path is None:
        return options.columns
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {row["column"]: WideColumn(sensor=row["sensor"], unit=row.get("unit") or None) for row in rows}
    except (OSError, ValueError, KeyError) as error:
        raise RecordingError(f"{path}: want columns column, sensor and maybe unit: {error!s:.200}") from error
