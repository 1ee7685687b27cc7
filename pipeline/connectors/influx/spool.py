"""Lines kept on disk while InfluxDB is away: one compressed file a request, oldest first, bounded."""

from __future__ import annotations

import fcntl
import logging
import os
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.durable import PART, whole_file
from pipeline.errors import BackPressureError, InfluxError

SUFFIX: Final = ".lp.z"
BAD: Final = ".unreadable"
LOCK: Final = "lock"
_FAST: Final = 1
RETRY_AFTER_S: Final = 1.0

log = logging.getLogger(__name__)


class Spool:
    """One folder, one owner. What `put` took is there after a kill -9 or a power cut.

    Args:
        put_aside: told of each file that cannot be read any more.

    Raises:
        InfluxError: the folder cannot be used, or another process does.
    """

    def __init__(self, folder: Path, max_bytes: int, put_aside: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._put_aside = put_aside
        self._max_bytes = max_bytes
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder)
            for part in folder.glob(f".*{PART}"):
                part.unlink()
            files = sorted(folder.glob(f"*{SUFFIX}"))
            self._files = deque((path, path.stat().st_size) for path in files)
        except OSError as error:
            raise InfluxError(f"spool {folder} cannot be used: {error}") from error
        self.size_bytes = sum(size for _, size in self._files)
        self._next = int(files[-1].name.removesuffix(SUFFIX)) + 1 if files else 0

    def close(self) -> None:
        """Let another process have the folder."""
        os.close(self._lock)

    def __len__(self) -> int:
        """Requests that wait."""
        return len(self._files)

    def put(self, lines: bytes) -> None:
        """Keep the lines of one request; durable on return.

        Raises:
            BackPressureError: it is full, or the disk refuses; nothing was kept.
        """
        packed = zlib.compress(lines, _FAST)
        if self._files and self.size_bytes + len(packed) > self._max_bytes:
            raise BackPressureError(
                f"the spool {self._folder} holds {self.size_bytes} bytes, influx.spool_mb allows {self._max_bytes}",
                RETRY_AFTER_S,
            )
        path = self._folder / f"{self._next:012d}{SUFFIX}"
        try:
            with whole_file(path) as file:
                file.write(packed)
        except OSError as error:
            raise BackPressureError(f"the spool {self._folder} cannot be written: {error}", RETRY_AFTER_S) from error
        self._files.append((path, len(packed)))
        self.size_bytes += len(packed)
        self._next += 1

    def oldest(self) -> bytes | None:
        """The lines that have waited longest; None where nothing waits. A file that is damaged is put aside, told."""
        while self._files:
            path, _ = self._files[0]
            try:
                return zlib.decompress(path.read_bytes())
            except (OSError, zlib.error) as error:
                log.error("%s cannot be read and is put aside as *%s: %s", path, BAD, error)  # noqa: TRY400  # says all
                if path.exists():
                    path.replace(path.with_name(path.name + BAD))
                self._put_aside()
                self._forget()
        return None

    def done(self) -> None:
        """Let the oldest go: it is in InfluxDB."""
        self._files[0][0].unlink(missing_ok=True)
        self._forget()

    def shorten(self, lines: bytes) -> None:
        """Keep these of the oldest's lines only. Where the disk refuses, all of them stay and are sent again."""
        path, size = self._files[0]
        packed = zlib.compress(lines, _FAST)
        try:
            with whole_file(path) as file:
                file.write(packed)
        except OSError as error:
            log.warning("%s stays as it is: %s", path, error)
            return
        self._files[0] = (path, len(packed))
        self.size_bytes += len(packed) - size

    def _forget(self) -> None:
        _, size = self._files.popleft()
        self.size_bytes -= size


def _locked(folder: Path) -> int:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise InfluxError(
            f"{folder}: another process keeps its points here; give this one a process.data of its own"
        ) from error
    return lock
