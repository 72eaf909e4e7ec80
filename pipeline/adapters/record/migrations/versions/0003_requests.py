"""Count the requests behind each fetch: retries and redirects use up the budget of a day too.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One for each fetch so far; none where it was refused, as nobody knows better."""
    op.add_column(
        "fetch",
        sa.Column("requests", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="1"),
    )
    fetch = sa.table("fetch", sa.column("requests"), sa.column("outcome"))
    op.execute(fetch.update().where(fetch.c.outcome == "refused").values(requests=0))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("fetch", "requests")
