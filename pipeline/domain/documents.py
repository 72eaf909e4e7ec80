"""What the index holds and what a search answers; a projection of the record, always rebuildable."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.errors import Corrupt

_TEXTS = (
    *("id", "source_id", "thread_id", "post_id", "title", "author", "text", "language"),
    *("alert_id", "severity", "status"),
)
_MAX_VERSION = 2**63 - 1


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


def sift(documents: Iterable[Document]) -> tuple[Sequence[Document], dict[str, str]]:
    """Those that an index can hold, and by id what is wrong with each of the others, in one word."""
    flaws = [(document, _flaw(document)) for document in documents]
    return [document for document, flaw in flaws if not flaw], {document.id: flaw for document, flaw in flaws if flaw}


def left_out(refused: Mapping[str, str]) -> Corrupt:
    """What a rebuild says that could not take everything."""
    few = ", ".join(f"{each} ({why})" for each, why in sorted(refused.items())[:3])
    return Corrupt(f"The index was made again, but {len(refused)} of its documents can't be in it, such as {few}")


def _flaw(document: Document) -> str:
    """Every index keeps text as UTF-8, which has no lone surrogates, and numbers in eight bytes."""
    reasons = (reason for _, _, reason in document.spans)
    texts = (getattr(document, name) for name in _TEXTS)
    try:
        "".join((*texts, *document.kinds, *reasons)).encode()
    except UnicodeEncodeError:
        return "lone_surrogate"
    if not math.isfinite(document.score):
        return "score_not_finite"
    return "" if 0 <= document.version <= _MAX_VERSION else "version_out_of_range"
