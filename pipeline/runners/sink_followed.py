"""The journal as somebody sees it who follows it at a pace of their own, over restarts."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.connectors.journal import Journal
from pipeline.durable import whole_file
from pipeline.model.entry import Entry
from pipeline.runners.sink_points import COMPONENT
from pipeline.telemetry import Event, Telemetry

ENTRIES_AT_ONCE: Final = 256

log = logging.getLogger(__name__)


class Followed:
    """The position that was reached is kept in a file.

    Attributes:
        position: of the last entry that was read.
    """

    def __init__(self, journal: Journal, path: Path, telemetry: Telemetry) -> None:
        self._journal = journal
        self._path = path
        self._telemetry = telemetry
        text = path.read_text("ascii").strip() if path.is_file() else ""
        self.position = min(int(text) if text.isdigit() else 0, journal.last_position())

    def next(self) -> list[tuple[int, Entry]]:
        """What comes next, at most ENTRIES_AT_ONCE entries.

        Raises:
            JournalError: an entry cannot be read.
        """
        entries = list(islice(self._journal.after(self.position), ENTRIES_AT_ONCE))
        if entries:
            missing = entries[0][0] - self.position - 1
            if missing and self.position:
                self._telemetry.count(COMPONENT, Event.DROPPED, missing, "journal_trimmed")
                words = "%s: %d entries had been let go before they were read; lengthen process.keep_readings_s"
                log.error(words, self._path.name, missing)
            self.position = entries[-1][0]
        return entries

    def behind(self) -> int:
        """Entries that were not read yet."""
        return max(0, self._journal.last_position() - self.position)

    def keep(self, position: int) -> None:
        """Note that everything up to `position` is where it should be; durable on return."""
        with whole_file(self._path) as file:
            file.write(str(position).encode())
