"""What the index holds and what a search answers; a projection of the record, always rebuildable."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Document:
    """One searchable post of a thread with an alert, or any stored post.

    id: revision id. version: external version from the record; a smaller one never wins.
    alert_id, alert_number, status, severity: of its alert, or "" / 0.
    spans: evidence as (start, end, reason id), code-point offsets into text.
    """

    id: str
    version: int
    source_id: str
    thread_id: str
    post_id: str
    title: str
    author: str
    text: str
    language: str
    published_at: datetime | None
    captured_at: datetime
    score: float
    kinds: tuple[str, ...]
    alert_id: str = ""
    alert_number: int = 0
    severity: str = ""
    status: str = ""
    spans: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One result; marks are code-point offsets of matched terms in document.text."""

    document: Document
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results.

    facets: field → value → exact count over all matches. days: ISO date → (posts, of which on alerts).
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, dict[str, int]] = field(hash=False)
    days: dict[str, tuple[int, int]] = field(default_factory=dict, hash=False)
