"""Remember which revisions were erased, so that reading their page again doesn't bring them back.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tombstone",
        sa.Column("revision_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("revision_id"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("tombstone")
