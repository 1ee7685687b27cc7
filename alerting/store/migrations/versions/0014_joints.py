"""Tables of `alerting.store.joints`. Made by scripts/make_migration.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables."""
    _carried()
    _joint_parts()
    _joints()


def _carried() -> None:
    op.create_table(
        "carried",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery", "part"),
    )
    op.create_index("carried_by_part", "carried", ["part"], unique=False)


def _joint_parts() -> None:
    op.create_table(
        "joint_parts",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("joint", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("part"),
    )
    op.create_index("joint_parts_by_chain", "joint_parts", ["chain"], unique=False)
    op.create_index("joint_parts_by_joint", "joint_parts", ["joint"], unique=False)
    op.create_index("joint_parts_by_report", "joint_parts", ["report"], unique=False)


def _joints() -> None:
    op.create_table(
        "joints",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        sa.Column("began_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
    op.create_index("joints_open", "joints", ["hazard", "status", "is_open"], unique=False)
