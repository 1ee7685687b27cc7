"""Tables of `alerting.store.schema`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _assessments()
    _attempts()
    _findings()
    _ledger()
    _ledger_channels()
    _onsets()
    _progress()
    _releases()
    _warnings()
    _deliveries()


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("assessments_by_time", "assessments", ["at_ns"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("warning", "delivery", "number"),
        sqlite_with_rowid=False,
    )


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "revision"),
    )
    op.create_index("findings_by_time", "findings", ["at_ns"], unique=False)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("precursor_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("detected_at_ns", sa.BigInteger(), nullable=True),
        sa.Column("decided_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("issued_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("expected_onset_at_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("warning"),
    )
    op.create_index("ledger_by_chain", "ledger", ["chain", "number"], unique=False)


def _ledger_channels() -> None:
    op.create_table(
        "ledger_channels",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("accepted_at_ns", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at_ns", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("warning", "channel"),
    )


def _onsets() -> None:
    op.create_table(
        "onsets",
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hazard", "area", "at_ns"),
    )


def _progress() -> None:
    op.create_table(
        "progress",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("warning", "audience"),
    )
    op.create_index("releases_by_time", "releases", ["at_ns"], unique=False)


def _warnings() -> None:
    op.create_table(
        "warnings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("sent_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("warnings_by_chain", "warnings", ["chain", "number"], unique=True)
    op.create_index("warnings_by_time", "warnings", ["sent_at_ns"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at_ns", sa.BigInteger(), nullable=True),
        sa.Column("finished_at_ns", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lifted", sa.Text(), nullable=False),
        sa.Column("is_over", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["warning", "audience"], ["releases.warning", "releases.audience"], name="one_outlet"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deliveries_by_chain", "deliveries", ["chain", "channel", "target", "number"], unique=False)
    op.create_index("deliveries_by_time", "deliveries", ["queued_at_ns"], unique=False)
    op.create_index("deliveries_by_warning", "deliveries", ["warning"], unique=False)
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["channel", "next_attempt_at_ns"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "deliveries_held",
        "deliveries",
        ["channel", "holder"],
        unique=False,
        postgresql_where=sa.text("holder IS NOT NULL"),
        sqlite_where=sa.text("holder IS NOT NULL"),
    )
    op.create_index(
        "deliveries_urgent",
        "deliveries",
        ["channel", sa.literal_column("level DESC"), "queued_at_ns", "number", "id", "next_attempt_at_ns", "target"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
