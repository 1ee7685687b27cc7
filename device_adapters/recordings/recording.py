"""A recording: one or more files as batches in order of (observed_at, sensor)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from device_adapters.codecs.base import Reject
from device_adapters.codecs.loose import STATUS_BY_WORD
from device_adapters.codecs.measurements import Measurements
from device_adapters.recordings.cells import CellError
from device_adapters.recordings.csv_file import read_csv
from device_adapters.recordings.folder import PARQUET, files_in
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.parquet_file import ParquetFile
from device_adapters.recordings.rows import Columns, Rows
from device_adapters.recordings.s3 import S3File
from device_adapters.recordings.settle import Settler
from device_adapters.recordings.tally import Tally
from pipeline.errors import RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.units import UnitError

CHUNK_ROWS: Final = 65_536


@dataclass(frozen=True, slots=True)
class _Part:
    """What is read at one time: a CSV file, or a row group of a Parquet file. `span_ns` None: not known before."""

    path: Path | S3File
    span_ns: tuple[int, int] | None
    read: Callable[[Tally], Rows]


class Recording:
    """Opened files. Iterate `batches` as often as you like; close it, or use it as a context.

    A part is held back until no later part can begin before it ends: the row groups of sorted Parquet files stream, and
    files that do not tell their span beforehand (CSV) are all read before the first batch.

    Raises:
        RecordingError: a file that is not there or cannot be read, a sensor whose unit cannot be converted.
    """

    def __init__(self, options: RecordingOptions, inventory: Inventory) -> None:
        self._options = options
        try:
            self._table = Measurements.of(inventory)
        except UnitError as error:
            raise RecordingError(f"inventory: {error}") from error
        self._tally = Tally()
        self._parts: list[_Part] = []
        self.rows: int | None = 0
        self._span_ns = tuple(None if at is None else to_ns(at) for at in (options.from_at, options.until_at))
        for named in options.files:
            for path in files_in(named, options.s3, options.from_at, options.until_at):
                self._open(path)
        self._parts = [part for part in self._parts if self._may_hold(part)]
        self._parts.sort(key=lambda part: part.span_ns[0] if part.span_ns else -np.inf)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """No file stays open between two reads: nothing is left to give back."""

    @property
    def rejects(self) -> Sequence[Reject]:
        """What the latest iteration of `batches` could not read, summed up; `count` says how many rows each is."""
        return self._tally.rejects()

    def span_ns(self) -> tuple[int, int] | None:
        """First and last instant, None without a reading; reads what does not tell it beforehand."""
        settler = self._settler(Tally())
        spans = [part.span_ns or _span_of(_settled(part, settler)) for part in self._parts]
        known = [span for span in spans if span is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None

    def batches(self, chunk_rows: int = CHUNK_ROWS) -> Iterator[ReadingBatch]:
        """The readings in order, at most `chunk_rows` a batch.

        Raises:
            RecordingError: path, and what is wrong.
        """
        self._tally = Tally()
        for pool in self._in_order():
            columns = self._asked_for(pool)
            for start in range(0, len(columns), chunk_rows):
                yield columns[start : start + chunk_rows].batch(self._table)

    def _may_hold(self, part: _Part) -> bool:
        from_ns, until_ns = self._span_ns
        if part.span_ns is None:
            return True
        return (from_ns is None or part.span_ns[1] >= from_ns) and (until_ns is None or part.span_ns[0] < until_ns)

    def _asked_for(self, pool: Columns) -> Columns:
        """The part of a pool in order of time that lies in the span of the options."""
        from_ns, until_ns = self._span_ns
        start = 0 if from_ns is None else int(np.searchsorted(pool.at_ns, from_ns))
        end = len(pool) if until_ns is None else int(np.searchsorted(pool.at_ns, until_ns))
        return pool[start:end]

    def _open(self, path: Path | S3File) -> None:
        if isinstance(path, Path) and not path.is_file():
            raise RecordingError(f"{path}: no such file")
        if isinstance(path, S3File) or path.suffix == PARQUET:
            file = ParquetFile(path, self._options)
            self._parts += [_Part(path, file.span_ns(group), _reader(file, group)) for group in range(file.groups)]
            self.rows = None if self.rows is None or any(self._span_ns) else self.rows + file.rows
        else:
            self._parts.append(_Part(path, None, lambda tally: read_csv(path, self._options, tally)))
            self.rows = None

    def _settler(self, tally: Tally) -> Settler:
        return Settler(self._table, {**STATUS_BY_WORD, **self._options.status_codes}, self._options.unit, tally)

    def _in_order(self) -> Iterator[Columns]:
        held: list[Columns] = []
        settler = self._settler(self._tally)
        for number, part in enumerate(self._parts):
            held.append(_settled(part, settler))
            is_last = number + 1 == len(self._parts)
            following_ns = None if is_last else self._parts[number + 1].span_ns
            if following_ns is None and not is_last:
                continue
            pool = Columns.joined(held).in_order()
            cut = len(pool) if following_ns is None else int(np.searchsorted(pool.at_ns, following_ns[0]))
            yield pool[:cut]
            held = [pool[cut:]]


def _reader(file: ParquetFile, group: int) -> Callable[[Tally], Rows]:
    return lambda _tally: file.read(group)


def _settled(part: _Part, settler: Settler) -> Columns:
    try:
        return settler.settle(part.read(settler.tally))
    except CellError as error:
        raise RecordingError(f"{part.path}: {error}") from error


def _span_of(columns: Columns) -> tuple[int, int] | None:
    return (int(columns.at_ns.min()), int(columns.at_ns.max())) if len(columns) else None
