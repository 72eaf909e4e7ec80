"""Tables of the record."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    false,
)

from pipeline.adapters.record.columns import Instant, Integer, Text

metadata = MetaData()

sources = Table(
    "source",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("start_url", Text, nullable=False),
    Column("mandate_id", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("account", JSON(none_as_null=True)),
    Column("paused", Boolean, nullable=False),
)

mandates = Table(
    "mandate",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_why", Text, nullable=False),
)

schedules = Table(
    "schedule",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("every_s", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
)

threads = Table(
    "thread",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("thread_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("last_page_url", Text, nullable=False),
    Column("revisit_at", Instant),
)

revisions = Table(
    "revision",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("post_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("quotes", JSON, nullable=False),
    Column("published_at", Instant),
    Column("time_shown", Text, nullable=False),
    Column("time_precision", Text, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    UniqueConstraint("source_id", "post_id", "sha256", name="revision_once"),
    Index("revision_thread", "source_id", "thread_id"),
    Index("revision_author", "source_id", "author", "seq"),
    Index("revision_first_seen", "first_seen"),
    sqlite_autoincrement=True,
)

assessments = Table(
    "assessment",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("revision_id", Text, ForeignKey("revision.id"), nullable=False),
    Column("model", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("language", Text, nullable=False),
    Column("child_safety_context", Boolean, nullable=False),
    Column("explanation", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("revision_id", "model", name="assessment_once"),
    sqlite_autoincrement=True,
)

tombstones = Table(
    "tombstone",
    metadata,
    Column("revision_id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

alerts = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("posts", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("child_safety_context", Boolean, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("follows", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", Instant),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant),
    Column("threshold", Float),
    Column("grounds", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("source_id", "thread_id", "n", name="alert_once"),
    Index("alert_status", "status", "created_at"),
)

alert_posts = Table(
    "alert_post",
    metadata,
    Column("revision_id", Text, ForeignKey("revision.id"), primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False, index=True),
    Column("assessment", Integer, ForeignKey("assessment.n", name="alert_post_assessment")),
)

notes = Table(
    "note",
    metadata,
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)

opinions = Table(
    "opinion",
    metadata,
    Column("revision_id", Text, ForeignKey("revision.id"), primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

samples = Table(
    "sample",
    metadata,
    Column("revision_id", Text, ForeignKey("revision.id"), primary_key=True),
    Column("model", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("drawn_at", Instant, nullable=False, index=True),
)

shadow_scores = Table(
    "shadow_score",
    metadata,
    Column("revision_id", Text, ForeignKey("revision.id"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

models = Table(
    "model",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("report", JSON, nullable=False),
    Column("trained_by", Text, nullable=False),
    Column("trained_at", Instant, nullable=False),
    Column("promoted_by", Text, nullable=False),
    Column("promoted_at", Instant),
    Column("replaced", Text, nullable=False),
)

counters = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Instant),
    Column("reason", Text, nullable=False),
    Index("work_due", "kind", "state", "due_at"),
)

endpoints = Table(
    "endpoint",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret_file", Text, nullable=False),
    Column("machine_events", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("private_network", Boolean, nullable=False, server_default=false()),
)

deliveries = Table(
    "delivery",
    metadata,
    Column("id", Text, primary_key=True),
    Column("endpoint_id", Text, nullable=False),
    Column("alert_id", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("created_at", Instant, nullable=False, index=True),
    Column("sent_at", Instant),
    Column("last_error", Text, nullable=False),
)

users = Table(
    "person",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

sessions = Table(
    "session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

sign_ins = Table(
    "sign_in",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("sign_in_key", "key", "at"),
)

searches = Table(
    "saved_search",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

audit_events = Table(
    "audit_event",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("seq", BigInteger, unique=True),
    Column("leaf", LargeBinary),
    Index("audit_event_subject", "subject"),
    sqlite_autoincrement=True,
)

checkpoints = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

pages = Table(
    "page",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Index("page_due", "source_id", "state", "rank", "due_at"),
)

fetches = Table(
    "fetch",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("url", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("media_bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("degraded", Text, nullable=False),
    Column("requests", Integer, nullable=False, server_default="1"),
    Index("fetch_source", "source_id", "at"),
)
