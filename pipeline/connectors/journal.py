"""The journal: the log of readings and ticks in one SQLite file, and the dead letters beside them.

`append` returns when the entries would survive a kill -9 and, with `synchronous=FULL`, a power cut. Entries are
numbered upwards; the number is the position that a snapshot includes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import TypeAdapter

from pipeline.errors import JournalError
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.order import Order

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    body BLOB
);
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    received_ns INTEGER NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    excerpt BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS ticks ON entries (first_ns) WHERE body IS NULL;
CREATE TABLE IF NOT EXISTS identity (name TEXT NOT NULL);
INSERT INTO identity SELECT lower(hex(randomblob(4))) WHERE NOT EXISTS (SELECT 1 FROM identity);
"""
TRIM: Final = """
DELETE FROM entries WHERE position <= ? AND position < (
    SELECT position FROM entries WHERE body IS NULL AND first_ns < ? ORDER BY first_ns DESC LIMIT 1
)
"""
_DEAD_LETTERS_KEPT: Final = 100_000
"""The oldest go first: a device gone mad must not fill the disk. The counters keep the whole number."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something received that is no reading, kept for a person to look at."""

    received_ns: int
    source: str
    reason: str
    detail: str
    excerpt: bytes


_ORDERS: Final = b"orders "
"""What the body of a tick with orders begins with; no batch does."""
_ORDERS_OF: Final = TypeAdapter(tuple[Order, ...])


class Journal:
    """One file; any thread may call, one at a time is served.

    Attributes:
        identity: eight hexadecimal digits that tell it from a journal that is begun in its place.

    Raises:
        JournalError: the file cannot be opened, or is no journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            self.identity = str(self._db.execute("SELECT name FROM identity").fetchone()[0])
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"journal {path} cannot be opened: {error}") from error

    def append(self, entries: Sequence[Entry]) -> int:
        """Write entries in one transaction; the position of the first.

        Raises:
            JournalError: nothing of them was written.
        """
        rows = [_row(entry) for entry in entries]
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                last = 0
                for row in rows:
                    last = self._insert(row)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._rollback()
                raise JournalError(f"journal {self._path} cannot be written: {error}") from error
        return last - len(rows) + 1

    def _insert(self, row: tuple[int, int, int, bytes | None]) -> int:
        sql = "INSERT INTO entries (first_ns, last_ns, readings, body) VALUES (?, ?, ?, ?)"
        return self._db.execute(sql, row).lastrowid or 0

    def _rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def bury(self, letters: Iterable[DeadLetter]) -> None:
        """Keep dead letters, durable on return; beyond 100,000 the oldest are let go.

        Raises:
            JournalError: they could not be written.
        """
        sql = "INSERT INTO dead_letters (received_ns, source, reason, detail, excerpt) VALUES (?, ?, ?, ?, ?)"
        rows = [(one.received_ns, one.source, one.reason, one.detail, one.excerpt) for one in letters]
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany(sql, rows)
                self._db.execute(
                    "DELETE FROM dead_letters WHERE number <= (SELECT max(number) FROM dead_letters) - ?",
                    (_DEAD_LETTERS_KEPT,),
                )
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._rollback()
                raise JournalError(f"dead letters cannot be written to {self._path}: {error}") from error

    def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The latest first."""
        sql = "SELECT received_ns, source, reason, detail, excerpt FROM dead_letters ORDER BY number DESC LIMIT ?"
        with self._reader() as db:
            return [DeadLetter(*row) for row in db.execute(sql, (limit,))]

    def after(self, position: int) -> Iterator[tuple[int, Entry]]:
        """Entries past `position`, in order.

        Raises:
            JournalError: an entry that cannot be read.
        """
        yield from self._entries("position > ?", (position,))

    def between(self, first_ns: int, last_ns: int) -> Iterator[ReadingBatch]:
        """Batches that may hold readings observed between two instants, both included."""
        where = "readings > 0 AND last_ns >= ? AND first_ns <= ?"
        for _, entry in self._entries(where, (first_ns, last_ns)):
            if isinstance(entry, ReadingBatch):
                yield entry

    def _entries(self, where: str, values: tuple[int, ...]) -> Iterator[tuple[int, Entry]]:
        sql = f"SELECT position, first_ns, body FROM entries WHERE {where} ORDER BY position"  # noqa: S608  # constants
        with self._reader() as db:
            for position, first_ns, body in db.execute(sql, values):
                yield position, self._entry(position, first_ns, body)

    def _entry(self, position: int, first_ns: int, body: bytes | None) -> Entry:
        if body is None:
            return Tick(from_ns(first_ns))
        if body.startswith(_ORDERS):
            return Tick(from_ns(first_ns), _ORDERS_OF.validate_json(body.removeprefix(_ORDERS)))
        try:
            return ReadingBatch.decode(body)
        except BatchError as error:
            raise JournalError(f"journal {self._path}, entry {position}: {error}") from error

    def last_position(self) -> int:
        """The position of the newest entry, 0 if there never was one."""
        with self._reader() as db:
            row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        return int(row[0]) if row else 0

    def last_tick_ns(self) -> int | None:
        """The instant of the newest tick that is still kept."""
        with self._reader() as db:
            row = db.execute("SELECT max(first_ns) FROM entries WHERE body IS NULL").fetchone()
        return None if row[0] is None else int(row[0])

    def trim(self, position: int, before_ns: int) -> None:
        """Forget entries up to `position` that came before the newest tick older than `before_ns`.

        Ticks tell the age of what stands before them, whatever the clocks of the devices say.

        Raises:
            JournalError: the file cannot be written; nothing was forgotten.
        """
        self._write(TRIM, (position, before_ns))

    def go_on_after(self, position: int) -> None:
        """Number the next entry past `position`, where the file is younger than a snapshot that includes it.

        Raises:
            JournalError: the file cannot be written.
        """
        if self.last_position() >= position:
            return
        self._write("DELETE FROM sqlite_sequence WHERE name = 'entries'", ())
        self._write("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)", (position,))

    def _write(self, sql: str, values: tuple[int, ...]) -> None:
        with self._lock:
            try:
                self._db.execute(sql, values)
            except sqlite3.Error as error:
                raise JournalError(f"journal {self._path} cannot be written: {error}") from error

    def _reader(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self._path, timeout=10))

    def close(self) -> None:
        """No call may follow."""
        with self._lock:
            self._db.close()


def _row(entry: Entry) -> tuple[int, int, int, bytes | None]:
    if isinstance(entry, Tick):
        at_ns = to_ns(entry.at)
        return at_ns, at_ns, 0, _ORDERS + _ORDERS_OF.dump_json(entry.orders) if entry.orders else None
    times = entry.observed_at_ns
    first_ns, last_ns = (int(times.min()), int(times.max())) if len(entry) else (0, 0)
    return first_ns, last_ns, len(entry), entry.encode()
