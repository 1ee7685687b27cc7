"""Tables of `alerting.store.clock_marks`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables."""
    _clock_marks()


def _clock_marks() -> None:
    op.create_table(
        "clock_marks",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "clock"),
    )
