"""Tables of `alerting.store.foreign`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables."""
    _foreign_alerts()
    _foreign_chains()


def _foreign_alerts() -> None:
    op.create_table(
        "foreign_alerts",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("ends_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )


def _foreign_chains() -> None:
    op.create_table(
        "foreign_chains",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
