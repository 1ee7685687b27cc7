"""Alerts of others that are firing, and the chains of reports made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Table, Text, delete, select, update

from alerting.store.database import Database, insert_new
from alerting.store.schema import metadata
from pipeline.model.finding import Finding
from pipeline.model.instant import from_ns, to_ns

alerts: Final = Table(
    "foreign_alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("ends_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

chains: Final = Table(
    "foreign_chains",
    metadata,
    Column("key", Text, primary_key=True),
    Column("blob", LargeBinary, nullable=False),
)
_ONLY: Final = "lifecycle"


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that is firing, as a finding, and when it is over unless it is repeated."""

    fingerprint: str
    finding: Finding
    ends_at: datetime


class ForeignQueries(Database):
    """What others say."""

    def firing(self) -> tuple[Firing, ...]:
        """Every alert that is firing."""
        with self.read() as connection:
            return tuple(firing_of(connection))


def firing_of(connection: Connection) -> list[Firing]:
    """As `firing`, within a transaction."""
    rows = connection.execute(select(alerts).order_by(alerts.c.fingerprint))
    return [Firing(row.fingerprint, Finding.model_validate_json(row.document), from_ns(row.ends_at_ns)) for row in rows]


def put_firing(connection: Connection, one: Firing) -> None:
    """Write an alert anew or in place of what it was."""
    row = {
        "fingerprint": one.fingerprint,
        "ends_at_ns": to_ns(one.ends_at),
        "document": one.finding.model_dump_json(),
    }
    insert_new(connection, alerts, [row])
    connection.execute(update(alerts).where(alerts.c.fingerprint == one.fingerprint).values(row))


def drop_firing(connection: Connection, fingerprint: str) -> None:
    """An alert is over."""
    connection.execute(delete(alerts).where(alerts.c.fingerprint == fingerprint))


def chains_of(connection: Connection) -> bytes | None:
    """The snapshot of the report chains; None before the first."""
    return connection.scalar(select(chains.c.blob).where(chains.c.key == _ONLY))


def put_chains(connection: Connection, blob: bytes) -> None:
    """Keep the snapshot of the report chains."""
    insert_new(connection, chains, [{"key": _ONLY, "blob": blob}])
    connection.execute(update(chains).where(chains.c.key == _ONLY).values(blob=blob))
