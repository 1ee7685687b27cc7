"""Tables of `alerting.store.forecasts`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables."""
    _forecast_scores()
    _forecasts()


def _forecast_scores() -> None:
    op.create_table(
        "forecast_scores",
        sa.Column("hour_ns", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("horizon_min", sa.Integer(), nullable=False),
        sa.Column("amount_um", sa.BigInteger(), nullable=False),
        sa.Column("tenth", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("came", sa.BigInteger(), nullable=False),
        sa.Column("unverified", sa.BigInteger(), nullable=False),
        sa.Column("said_1000", sa.BigInteger(), nullable=False),
        sa.Column("squared_1000000", sa.BigInteger(), nullable=False),
        sa.Column("came_1000", sa.BigInteger(), nullable=False),
        sa.Column("timed", sa.BigInteger(), nullable=False),
        sa.Column("late_min", sa.BigInteger(), nullable=False),
        sa.Column("error_min", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour_ns", "source", "horizon_min", "amount_um", "tenth"),
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("due_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("issued_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("forecasts_by_issue", "forecasts", ["issued_at_ns"], unique=False)
    op.create_index("forecasts_by_time", "forecasts", ["due_at_ns"], unique=False)
