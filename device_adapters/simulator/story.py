"""A story: recordings on one time line, and the instant of it that is moved to "now"."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import RecordingError
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant, to_ns

STORY_FILE: Final = "demo.toml"
_SCHEMA: Final = pa.schema(
    [
        ("observed_at", pa.timestamp("us", "UTC")),
        ("sensor", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)


class Recording(BaseModel):
    """One file of a story, with what to tell people of it. `file` is relative to the story's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    hazard: Hazard | None = None
    synthetic: bool = False
    title_en: str = ""
    title_zh: str = ""


class Story(BaseModel):
    """What `demo.toml` says. `present_at` is the instant that is moved to "now"; `folder` is where the files are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    present_at: Instant
    recordings: tuple[Recording, ...] = Field(min_length=1)
    truth: Path | None = None
    folder: Path = Path()

    def table(self) -> pa.Table:
        """observed_at (UTC), sensor, value, unit of all recordings, in order of time, then sensor.

        Raises:
            RecordingError: a file that is missing, no Parquet, or lacks a column.
        """
        parts = [_read(self.folder / recording.file) for recording in self.recordings]
        return pa.concat_tables(parts).sort_by([("observed_at", "ascending"), ("sensor", "ascending")])


@dataclass(frozen=True, slots=True)
class Event:
    """What really happened: a hazard set in at `onset_at`, in an area, by whose account."""

    hazard: Hazard
    area: str
    onset_at: datetime
    what: str
    source: str


def load_story(path: Path) -> Story:
    """The story of a folder with a demo.toml, or of one Parquet file, whose first instant is then the present.

    Raises:
        RecordingError: nothing that can be read as a story.
    """
    if path.suffix == ".parquet":
        first = pc.min(_read(path)["observed_at"]).as_py()
        if first is None:
            raise RecordingError(f"{path}: holds no reading")
        return Story(present_at=first, recordings=(Recording(file=path),))
    try:
        content = tomllib.loads((path / STORY_FILE).read_text(encoding="utf-8"))
        return Story.model_validate({**content, "folder": path})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise RecordingError(f"{path / STORY_FILE}: no story: {error}") from error


def write_past(story: Story, now: datetime, target: Path) -> int:
    """Write what lies up to the present, moved to end at `now`, as one Parquet file to replay.

    The file is a long table: observed_at (UTC, us), sensor, value, unit. Returns how many readings it holds.
    """
    table = story.table()
    past = table.filter(pc.less_equal(table["observed_at"], pa.scalar(story.present_at, pa.timestamp("us", "UTC"))))
    moved = pc.add(past["observed_at"], pa.scalar(now - story.present_at, pa.duration("us")))
    pq.write_table(past.set_column(0, "observed_at", moved), target, compression="zstd")
    return int(past.num_rows)


def truth(story: Story, now: datetime) -> Iterator[Event]:
    """What really happens in the story when its present is at `now`, in the order of the file.

    Raises:
        RecordingError: a truth file that cannot be read.
    """
    if story.truth is None:
        return
    path = story.folder / story.truth
    try:
        with path.open(encoding="utf-8", newline="") as file:
            events = [_event(row) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{path}: no truth file: {error!r}") from error
    yield from (replace(event, onset_at=event.onset_at + (now - story.present_at)) for event in events)


def shift_ns(story: Story, now: datetime) -> int:
    """What to add to an instant of the story when its present is at `now`."""
    return to_ns(now) - to_ns(story.present_at)


def _event(row: dict[str, Any]) -> Event:
    return Event(
        Hazard(row["hazard"]), row["area"], datetime.fromisoformat(row["onset_at"]), row["what"], row["source"]
    )


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, columns=_SCHEMA.names).cast(_SCHEMA)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise RecordingError(f"{path}: no recording with the columns {', '.join(_SCHEMA.names)}: {error}") from error
