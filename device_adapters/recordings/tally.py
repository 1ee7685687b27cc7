"""Rows of a recording that are no readings, summed up: one reject for each file, reason and word."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs.base import Reject, RejectReason
from device_adapters.recordings.s3 import S3File


@dataclass(slots=True)
class _Sum:
    first_row: int
    detail: str
    first: str
    count: int = 0

    def __str__(self) -> str:
        said = f": {self.first}" if self.first else ""
        return f"{self.detail} ({self.count} rows, the first is row {self.first_row + 1}{said})"


@dataclass(slots=True)
class Tally:
    """Grows while a recording is read."""

    _sums: dict[tuple[str, RejectReason, str], _Sum] = field(default_factory=dict)

    def add(
        self,
        path: Path | S3File,
        reason: RejectReason,
        subject: str,
        rows: NDArray[np.int64],
        detail: str,
        first: str = "",
    ) -> None:
        """Count `rows` (numbers of rows, one entry a reading) of which `detail` is true; the first says `first`."""
        if len(rows):
            key = (str(path), reason, subject)
            self._sums.setdefault(key, _Sum(int(rows[0]), detail, first)).count += len(rows)

    def rejects(self) -> list[Reject]:
        """In order of file, row and reason."""
        entries = sorted(self._sums.items(), key=lambda entry: (str(entry[0][0]), entry[1].first_row, entry[0][1:]))
        return [
            Reject(
                one.first_row,
                reason,
                f"{path}: {one}",
                b"",
                one.count,
            )
            for (path, reason, _), one in entries
        ]
