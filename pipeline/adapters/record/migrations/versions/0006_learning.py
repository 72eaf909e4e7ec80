"""What people say of single posts, which posts they are asked about, and which model is in force.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_INSTANT = sa.BigInteger()
"""Microseconds since 1970 UTC."""
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLES = ("opinion", "sample", "shadow_score", "model")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "opinion",
        sa.Column("revision_id", _TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column("reviewer", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("revision_id", "reviewer"),
    )
    op.create_table(
        "sample",
        sa.Column("revision_id", _TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column("model", _TEXT, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("drawn_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("revision_id"),
    )
    op.create_index("ix_sample_drawn_at", "sample", ["drawn_at"], unique=False)
    op.create_table(
        "shadow_score",
        sa.Column("revision_id", _TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column("model", _TEXT, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("revision_id", "model"),
    )
    op.create_table(
        "model",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("trained_by", _TEXT, nullable=False),
        sa.Column("trained_at", _INSTANT, nullable=False),
        sa.Column("promoted_by", _TEXT, nullable=False),
        sa.Column("promoted_at", _INSTANT, nullable=True),
        sa.Column("replaced", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in reversed(_TABLES):
        op.drop_table(table)
