"""Which files of a folder that the recorder wrote hold readings of a span of time."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.errors import RecordingError

_DAY: Final = re.compile(r"^day=(\d{4}-\d{2}-\d{2})$")


def files_in(path: Path, from_at: datetime | None, until_at: datetime | None) -> list[Path]:
    """`path` itself, or where it is a folder, its Parquet files; those of other days than asked for are left out.

    Raises:
        RecordingError: a folder without a Parquet file.
    """
    if not path.is_dir():
        return [path]
    files = sorted(path.rglob("*.parquet"))
    if not files:
        raise RecordingError(f"{path}: a folder without a Parquet file; name files, or a folder of the recorder")
    return [file for file in files if _may_hold(_day_of(file), from_at, until_at)]


def _day_of(file: Path) -> date | None:
    found = (_DAY.match(folder.name) for folder in file.parents)
    named = next((one for one in found if one), None)
    return date.fromisoformat(named[1]) if named else None


def _may_hold(day: date | None, from_at: datetime | None, until_at: datetime | None) -> bool:
    if day is None:
        return True
    begins_late = until_at is not None and day > until_at.date()
    ends_early = from_at is not None and day + timedelta(days=1) <= from_at.date()
    return not begins_late and not ends_early
