"""Tables of `alerting.store.release`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    _release_requests()


def _release_requests() -> None:
    op.create_table(
        "release_requests",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("warning", "audience"),
    )
    op.create_index("release_requests_by_chain", "release_requests", ["chain", "audience", "number"], unique=False)
    op.create_index("release_requests_by_state", "release_requests", ["state"], unique=False)
