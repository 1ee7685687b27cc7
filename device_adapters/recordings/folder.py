"""Which files of a folder or bucket that the recorder wrote hold readings of a span of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from device_adapters.recordings.s3 import Bucket, S3Access, S3File
from pipeline.errors import RecordingError

PARQUET: Final = ".parquet"
_DAY: Final = re.compile(r"^day=(\d{4}-\d{2}-\d{2})$")


def files_in(
    named: Path | str, access: S3Access, from_at: datetime | None, until_at: datetime | None
) -> Sequence[Path | S3File]:
    """The file itself, or where it is a folder or a bucket, its Parquet files; of other days than asked for none.

    Raises:
        RecordingError: a folder without a Parquet file, a bucket that cannot be read.
    """
    if isinstance(named, Path) and not named.is_dir():
        return [named]
    found: Sequence[Path | S3File] = (
        Bucket(access, named).files() if isinstance(named, str) else sorted(named.rglob("*"))
    )
    files = [file for file in found if file.suffix == PARQUET]
    if not files:
        what = "a folder" if isinstance(named, Path) else "an address"
        raise RecordingError(f"{named}: {what} without a Parquet file; name files, or a folder of the recorder")
    return [file for file in files if _may_hold(_day_of(file), from_at, until_at)]


def _day_of(file: Path | S3File) -> date | None:
    found = (_DAY.match(folder.name) for folder in file.parents)
    named = next((one for one in found if one), None)
    return date.fromisoformat(named[1]) if named else None


def _may_hold(day: date | None, from_at: datetime | None, until_at: datetime | None) -> bool:
    if day is None:
        return True
    begins_late = until_at is not None and day > until_at.date()
    ends_early = from_at is not None and day + timedelta(days=1) <= from_at.date()
    return not begins_late and not ends_early
