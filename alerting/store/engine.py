"""The engine of a store: SQLite for one machine, PostgreSQL for many."""

from __future__ import annotations

import sqlite3
from threading import Event
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from pipeline.errors import StoreError

BUSY_TIMEOUT_MS: Final = 10_000
_PRAGMAS: Final = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=5000",
    "cache_size=-32768",
)
"""A log of 20 MB and a cache of 32 MB: with the small ones of SQLite, writing outcomes costs a fifth more."""
_WAL_TRIES: Final = 200
_WAL_GAP_S: Final = BUSY_TIMEOUT_MS / 1000 / _WAL_TRIES
CONNECT_TIMEOUT_S: Final = 5
POOL: Final = 10
"""Connections that stay open; as many more are opened when all are in use."""
WRITES: Final = "forewarn_write"
"""The execution option of a transaction that writes."""


_NOT_YET: Final = ("starting up", "shutting down", "recovery", "too many clients", "remaining connection slots")
"""What a server says that is there and takes no connection just now."""
_FOR_GOOD: Final = ("FATAL:", "no password supplied", "does not support SSL", "certificate")
"""What else is said of a connection that will not come about by waiting."""


def is_away(error: SQLAlchemyError) -> bool:
    """Whether a PostgreSQL could not be reached, or not yet: nothing was wrong with what was asked of it."""
    if not isinstance(error, OperationalError):
        return False
    said = str(error.orig)
    return any(words in said for words in _NOT_YET) or not any(words in said for words in _FOR_GOOD)


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://USER@HOST/DATABASE`; nothing is connected yet.

    Raises:
        StoreError: another address, or the driver of PostgreSQL is not installed.
    """
    where = _parsed(url)
    if where.get_backend_name() == "sqlite":
        engine = create_engine(where)
        _tune_sqlite(engine)
        return engine
    settings = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "forewarn"}
    try:
        # A connection is tried before it is used: after a restart of the server the pool is made anew unnoticed.
        return create_engine(
            where.set(drivername="postgresql+psycopg"),
            connect_args=settings,
            pool_size=POOL,
            max_overflow=POOL,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise StoreError("store: PostgreSQL needs an extra: pip install 'forewarn[postgres]'") from error


def _parsed(url: str) -> URL:
    try:
        where = make_url(url)
    except ArgumentError:
        where = None
    if where is None or where.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreError("store: the address must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return where


def _tune_sqlite(engine: Engine) -> None:
    """Transactions are begun by us (the driver would begin them late), a writer's with its lock taken at once."""

    @event.listens_for(engine, "connect")
    def _set_up(raw: Any, _record: object) -> None:
        raw.isolation_level = None
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", *_PRAGMAS):
            raw.execute(f"PRAGMA {pragma}")
        _keep_log(raw)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _keep_log(raw: Any) -> None:
    """Write ahead. SQLite does not wait by itself for others who make the same file at the same moment."""
    for left in reversed(range(_WAL_TRIES)):
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
            Event().wait(_WAL_GAP_S)
        else:
            return
