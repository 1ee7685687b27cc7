"""Tables of the store. Instants are int64 nanoseconds UTC; a document is the model's own JSON.

Columns beside a document are copies for queries, never a second truth. Rows of findings, assessments, warnings and
the ledger are written once; deliveries change until their state is final; attempts are only ever added to.

A topic of its own has its tables in a file of its own in this folder, on this `metadata`. After a change of any table:
`python scripts/make_migration.py`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
)

metadata: Final = MetaData()


def _id(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _instant(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _perhaps(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


findings: Final = Table(
    "findings",
    metadata,
    _id("id"),
    Column("revision", Integer, primary_key=True),
    _instant("at_ns"),
    _text("hazard"),
    _text("area"),
    _text("subject"),
    _text("document"),
    Index("findings_by_time", "at_ns"),
)

assessments: Final = Table(
    "assessments",
    metadata,
    _id("id"),
    _instant("at_ns"),
    _text("hazard"),
    _text("area"),
    _text("document"),
    Index("assessments_by_time", "at_ns"),
)

warnings: Final = Table(
    "warnings",
    metadata,
    _id("id"),
    _text("chain"),
    _number("number"),
    _text("report"),
    _text("status"),
    _text("hazard"),
    _text("area"),
    _instant("sent_at_ns"),
    _instant("expires_at_ns"),
    _text("document"),
    Index("warnings_by_chain", "chain", "number", unique=True),
    Index("warnings_by_time", "sent_at_ns"),
)

releases: Final = Table(
    "releases",
    metadata,
    _id("warning"),
    _id("audience"),
    _text("how"),
    _text("by"),
    _instant("at_ns"),
    Index("releases_by_time", "at_ns"),
)
"""Written once; without a row here the next table takes no delivery: the one outlet."""

deliveries: Final = Table(
    "deliveries",
    metadata,
    _id("id"),
    _text("warning"),
    _text("audience"),
    _text("chain"),
    _number("number"),
    _number("level"),
    _text("channel"),
    _text("target"),
    _text("state"),
    _number("attempts"),
    _instant("queued_at_ns"),
    _perhaps("next_attempt_at_ns"),
    _perhaps("finished_at_ns"),
    _text("reason"),
    _text("note"),
    _text("lifted"),
    _number("is_over"),
    ForeignKeyConstraint(["warning", "audience"], ["releases.warning", "releases.audience"], name="one_outlet"),
    Column("holder", Text, nullable=True),
    Index("deliveries_by_warning", "warning"),
    Index("deliveries_by_chain", "chain", "channel", "target", "number"),
    Index("deliveries_by_time", "queued_at_ns"),
)
"""`lifted`: codes of areas, a comma between; `holder`: who is about to send it, where several share the store."""

_queued = deliveries.c.state == "queued"
_held = deliveries.c.holder.is_not(None)
Index(
    "deliveries_urgent",
    deliveries.c.channel,
    deliveries.c.level.desc(),
    deliveries.c.queued_at_ns,
    deliveries.c.number,
    deliveries.c.id,
    deliveries.c.next_attempt_at_ns,
    deliveries.c.target,
    postgresql_where=_queued,
    sqlite_where=_queued,
)
Index(
    "deliveries_due",
    deliveries.c.channel,
    deliveries.c.next_attempt_at_ns,
    postgresql_where=_queued,
    sqlite_where=_queued,
)
Index("deliveries_held", deliveries.c.channel, deliveries.c.holder, postgresql_where=_held, sqlite_where=_held)

attempts: Final = Table(
    "attempts",
    metadata,
    _id("warning"),
    _id("delivery"),
    Column("number", Integer, primary_key=True),
    _instant("at_ns"),
    _text("state"),
    _text("reason"),
    _text("detail"),
    sqlite_with_rowid=False,
)
"""`warning` is that of the delivery, first in the key: tries written together then stand together, on few pages."""

IS_TRY: Final = and_(attempts.c.warning == deliveries.c.warning, attempts.c.delivery == deliveries.c.id)
"""Joins deliveries with what was tried of them."""

ledger: Final = Table(
    "ledger",
    metadata,
    _id("warning"),
    _text("chain"),
    _number("number"),
    _text("report"),
    _text("status"),
    _text("hazard"),
    _text("area"),
    _number("level"),
    _instant("precursor_at_ns"),
    _perhaps("detected_at_ns"),
    _instant("decided_at_ns"),
    _instant("issued_at_ns"),
    _instant("expires_at_ns"),
    _perhaps("expected_onset_at_ns"),
    Index("ledger_by_chain", "chain", "number"),
)

ledger_channels: Final = Table(
    "ledger_channels",
    metadata,
    _id("warning"),
    Column("channel", Text, primary_key=True),
    _perhaps("accepted_at_ns"),
    _perhaps("delivered_at_ns"),
    _perhaps("acknowledged_at_ns"),
)

onsets: Final = Table(
    "onsets",
    metadata,
    _id("hazard"),
    _id("area"),
    Column("at_ns", BigInteger, primary_key=True),
)

progress: Final = Table(
    "progress",
    metadata,
    _id("key"),
    _instant("number"),
    Column("blob", LargeBinary, nullable=True),
)
