"""The spool: messages kept on disk while Kafka is away, in order, in one SQLite file of bounded size.

`append` returns when they would survive a kill -9 and a loss of power. They are read from the front, and forgotten only
when Kafka has them: after a crash in between some are sent twice, which changes nothing.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import JournalError

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    headers BLOB NOT NULL,
    value BLOB NOT NULL
);
"""
_INSERT: Final = "INSERT INTO messages (topic, partition, readings, headers, value) VALUES (?, ?, ?, ?, ?)"
_FIRST: Final = (
    "SELECT position, topic, partition, readings, headers, value FROM messages "
    "WHERE position > ? ORDER BY position LIMIT ?"
)
_HELD: Final = "SELECT count(*), coalesce(sum(readings), 0), coalesce(sum(length(value)), 0) FROM messages"
_HELD_UP_TO: Final = f"{_HELD} WHERE position <= ?"
RESERVE_BYTES: Final = 32 * 1024 * 1024
"""Of the disk, left free: on a full one nothing could be let go of either, and the spool would never be empty again."""

_REMEDY: Final = "is its disk full or broken, or is it another program's file?"


class Spool:
    """One file, one process; any thread may call.

    Attributes:
        messages, readings, bytes: what it holds.

    Raises:
        JournalError: the file cannot be opened, or another process has it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
            self._db.execute("PRAGMA auto_vacuum=FULL")  # what was sent gives its room back to the disk
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            held: tuple[int, int, int] = self._db.execute(_HELD).fetchone()
            self.messages, self.readings, self.bytes = held
        except (OSError, sqlite3.Error) as error:
            is_taken = "locked" in str(error)
            remedy = "does another gateway use this [process] data folder? Each needs its own" if is_taken else _REMEDY
            raise JournalError(f"spool {path} cannot be opened: {error}; {remedy}") from error

    def append(self, messages: Sequence[Message]) -> None:
        """Write messages in one transaction; none of them has a key.

        Raises:
            JournalError: nothing of them was written.
        """
        rows = [
            (one.topic, one.partition, one.readings, msgspec.msgpack.encode(dict(one.headers)), one.value or b"")
            for one in messages
        ]
        free_bytes = shutil.disk_usage(self._path.parent).free
        if free_bytes < RESERVE_BYTES:
            what = f"{free_bytes} bytes of its disk are free, {RESERVE_BYTES} are kept so that it can be emptied"
            raise JournalError(f"spool {self._path} takes no more: {what}; make room")
        with self._lock:
            try:
                self._db.execute("BEGIN")
                self._db.executemany(_INSERT, rows)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise JournalError(f"spool {self._path} cannot be written: {error}") from error
            self.messages += len(rows)
            self.readings += sum(one.readings for one in messages)
            self.bytes += sum(len(one.value or b"") for one in messages)

    def first(self, limit: int, after: int = 0) -> list[tuple[int, Message]]:
        """The oldest messages past position `after`, each with its own position.

        Raises:
            JournalError: the file cannot be read.
        """
        with self._lock:
            try:
                rows = self._db.execute(_FIRST, (after, limit)).fetchall()
            except sqlite3.Error as error:
                raise JournalError(f"spool {self._path} cannot be read: {error}") from error
        return [
            (
                position,
                Message(
                    Topic(topic), value, partition, headers=msgspec.msgpack.decode(headers, type=dict[str, str]),
                    readings=readings,
                ),
            )
            for position, topic, partition, readings, headers, value in rows
        ]  # fmt: skip

    def forget(self, position: int) -> None:
        """Let go of the messages up to `position`.

        Raises:
            JournalError: the file cannot be written; they are sent again.
        """
        with self._lock:
            try:
                messages, readings, size = self._db.execute(_HELD_UP_TO, (position,)).fetchone()
                self._db.execute("DELETE FROM messages WHERE position <= ?", (position,))
            except sqlite3.Error as error:
                raise JournalError(f"spool {self._path} cannot be written: {error}") from error
            self.messages -= messages
            self.readings -= readings
            self.bytes -= size

    def close(self) -> None:
        """No call may follow."""
        with self._lock:
            self._db.close()
