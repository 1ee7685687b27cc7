"""Opening the database, and the two kinds of transaction: one that reads, one that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from alerting.store import migrate
from alerting.store.engine import WRITES, is_away, make_engine
from pipeline.errors import StoreAwayError, StoreError


class Database:
    """A connection pool, and tables that fit this program. Any thread may call any method.

    What a write transaction has committed survives a loss of power. On SQLite (WAL, synchronous=FULL) writers of one
    process take turns at a lock, those of other processes at the database (10 s at most); on PostgreSQL they run side
    by side.

    Raises:
        StoreError: the database cannot be opened, or was written by a newer program.
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self.shared = self._engine.dialect.name == "postgresql"
        """Whether processes of other machines may be at work on it."""
        self._turn: AbstractContextManager[Any] = nullcontext() if self.shared else Lock()
        self._version = 0
        self._where = self._engine.url.render_as_string(hide_password=True)
        try:
            self._migrate()
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def version(self) -> int:
        """Another number after each write of this process; cheap, for those who look for changes."""
        return self._version

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; never waits for a writer."""
        try:
            with self._engine.connect() as connection:
                if self.shared:
                    connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise self._error("read", error) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All of the block or nothing of it; durable when the block is left."""
        try:
            with self._turn, self._engine.connect() as connection:
                connection.execution_options(**{WRITES: True})
                with connection.begin():
                    yield connection
                self._version += 1
        except SQLAlchemyError as error:
            raise self._error("write", error) from error

    def _migrate(self) -> None:
        try:
            with self.read() as connection:
                ready = migrate.is_current(connection)
            if not ready:
                with self.write() as connection:
                    migrate.upgrade(connection)
        except migrate.RevisionError as error:
            raise StoreError(f"store {self._where}: {error}") from error

    def _error(self, verb: str, error: SQLAlchemyError) -> StoreError:
        cause = str(getattr(error, "orig", None) or error).strip()
        remedy = "the server and the address" if self.shared else "the path, its rights and free space"
        kind = StoreAwayError if self.shared and is_away(error) else StoreError
        return kind(f"store {self._where}: cannot {verb}: {cause}; check {remedy}")


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`; one whose key is there already is left as it is."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
        connection.execute(statement, [dict(row) for row in rows])
