"""Transactions that must not run side by side take turns: SQLite has one writer, PostgreSQL a lock for each kind."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Connection, text


class Turn(IntEnum):
    """What waits for its like.

    OUTLET: decisions that look at what was sent to others. AUDIT: the end of the log. DRILL: who may hold one.
    """

    OUTLET = 0x66770001
    AUDIT = 0x66770002
    DRILL = 0x66770003


def take_turn(connection: Connection, turn: Turn) -> None:
    """Wait until no other transaction has it; it is given back when this one ends. Take OUTLET before AUDIT."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(turn)})
