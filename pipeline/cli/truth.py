"""A table of what really happened: hazard, area, onset_at (RFC 3339); further columns are for people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from alerting.ledger import Onset
from pipeline.config.complaint import shown
from pipeline.errors import RecordingError
from pipeline.model.hazard import Hazard
from pipeline.model.instant import as_utc
from pipeline.model.inventory import Inventory

COLUMNS: Final = ("hazard", "area", "onset_at")


def load_truth(path: Path, inventory: Inventory) -> list[Onset]:
    """The onsets of `path`.

    Raises:
        RecordingError: it is no such table.
        ExceptionGroup[RecordingError]: every row that is no onset, with its line.
    """
    found: list[Onset] = []
    complaints: list[RecordingError] = []
    for line, row in _rows(path):
        try:
            found.append(_onset(row, inventory))
        except ValueError as error:
            complaints.append(RecordingError(f"{path}:{line}: {error}"))
    if complaints:
        raise ExceptionGroup(f"{path}: no table of onsets", complaints)
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and the three cells of each row; a cell that is not there is empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise RecordingError(f"{path}:1: no column {', '.join(missing)}; want {', '.join(COLUMNS)}")
            for row in reader:
                yield reader.line_num, {name: row[name].strip() for name in COLUMNS}
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise RecordingError(f"{path}: not CSV: {error}") from error


def _onset(row: dict[str, str], inventory: Inventory) -> Onset:
    hazard, area, at = (row[name] for name in COLUMNS)
    if hazard not in set(Hazard):
        raise ValueError(f"hazard: must be one of {', '.join(Hazard)}, not {shown(hazard)}")
    if area not in inventory.area_by_code:
        raise ValueError(f"area: {shown(area)} is not in the inventory; `forewarn list areas` shows all")
    try:
        return Onset(Hazard(hazard), area, as_utc(datetime.fromisoformat(at)))
    except ValueError as error:
        raise ValueError(f"onset_at: {error}") from error
