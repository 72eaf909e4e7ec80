"""What the JSON API takes and gives; the OpenAPI document is made from these."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nlp.assessment import Assessment
from pipeline.desk.labelling import Asked
from pipeline.desk.mandates import MandateView
from pipeline.desk.reading import Case
from pipeline.desk.review import MAX_NOTE
from pipeline.desk.searching import DEEPEST, MAX_QUERY, Results
from pipeline.desk.sessions import SignedIn
from pipeline.desk.sources import SourceView
from pipeline.domain.alert import Alert, Status
from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.ports import StoredPost

Words = Annotated[str, Field(max_length=MAX_NOTE)]
"""What somebody writes; text that isn't Unicode, such as half a surrogate pair, is refused."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Shape):
    """Who signs in."""

    name: str = Field(max_length=100)
    password: str = Field(max_length=256)


class SessionOut(_Shape):
    """The open session; csrf goes into the header X-CSRF-Token of every change."""

    name: str
    display_name: str
    role: str
    permissions: list[str]
    csrf: str

    @classmethod
    def of(cls, who: SignedIn) -> "SessionOut":
        """From a signed-in person."""
        user = who.user
        permissions = sorted(str(permission) for permission in who.actor.permissions)
        return cls(
            name=user.name,
            display_name=user.display_name,
            role=str(user.role),
            permissions=permissions,
            csrf=who.session.csrf,
        )


class DecisionIn(_Shape):
    """A decision on the revision that was read."""

    revision: int
    status: Status
    reason: Words
    note: Words = ""


class NoteIn(_Shape):
    """A note."""

    text: Words


class ReasonIn(_Shape):
    """A reason code or sentence."""

    reason: Words


class AskedOut(_Shape):
    """A post to label, and why: "second opinion" or "sample"; without what a model or another person said of it."""

    revision_id: str
    why: str
    thread_title: str
    author: str
    text: str
    quotes: list[tuple[str | None, str]]

    @classmethod
    def of(cls, item: Asked) -> "AskedOut":
        """From the desk."""
        post = item.post.post
        return cls(
            revision_id=post.revision_id,
            why=item.why,
            thread_title=item.post.thread_title,
            author=post.author,
            text=post.text,
            quotes=[(quote.author, quote.text) for quote in post.quotes],
        )


class SearchIn(_Shape):
    """A search in the console's grammar. offset: results to skip."""

    query: str = Field(max_length=MAX_QUERY)
    sort: Literal["relevance", "newest", "score"] = "relevance"
    offset: int = Field(0, ge=0, le=DEEPEST)
    limit: int = Field(20, ge=1, le=100)


class GroundOut(_Shape):
    """Why an alert has its severity: points that add up to it, and a sentence for people."""

    id: str
    points: int
    sentence: str


class AlertOut(_Shape):
    """An alert without the posts on it.

    score: the highest of its posts, calibrated, [0, 1]. threshold: from where the model that gave it flags.
    """

    id: str
    number: int
    source_id: str
    thread_id: str
    title: str
    severity: str
    score: float
    threshold: float | None
    grounds: list[GroundOut]
    status: Status
    reason: str
    revision: int
    language: str
    kinds: dict[str, float]
    child_safety_context: bool
    flagged_posts: int
    follows: str
    claimed_by: str
    claimed_until: datetime | None
    decided_by: str
    decided_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, alert: Alert) -> "AlertOut":
        """From the record."""
        same = {name: getattr(alert, name) for name in cls.model_fields if hasattr(alert, name)}
        grounds = [GroundOut(**asdict(ground)) for ground in alert.grounds]
        return cls(**same | {"grounds": grounds, "flagged_posts": alert.posts})


class ClueOut(_Shape):
    """What weighed on a score. words: may quote the post. weight: its part of the log-odds, above 0 towards a flag."""

    words: str
    weight: float


class ExemplarOut(_Shape):
    """A labelled example the post is like. label: 1 if it alerts. similarity: cosine, [0, 1]."""

    id: str
    label: int
    similarity: float


class ExplanationOut(_Shape):
    """What one model said of a post, and why. Clues and exemplars: of flagged posts, heaviest and most alike first."""

    model: str
    score: float
    targets: list[str]
    clues: list[ClueOut]
    exemplars: list[ExemplarOut]

    @classmethod
    def of(cls, assessment: Assessment) -> "ExplanationOut":
        """From the record."""
        return cls(
            model=assessment.model,
            score=assessment.score,
            targets=list(assessment.targets),
            clues=[ClueOut(**asdict(clue)) for clue in assessment.clues],
            exemplars=[ExemplarOut(**asdict(exemplar)) for exemplar in assessment.exemplars],
        )


class PostOut(_Shape):
    """One stored revision of a post. spans: evidence as [start, end, reason id], code points of text.

    explanation: of the model that put it on its alert; on no alert, of the last; null before any judged it.
    """

    revision_id: str
    post_id: str
    author: str
    text: str
    quotes: list[tuple[str | None, str]]
    published_at: datetime | None
    time_shown: str
    first_seen: datetime
    last_seen: datetime
    sha256: str
    language: str
    flagged: bool
    spans: list[tuple[int, int, str]]
    explanation: ExplanationOut | None

    @classmethod
    def of(cls, stored: StoredPost, flagged: bool) -> "PostOut":
        """From the record."""
        post, assessment = stored.post, stored.assessment
        return cls(
            revision_id=post.revision_id,
            post_id=post.post_id,
            author=post.author,
            text=post.text,
            quotes=[(quote.author, quote.text) for quote in post.quotes],
            published_at=post.published_at,
            time_shown=post.time_shown,
            first_seen=stored.first_seen,
            last_seen=stored.last_seen,
            sha256=post.sha256,
            language=assessment.language if assessment else "und",
            flagged=flagged,
            spans=[(s.start, s.end, s.reason) for s in assessment.spans] if assessment else [],
            explanation=ExplanationOut.of(assessment) if assessment else None,
        )


class NoteOut(_Shape):
    """A note as kept."""

    author: str
    at: datetime
    text: str


class CaseOut(_Shape):
    """An alert with a page of its thread, notes and deliveries. thread_total: revisions in the whole thread."""

    alert: AlertOut
    thread: list[PostOut]
    thread_total: int
    notes: list[NoteOut]
    deliveries: list["DeliveryOut"]

    @classmethod
    def of(cls, case: Case, limit: int, offset: int) -> "CaseOut":
        """From an opened alert."""
        shown = case.thread[offset : offset + limit]
        return cls(
            alert=AlertOut.of(case.alert),
            thread=[PostOut.of(stored, stored.post.revision_id in case.flagged) for stored in shown],
            thread_total=len(case.thread),
            notes=[NoteOut(author=note.author, at=note.at, text=note.text) for note in case.notes],
            deliveries=[DeliveryOut.of(delivery) for delivery in case.deliveries],
        )


class DeliveryOut(_Shape):
    """One event owed to one endpoint."""

    id: str
    endpoint_id: str
    alert_id: str
    event: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    last_error: str

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """From the record."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class EndpointOut(_Shape):
    """A receiver of webhooks. machine_events: it also gets unreviewed alert.created events."""

    id: str
    name: str
    url: str
    machine_events: bool
    disabled: bool

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointOut":
        """From the record."""
        return cls(**{name: getattr(endpoint, name) for name in cls.model_fields})


class HitOut(_Shape):
    """One result. marks: matched terms as [start, end], code points of text."""

    revision_id: str
    source_id: str
    thread_id: str
    title: str
    author: str
    text: str
    language: str
    published_at: datetime | None
    alert_id: str
    severity: str
    status: str
    marks: list[tuple[int, int]]


class SearchOut(_Shape):
    """One page of results; total and facets are exact."""

    total: int
    reads_as: str
    hits: list[HitOut]
    facets: dict[str, dict[str, int]]

    @classmethod
    def of(cls, results: Results) -> "SearchOut":
        """From a search."""
        hits = []
        for hit in results.page.hits:
            doc = hit.document
            same = {name: getattr(doc, name) for name in HitOut.model_fields if hasattr(doc, name)}
            hits.append(HitOut(**same, revision_id=doc.id, marks=list(hit.marks)))
        page = results.page
        return cls(total=page.total, reads_as=results.reads_as, hits=hits, facets=page.facets)


class SourceOut(_Shape):
    """A source. obstacle: why it can't be crawled now, or ""."""

    id: str
    name: str
    start_url: str
    mandate_id: str
    paused: bool
    obstacle: str
    threads: int
    posts: int
    due_pages: int
    failed_pages: int
    requests_today: int
    last_post_at: datetime | None
    last_fetch_at: datetime | None

    @classmethod
    def of(cls, view: SourceView) -> "SourceOut":
        """From the desk."""
        parts = (view.source, view.health, view)
        values = {n: next(getattr(p, n) for p in parts if hasattr(p, n)) for n in cls.model_fields}
        return cls(**values)


class MandateOut(_Shape):
    """A mandate and what it is worth now."""

    id: str
    state: str
    reason: str
    title: str
    valid_from: datetime | None
    valid_until: datetime | None

    @classmethod
    def of(cls, view: MandateView) -> "MandateOut":
        """From the desk."""
        m = view.mandate
        return cls(
            id=view.row.id,
            state=str(view.state),
            reason=view.reason,
            title=m.title if m else "",
            valid_from=m.valid_from if m else None,
            valid_until=m.valid_until if m else None,
        )
