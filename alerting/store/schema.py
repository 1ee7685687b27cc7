"""Tables of the store. Instants are int64 nanoseconds UTC; a document is the model's own JSON.

Columns beside a document are copies for queries, never a second truth. Rows of findings, assessments, warnings and
the ledger are written once; deliveries change until their state is final; attempts are only ever added to.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

SCHEMA_VERSION: Final = 1

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

deliveries: Final = Table(
    "deliveries",
    metadata,
    _id("id"),
    _text("warning"),
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
    Index("deliveries_due", "channel", "state", "next_attempt_at_ns"),
    Index("deliveries_by_warning", "warning"),
    Index("deliveries_by_chain", "chain", "channel", "target"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    _id("delivery"),
    Column("number", Integer, primary_key=True),
    _instant("at_ns"),
    _text("state"),
    _text("reason"),
    _text("detail"),
)

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
