"""An endpoint on a private network was added as such; those added before have to be added again.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """No endpoint is, until somebody says so."""
    op.add_column("endpoint", sa.Column("private_network", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("endpoint", "private_network")
