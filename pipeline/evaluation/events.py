"""Events from a suite: told one by one, or read from the table that the recording's authors published."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.config.complaint import shown, words
from pipeline.errors import RecordingError
from pipeline.evaluation.event import Event
from pipeline.model.instant import NS_PER_S, Instant, as_utc, to_ns, to_text


class Told(BaseModel):
    """One event; instants as in `Event`, what is left out follows from the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    area: str = ""
    begin: Instant
    earliest: Instant | None = None
    end: Instant
    onset: Instant | None = None
    peers: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end < self.begin:
            span = f"{to_text(self.end)} is before {to_text(self.begin)}"
            raise ValueError(f"event {self.name!r} ends before it begins: {span}; exchange or mend the two")
        return self


class EventTable(BaseModel):
    """A CSV file with one event a row.

    Attributes:
        name: the columns that it is made of.
        covers_more: the table is of a longer time than the parts; what lies outside them is left out without a word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    begin: str
    end: str
    name: tuple[str, ...]
    covers_more: bool = False


def events_of(table: EventTable, folder: Path) -> list[Told]:
    """Every event of the table, in order of time.

    Raises:
        RecordingError: no such file, no UTF-8, a column that is not there, an instant that is none, an
            event that ends before it begins.
    """
    path = folder / table.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sorted(
                _rows(path, csv.DictReader(file, restval=""), table), key=lambda event: (event.begin, event.name)
            )
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8 (in Excel: CSV UTF-8)"
        raise RecordingError(f"{path}: not UTF-8: {error.reason} at byte {error.start}; {remedy}") from error
    except (OSError, csv.Error) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from error


def settled(told: Told, found_within_s: float | None) -> Event:
    """The event in nanoseconds, with what it left out."""
    begin_ns, end_ns = to_ns(told.begin), to_ns(told.end)
    return Event(
        name=told.name,
        begin_ns=begin_ns,
        earliest_ns=begin_ns if told.earliest is None else to_ns(told.earliest),
        found_by_ns=end_ns if found_within_s is None else begin_ns + round(found_within_s * NS_PER_S),
        end_ns=end_ns,
        area=told.area,
        onset_ns=None if told.onset is None else to_ns(told.onset),
        peers=tuple(told.peers.items()),
    )


def _rows(path: Path, reader: csv.DictReader[str], table: EventTable) -> Iterator[Told]:
    columns = reader.fieldnames or ()
    missing = [repr(name) for name in (table.begin, table.end, *table.name) if name not in columns]
    if missing:
        raise RecordingError(f"{path}:1: no column {', '.join(missing)}; it has {', '.join(columns) or 'none'}")
    for row in reader:
        try:
            begin, end = (_instant(row[column], column) for column in (table.begin, table.end))
            yield Told(name=" ".join(row[column] for column in table.name), begin=begin, end=end)
        except ValidationError as error:
            raise RecordingError(f"{path}:{reader.line_num}: {words(error.errors())}") from error
        except ValueError as error:
            raise RecordingError(f"{path}:{reader.line_num}: {error}") from error


def _instant(cell: str, column: str) -> datetime:
    try:
        at = datetime.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(f"{column}: {shown(cell)} is no instant; write it like 2026-01-01T05:35:00Z") from error
    try:
        return as_utc(at)
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from error
