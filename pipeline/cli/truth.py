"""A table of what really happened: hazard, area, onset_at (RFC 3339); further columns are for people."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from alerting.ledger import Onset
from pipeline.errors import RecordingError
from pipeline.model.hazard import Hazard
from pipeline.model.instant import as_utc
from pipeline.model.inventory import Inventory


def load_truth(path: Path, inventory: Inventory) -> list[Onset]:
    """The onsets of `path`.

    Raises:
        RecordingError: a row that is none, with its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            return [_onset(path, reader.line_num, row, inventory) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from error


def _onset(path: Path, line: int, row: dict[str, str], inventory: Inventory) -> Onset:
    try:
        onset = Onset(Hazard(row["hazard"]), row["area"], as_utc(datetime.fromisoformat(row["onset_at"])))
    except KeyError as error:
        raise RecordingError(f"{path}: no column {error}; want hazard, area, onset_at") from error
    except ValueError as error:
        raise RecordingError(f"{path}:{line}: {error}") from error
    if onset.area not in inventory.area_by_code:
        raise RecordingError(f"{path}:{line}: area {onset.area} is not in the inventory")
    return onset
