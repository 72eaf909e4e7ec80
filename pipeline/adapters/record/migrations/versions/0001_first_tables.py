"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.BigInteger()
"""Microseconds since 1970 UTC."""
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLES = (
    "source",
    "mandate",
    "schedule",
    "thread",
    "page",
    "fetch",
    "revision",
    "assessment",
    "alert",
    "alert_post",
    "note",
    "counter",
    "work",
    "endpoint",
    "delivery",
    "person",
    "session",
    "sign_in",
    "saved_search",
    "audit_event",
    "checkpoint",
)
"""In the order of their making: what is referred to comes first."""


def upgrade() -> None:
    """Make them."""
    _registry()
    _crawl()
    _posts()
    _alerts()
    _work()
    _people()
    _audit()


def downgrade() -> None:
    """Take them away, with everything in them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _registry() -> None:
    op.create_table(
        "source",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("start_url", _TEXT, nullable=False),
        sa.Column("mandate_id", _TEXT, nullable=False),
        sa.Column("engine", _TEXT, nullable=False),
        sa.Column("timezone", _TEXT, nullable=False),
        sa.Column("account", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "mandate",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", _TEXT, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_why", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "schedule",
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("every_s", _INTEGER, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )


def _crawl() -> None:
    op.create_table(
        "thread",
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("thread_id", _TEXT, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("mark", _TEXT, nullable=False),
        sa.Column("last_page_url", _TEXT, nullable=False),
        sa.Column("revisit_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("source_id", "thread_id"),
    )
    op.create_table(
        "page",
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("rank", _INTEGER, nullable=False),
        sa.Column("thread_id", _TEXT, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempts", _INTEGER, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "url"),
    )
    op.create_index("page_due", "page", ["source_id", "state", "rank", "due_at"], unique=False)
    op.create_table(
        "fetch",
        sa.Column("n", _INTEGER, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("outcome", _TEXT, nullable=False),
        sa.Column("status", _INTEGER, nullable=False),
        sa.Column("content_type", _TEXT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("degraded", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("fetch_source", "fetch", ["source_id", "at"], unique=False)


def _posts() -> None:
    op.create_table(
        "revision",
        sa.Column("seq", _INTEGER, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("thread_id", _TEXT, nullable=False),
        sa.Column("post_id", _TEXT, nullable=False),
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("author", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("captured_at", _INSTANT, nullable=False),
        sa.Column("quotes", sa.JSON(), nullable=False),
        sa.Column("published_at", _INSTANT, nullable=True),
        sa.Column("time_shown", _TEXT, nullable=False),
        sa.Column("time_precision", _TEXT, nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("first_seen", _INSTANT, nullable=False),
        sa.Column("last_seen", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("source_id", "post_id", "sha256", name="revision_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("revision_first_seen", "revision", ["first_seen"], unique=False)
    op.create_index("revision_thread", "revision", ["source_id", "thread_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("n", _INTEGER, nullable=False),
        sa.Column("revision_id", _TEXT, nullable=False),
        sa.Column("model", _TEXT, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("language", _TEXT, nullable=False),
        sa.Column("child_safety_context", sa.Boolean(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
        ),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("revision_id", "model", name="assessment_once"),
        sqlite_autoincrement=True,
    )


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("number", _INTEGER, nullable=False),
        sa.Column("source_id", _TEXT, nullable=False),
        sa.Column("thread_id", _TEXT, nullable=False),
        sa.Column("n", _INTEGER, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("severity", _TEXT, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("revision", _INTEGER, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("posts", _INTEGER, nullable=False),
        sa.Column("language", _TEXT, nullable=False),
        sa.Column("child_safety_context", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("follows", _TEXT, nullable=False),
        sa.Column("assignee", _TEXT, nullable=False),
        sa.Column("claimed_by", _TEXT, nullable=False),
        sa.Column("claimed_until", _INSTANT, nullable=True),
        sa.Column("decided_by", _TEXT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("source_id", "thread_id", "n", name="alert_once"),
    )
    op.create_index("alert_status", "alert", ["status", "created_at"], unique=False)
    op.create_table(
        "alert_post",
        sa.Column("revision_id", _TEXT, nullable=False),
        sa.Column("alert_id", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
        ),
        sa.PrimaryKeyConstraint("revision_id"),
    )
    op.create_index(op.f("ix_alert_post_alert_id"), "alert_post", ["alert_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("alert_id", _TEXT, nullable=False),
        sa.Column("author", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_note_alert_id"), "note", ["alert_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("version", _INTEGER, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("failures", _INTEGER, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("owner", _TEXT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("reason", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_index("work_due", "work", ["kind", "state", "due_at"], unique=False)
    op.create_table(
        "endpoint",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("secret_file", _TEXT, nullable=False),
        sa.Column("machine_events", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("endpoint_id", _TEXT, nullable=False),
        sa.Column("alert_id", _TEXT, nullable=False),
        sa.Column("event", _TEXT, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempts", _INTEGER, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("last_error", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_delivery_alert_id"), "delivery", ["alert_id"], unique=False)
    op.create_index(op.f("ix_delivery_created_at"), "delivery", ["created_at"], unique=False)


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("display_name", _TEXT, nullable=False),
        sa.Column("role", _TEXT, nullable=False),
        sa.Column("password_hash", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", _TEXT, nullable=False),
        sa.Column("user", _TEXT, nullable=False),
        sa.Column("csrf", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "sign_in",
        sa.Column("n", _INTEGER, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("sign_in_key", "sign_in", ["key", "at"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("user", _TEXT, nullable=False),
        sa.Column("query", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("n", _INTEGER, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("action", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_event_subject", "audit_event", ["subject"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", _TEXT, nullable=False),
        sa.Column("root", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("key_id", _TEXT, nullable=False),
        sa.Column("signature", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
