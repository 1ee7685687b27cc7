"""Events from a suite: told one by one, or read from the table that the recording's authors published."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import RecordingError
from pipeline.evaluation.event import Event
from pipeline.model.instant import NS_PER_S, Instant, as_utc, to_ns


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


class EventTable(BaseModel):
    """A CSV file with one event a row; `name` is made of the columns listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    begin: str
    end: str
    name: tuple[str, ...]


def events_of(table: EventTable, folder: Path) -> list[Told]:
    """Every event of the table, in order of time.

    Raises:
        RecordingError: no such file, a column that is not there, an instant that is none.
    """
    path = folder / table.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sorted(_rows(path, csv.DictReader(file), table), key=lambda event: (event.begin, event.name))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
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
    for row in reader:
        try:
            begin, end = (as_utc(datetime.fromisoformat(row[column])) for column in (table.begin, table.end))
            yield Told(name=" ".join(row[column] for column in table.name), begin=begin, end=end)
        except KeyError as error:
            raise RecordingError(f"{path}: no column {error}; it has {', '.join(reader.fieldnames or ())}") from error
        except ValueError as error:
            raise RecordingError(f"{path}:{reader.line_num}: {error}") from error
