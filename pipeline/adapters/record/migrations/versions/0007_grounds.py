"""Keep why an alert has its severity, and which assessment put each of its posts there; count posts by author.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody knows the grounds of older alerts; the first assessment that flagged a post put it on its alert."""
    op.add_column("alert", sa.Column("threshold", sa.Float(), nullable=True))
    op.add_column("alert", sa.Column("grounds", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("alert_post") as table:
        table.add_column(sa.Column("assessment", _INTEGER, nullable=True))
        table.create_foreign_key("alert_post_assessment", "assessment", ["assessment"], ["n"])
    op.execute(
        "UPDATE alert_post SET assessment = (SELECT min(a.n) FROM assessment a"
        " WHERE a.revision_id = alert_post.revision_id AND a.flagged)"
    )
    op.create_index("revision_author", "revision", ["source_id", "author", "seq"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("revision_author", "revision")
    with op.batch_alter_table("alert_post") as table:
        table.drop_constraint("alert_post_assessment", type_="foreignkey")
        table.drop_column("assessment")
    op.drop_column("alert", "grounds")
    op.drop_column("alert", "threshold")
