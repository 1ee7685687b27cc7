"""The time of the database: the clocks of several machines need not agree."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

_POSTGRESQL: Final = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint")
_SQLITE: Final = text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000")
"""Julian day 2440587.5 is the beginning of 1970; to the millisecond."""


def now_ns(connection: Connection) -> int:
    """Nanoseconds since 1970, UTC."""
    return connection.scalar(_POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE) or 0
