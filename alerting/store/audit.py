"""Rows of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, insert, select

from alerting.audit import START, AuditEntry, bound
from alerting.store.database import Database
from alerting.store.schema import metadata
from alerting.store.turn import Turn, take_turn
from pipeline.model.instant import from_ns, to_ns

audit: Final = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_by_subject", "subject"),
)


class AuditQueries(Database):
    """Who did what."""

    def audit(self, limit: int | None = None, *, subject: str | None = None) -> tuple[AuditEntry, ...]:
        """Entries by number; the latest `limit` where one is given, those of one subject where that is."""
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        with self.read() as connection:
            rows: Sequence[Row[Any]] = connection.execute(
                query if subject is None else query.where(audit.c.subject == subject)
            ).all()
        return tuple(_entry(row) for row in reversed(rows))

    def note(self, at: datetime, who: str, action: str, subject: str, detail: str = "") -> AuditEntry:
        """Enter a deed that changes nothing else in the store."""
        with self.write() as connection:
            return add_audit(connection, at, who, action, subject, detail)


def add_audit(
    connection: Connection, at: datetime, who: str, action: str, subject: str, detail: str = ""
) -> AuditEntry:
    """Enter a deed, in the transaction that does it."""
    take_turn(connection, Turn.AUDIT)
    last = connection.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).first()
    number, before = (last.number + 1, last.hash) if last else (1, START)
    at_ns = to_ns(at)
    row = {"number": number, "at_ns": at_ns, "who": who, "action": action, "subject": subject, "detail": detail}
    row["hash"] = bound(before, number, at_ns, who, action, subject, detail)
    connection.execute(insert(audit).values(row))
    return AuditEntry(
        number=number, at=at, who=who, action=action, subject=subject, detail=detail, hash=str(row["hash"])
    )


def has_entry(connection: Connection, action: str, subject: str) -> bool:
    """Whether a deed was entered."""
    here = (audit.c.subject == subject, audit.c.action == action)
    return connection.execute(select(audit.c.number).where(*here).limit(1)).first() is not None


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        number=row.number,
        at=from_ns(row.at_ns),
        who=row.who,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        hash=row.hash,
    )
