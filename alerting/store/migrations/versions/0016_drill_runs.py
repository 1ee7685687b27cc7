"""Tables of `alerting.store.drill_runs`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables."""
    _drill_chains()
    _drill_runs()


def _drill_chains() -> None:
    op.create_table(
        "drill_chains",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
    op.create_index("drill_chains_by_run", "drill_chains", ["run"], unique=False)


def _drill_runs() -> None:
    op.create_table(
        "drill_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("is_running", sa.Integer(), nullable=False),
        sa.Column("begun_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("drill_runs_by_time", "drill_runs", ["begun_at_ns"], unique=False)
