"""Keep with an assessment what it is about, what weighed on it and which examples it is like.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEPT = {"sqlite_autoincrement": True}
"""SQLite's copy of the table would lose it: a number that was given is never given again."""

_NONE = '{"targets": [], "clues": [], "exemplars": []}'


def upgrade() -> None:
    """Older assessments have none of these."""
    with op.batch_alter_table("assessment", table_kwargs=_KEPT) as table:
        table.add_column(sa.Column("explanation", sa.JSON(), nullable=False, server_default=_NONE))
    # apart: SQLite copies the rows once with the default
    with op.batch_alter_table("assessment", table_kwargs=_KEPT) as table:
        table.alter_column("explanation", server_default=None)


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("assessment", table_kwargs=_KEPT) as table:
        table.drop_column("explanation")
