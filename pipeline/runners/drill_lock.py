"""One drill a data folder, whichever process started it: two at once would mix what they show."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from pipeline.errors import DutyError

LOCK_FILE: Final = "drill.lock"
_WORDS_MAX: Final = 500


class DrillLock:
    """Held from here until all that have `file` have closed it or ended, in whatever way: a child that is given it too.

    Args:
        words: which drill it is, for whoever is refused.

    Attributes:
        file: its descriptor.

    Raises:
        DutyError: another drill is still running, or the folder cannot be written.
    """

    def __init__(self, folder: Path, words: str) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DutyError(f"{folder}: cannot be written: {error.strerror}; check its rights") from error
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self.file, 0)
            os.pwrite(self.file, words.encode()[:_WORDS_MAX], 0)
        except BlockingIOError as error:
            held = os.pread(self.file, _WORDS_MAX, 0).decode(errors="replace")
            self.close()
            raise DutyError(f"drill {held} is still running; one at a time") from error
        except OSError as error:
            self.close()
            raise DutyError(f"{folder / LOCK_FILE}: {error.strerror}; check space and rights") from error

    def close(self) -> None:
        """Let go of it here."""
        os.close(self.file)
