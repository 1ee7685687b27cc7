"""Opening the database, and the two kinds of transaction: one that reads, one that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from alerting.store import schema
from pipeline.errors import StoreError

BUSY_TIMEOUT_MS: Final = 10_000
_SCHEMA_KEY: Final = "schema_version"


class Database:
    """A connection pool and a schema that fits this program. Any thread may call any method.

    SQLite runs in WAL with synchronous=FULL: what a write transaction has committed survives a loss of power.
    Writers of one process take turns at a lock, those of other processes at the database (10 s at most).

    Raises:
        StoreError: the database cannot be opened, or was written by another version.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self._writing = Lock()
        self._version = 0
        self._where = self._engine.url.render_as_string(hide_password=True)
        if self._engine.dialect.name == "sqlite":
            _tune_sqlite(self._engine)
        with self.write() as connection:
            schema.metadata.create_all(connection)
            insert_new(connection, schema.progress, [{"key": _SCHEMA_KEY, "number": schema.SCHEMA_VERSION}])
            self._require_version(connection)

    @property
    def version(self) -> int:
        """Another number after each write of this process; cheap, for those who look for changes."""
        return self._version

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; never waits for a writer on SQLite."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._error("read", error) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All of the block or nothing of it; durable when the block is left."""
        try:
            with self._writing, self._engine.connect() as connection:
                connection.execution_options(forewarn_write=True)
                with connection.begin():
                    yield connection
                self._version += 1
        except SQLAlchemyError as error:
            raise self._error("write", error) from error

    def _require_version(self, connection: Connection) -> None:
        column = schema.progress.c
        found = connection.scalar(select(column.number).where(column.key == _SCHEMA_KEY))
        if found != schema.SCHEMA_VERSION:
            message = (
                f"store {self._where}: schema version {found}, this program has {schema.SCHEMA_VERSION}; "
                "use the program that wrote it, or begin with an empty data folder"
            )
            raise StoreError(message)

    def _error(self, verb: str, error: SQLAlchemyError) -> StoreError:
        cause = getattr(error, "orig", None) or error
        return StoreError(f"store {self._where}: cannot {verb}: {cause}; check the path, its rights and free space")


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`; one whose key is there already is left as it is."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
        connection.execute(statement, [dict(row) for row in rows])


def _tune_sqlite(engine: Engine) -> None:
    """Transactions are begun by us (the driver would begin them late), a writer's with its lock taken at once."""

    @event.listens_for(engine, "connect")
    def _set_up(raw: Any, _record: object) -> None:
        raw.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("forewarn_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
