"""One process a data folder: two would write the same journal, and each would send what the other sends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from uuid import uuid4

from pipeline.errors import JournalError

LOCK_FILE = "lock"


class DataLock:
    """Held from here until `close`, or until the process ends in whatever way.

    Attributes:
        node: the name of the folder's process, the same at every start.

    Raises:
        JournalError: another process is at work in the folder, or it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalError(f"{folder}: cannot be written: {error.strerror}; check its rights") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise JournalError(
                f"{folder}: another `forewarn run` is at work in this data folder; stop it, or name another with --data"
            ) from error
        self.node = os.pread(self._file, 64, 0).decode("ascii", "replace").strip() or self._named()

    def close(self) -> None:
        """Let another process have the folder."""
        os.close(self._file)

    def _named(self) -> str:
        node = uuid4().hex
        os.pwrite(self._file, node.encode(), 0)
        os.fsync(self._file)
        return node
