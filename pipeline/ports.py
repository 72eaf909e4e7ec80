"""What the steps and the desk need from outside; adapters implement it, tests run one suite over all of them.

A step opens `record.write()`, changes what belongs together, and leaves: all of it is committed, or none. Methods of a
transaction are grouped by what they are about. Every write that a person or a step makes calls `audit` in the same
transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.mandate import SignedMandate
from crawler.ports import Capture, CrawlState, Fetched
from crawler.post import Post, Source
from nlp.assessment import Assessment, Text
from pipeline.domain.accounts import Session, User
from pipeline.domain.alert import Alert, Note, Severity, Status
from pipeline.domain.audit import AuditEvent, Checkpoint
from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint
from pipeline.domain.documents import Document, SearchPage
from pipeline.domain.learning import ModelRow, ModelState, Opinion, Sample, Shadowed
from pipeline.domain.query import Query
from pipeline.domain.severity import Flagged, History
from pipeline.domain.work import WorkItem, WorkKind


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Assessor(Protocol):
    """nlp.classifier.Classifier, or another judge with the same manners."""

    @property
    def model_id(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    def assess(self, texts: Sequence[Text]) -> list[Assessment]: ...


class Sender(Protocol):
    """Sends one delivery within half a minute. Never follows redirects; reads only the head of the answer.

    Sends nothing to an address that `domain.peers` doesn't allow for the endpoint.
    """

    def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> "Answer": ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said. status 0: nothing was said, error tells why. retry_after_s: its own wish, if any."""

    status: int
    error: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A revision as stored. seq: running number. assessment: the one that put it on its alert; on none, the latest."""

    post: Post
    seq: int
    first_seen: datetime
    last_seen: datetime
    thread_title: str
    assessment: Assessment | None
    alert_id: str

    def as_text(self) -> Text:
        """As a model judges it and learns from it."""
        return Text(self.post.text, self.thread_title, "\n".join(quote.text for quote in self.post.quotes))


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate as recorded; it is judged afresh by `crawler.mandate.load` each time it matters."""

    id: str
    signed: SignedMandate
    recorded_at: datetime
    revoked_at: datetime | None = None
    revoked_why: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A crawl that falls due by itself. every_s ≥ 60."""

    source_id: str
    every_s: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What the sources page shows, counted from the record."""

    threads: int
    posts: int
    due_pages: int
    failed_pages: int
    refused_today: int
    degraded_today: int
    requests_today: int
    last_post_at: datetime | None
    last_fetch_at: datetime | None


class Posts(Protocol):
    def post(self, revision_id: str) -> StoredPost | None: ...
    def posts(self, revision_ids: Sequence[str]) -> Sequence[StoredPost]: ...
    def thread(self, source_id: str, thread_id: str) -> Sequence[StoredPost]:
        """Every revision of the thread, oldest first by (published_at or first seen, seq)."""
        ...

    def thread_title(self, source_id: str, thread_id: str) -> str:
        """As it was read last; "" when it never was."""
        ...

    def save_capture(self, capture: Capture, at: datetime) -> Sequence[str]:
        """Store what a visited page changes: revisions, thread, frontier, fetch log; returns the new revision ids.

        A revision seen before only gets a later last_seen, so the same capture again returns nothing. An erased one
        stays away, unless its thread has an alert by now and needs it as context.
        """
        ...

    def save_assessments(self, assessments: Mapping[str, Assessment], at: datetime) -> None:
        """By revision id; the same (revision, model) again changes nothing."""
        ...

    def expired_posts(self, before: datetime, limit: int) -> Sequence[str]:
        """Revision ids of unflagged posts first seen before this time and on no alert's thread.

        Those that wait to be assessed stay; those whose assessment was set aside go.
        """
        ...

    def erase_posts(self, revision_ids: Sequence[str], at: datetime) -> None:
        """The words, what was said of them, and thread titles nobody needs any more; only the ids are remembered."""
        ...

    def all_posts(self, after_seq: int, limit: int) -> Sequence[StoredPost]:
        """Every stored revision by seq: what the record holds, for comparing it with what it should."""
        ...


class Alerts(Protocol):
    def alert(self, alert_id: str) -> Alert | None: ...
    def alerts(self, statuses: Iterable[Status], limit: int, offset: int = 0) -> Sequence[Alert]:
        """Highest severity first, then oldest."""
        ...

    def count_alerts(self) -> Mapping[Status, int]: ...
    def oldest_alert(self, statuses: Iterable[Status]) -> datetime | None:
        """When the oldest of these statuses was raised."""
        ...

    def count_decisions(self, since: datetime) -> Mapping[tuple[Severity, Status], int]:
        """Alerts decided later than this, by severity and by what they were decided to be."""
        ...

    def latest_alert(self, source_id: str, thread_id: str) -> Alert | None:
        """The one with the highest n."""
        ...

    def save_alert(self, alert: Alert) -> None:
        """Insert, or update when the stored revision is alert.revision - 1. Raises: Conflict otherwise."""
        ...

    def next_number(self) -> int: ...
    def add_to_alert(self, alert_id: str, revision_ids: Sequence[str]) -> None:
        """With their latest assessments, which are shown from then on; one that is on an alert already stays there."""
        ...

    def alert_posts(self, alert_id: str) -> Sequence[StoredPost]: ...
    def thread_history(self, source_id: str, thread_id: str) -> tuple[int, Sequence[Flagged]]:
        """How many posts of the thread were judged, and those on alerts that nobody dismissed."""
        ...

    def author_history(self, source_id: str, author: str, beside: str) -> History:
        """Of the latest AUTHORS_POSTS judged on the source; what is on the alert `beside` doesn't count as flagged."""
        ...

    def next_unclaimed(self, now: datetime) -> Alert | None:
        """The open alert a reviewer should see next: no lease in force, highest severity, then oldest."""
        ...

    def claimed_by(self, user: str, now: datetime) -> Alert | None: ...
    def add_note(self, note: Note) -> None: ...
    def notes(self, alert_id: str) -> Sequence[Note]: ...


class Learning(Protocol):
    def save_opinion(self, opinion: Opinion) -> None:
        """Insert, or replace what the same person said of the same post before."""
        ...

    def opinions(self) -> Sequence[Opinion]:
        """Those given by themselves, and those that lie in decisions on alerts, by (revision, reviewer).

        A decision speaks of the posts on its alert; one that was taken back says nothing any more.
        """
        ...

    def save_samples(self, samples: Sequence[Sample]) -> None:
        """A post that was drawn before stays as it was."""
        ...

    def samples(self, since: datetime | None = None) -> Sequence[Sample]: ...
    def unsure(self, model: str, limit: int) -> Sequence[StoredPost]:
        """Posts on no alert that this model judged last and didn't flag, highest score first; none drawn before."""
        ...

    def save_model(self, row: ModelRow) -> None: ...
    def model(self, model_id: str) -> ModelRow | None: ...
    def models(self) -> Sequence[ModelRow]: ...
    def model_in(self, state: ModelState) -> ModelRow | None:
        """The one that is in shadow, or current."""
        ...

    def save_shadow(self, assessments: Mapping[str, Assessment], at: datetime) -> None:
        """By revision id; they raise no alert and are shown nowhere. The same again changes nothing."""
        ...

    def shadowed(self, model: str) -> Sequence[Shadowed]:
        """Posts that this model judged in the shadow, each beside what is shown of it."""
        ...


class Work(Protocol):
    def add_work(self, kind: WorkKind, keys: Iterable[str], due_at: datetime) -> None:
        """Queue; a pending key gets a new version (and an earlier due time), never a second row."""
        ...

    def claim(self, kind: WorkKind, owner: str, limit: int, now: datetime, lease_s: int = 30) -> Sequence[WorkItem]:
        """Take up to limit due items whose lease is not in force, in one statement: no item goes to two owners.

        It doesn't wait for other writers where the database can do without: claim alone, or last in a transaction.
        """
        ...

    def extend(self, items: Sequence[WorkItem], until: datetime) -> Sequence[WorkItem]:
        """Keep the leases that are still ours; returns those items, the others are somebody else's now."""
        ...

    def done(self, items: Sequence[WorkItem]) -> None:
        """Remove; an item queued again meanwhile (newer version) stays, ready."""
        ...

    def fail(self, items: Sequence[WorkItem], reason: str, retry_at: datetime | None) -> None:
        """Count a failure; the third sets the item aside with the reason. retry_at: None sets it aside at once."""
        ...

    def postpone(self, items: Sequence[WorkItem], until: datetime) -> None:
        """Give back without a failure (the far end is down, not the item)."""
        ...

    def pending(self) -> Mapping[WorkKind, int]: ...
    def set_aside(self, limit: int) -> Sequence[WorkItem]: ...
    def requeue(self, kind: WorkKind, key: str, now: datetime) -> bool: ...


class Deliveries(Protocol):
    def save_endpoint(self, endpoint: Endpoint) -> None: ...
    def endpoint(self, endpoint_id: str) -> Endpoint | None: ...
    def endpoints(self) -> Sequence[Endpoint]: ...
    def save_delivery(self, delivery: Delivery) -> None: ...
    def delivery(self, delivery_id: str) -> Delivery | None: ...
    def deliveries(
        self, alert_id: str = "", state: DeliveryState | None = None, limit: int = 100
    ) -> Sequence[Delivery]: ...


class Registry(Protocol):
    def save_source(self, source: Source) -> None: ...
    def source(self, source_id: str) -> Source | None: ...
    def sources(self) -> Sequence[Source]: ...
    def save_mandate(self, row: MandateRow) -> None: ...
    def mandate(self, mandate_id: str) -> MandateRow | None: ...
    def mandates(self) -> Sequence[MandateRow]: ...
    def save_schedule(self, schedule: Schedule) -> None: ...
    def schedules(self) -> Sequence[Schedule]: ...
    def due_schedules(self, now: datetime) -> Sequence[Schedule]: ...
    def source_health(self, source_id: str, now: datetime) -> SourceHealth: ...
    def fetches(self, source_id: str, limit: int) -> Sequence[Fetched]: ...


class People(Protocol):
    def save_user(self, user: User) -> None: ...
    def user(self, name: str) -> User | None: ...
    def users(self) -> Sequence[User]: ...
    def save_session(self, session: Session) -> None: ...
    def session(self, token_hash: str) -> Session | None: ...
    def end_session(self, token_hash: str) -> None: ...
    def end_sessions(self, user: str) -> None: ...
    def forget_sessions(self, idle_since: datetime, begun_before: datetime) -> int:
        """Those last seen or begun by then; returns how many."""
        ...

    def sign_ins_since(self, key: str, since: datetime) -> int: ...
    def count_sign_in(self, key: str, at: datetime) -> None: ...
    def save_search(self, search_id: str, user: str, query: str, at: datetime) -> None: ...
    def saved_search(self, search_id: str) -> tuple[str, str] | None:
        """(user, query)."""
        ...

    def forget_searches(self, before: datetime) -> int:
        """Those saved before; returns how many."""
        ...


class Audit(Protocol):
    def audit(self, event: AuditEvent) -> None:
        """Keep the event; it gets its place in the log from the sequencer."""
        ...

    def sequence(self, limit: int) -> int:
        """Give the next unsequenced events (oldest first) their places and leaf hashes; returns how many."""
        ...

    def audit_events(self, after_seq: int, limit: int) -> Sequence[AuditEvent]: ...
    def audit_of(self, subject: str, limit: int) -> Sequence[AuditEvent]: ...
    def audit_size(self) -> int: ...
    def leaves(self, start: int, stop: int) -> Sequence[bytes]:
        """Stored leaf hashes (32 bytes each) of places [start, stop)."""
        ...

    def save_checkpoint(self, checkpoint: Checkpoint) -> None: ...
    def checkpoints(self) -> Sequence[Checkpoint]: ...


class Transaction(Posts, Alerts, Learning, Work, Deliveries, Registry, People, Audit, Protocol):
    """Everything the record can be asked inside one transaction."""


class Record(Protocol):
    """The record and the queue of record."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Commit on leaving, roll back on an exception. Raises: Unavailable (disk full, database locked or gone)."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent snapshot; writing in it raises."""
        ...

    def crawl_state(self) -> CrawlState: ...
    def migrate(self) -> None:
        """Bring the schema up to date; safe to repeat."""
        ...

    def close(self) -> None: ...


class Index(Protocol):
    """What investigators search; holds nothing the record doesn't."""

    def put(self, documents: Sequence[Document]) -> Mapping[str, str]:
        """Insert or replace, seen by searches on return; a stored document with a greater version stays.

        Returns: id → what is wrong, in one word, of documents that the index can't hold; the others are in it.
        Raises: Unavailable: some may be in it, and the same call again is harmless.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Also from what a rebuild fills at the time. Raises: Unavailable."""
        ...

    def search(self, query: Query, limit: int = 20, offset: int = 0, sort: str = "relevance") -> SearchPage:
        """sort: "relevance", "newest" or "score". Raises: BadInput, Unavailable; never fewer results instead."""
        ...

    def versions(self) -> Mapping[str, int]:
        """Every document id with its version, for comparing with the record."""
        ...

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Fill a new index beside the live one, swap, drop the old one; searches and writes go on meanwhile.

        documents is read after the new index takes writes, so that what changes later is in it. A document that was put
        meanwhile stays as put unless the one read has a greater version. Returns the count.
        Raises: Unavailable: the old index stays. Corrupt: swapped, without the documents named.
        """
        ...

    def close(self) -> None: ...
