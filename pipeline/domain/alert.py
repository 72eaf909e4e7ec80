"""Alerts: flagged posts of one thread that a person must look at."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.post import NAMESPACE


class Severity(StrEnum):
    """Bands people see instead of a bare score."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (low) to 3 (critical)."""
        return list(Severity).index(self)


class Status(StrEnum):
    """Where an alert stands; the last five are decisions."""

    NEW = "new"
    IN_REVIEW = "in_review"
    RELEVANT = "relevant"
    ESCALATED = "escalated"
    NOT_RELEVANT = "not_relevant"
    DUPLICATE = "duplicate"
    SECOND_LOOK = "second_look"

    @property
    def is_open(self) -> bool:
        """New flagged posts of the thread join an open alert; a decided one is followed by a new alert."""
        return self in (Status.NEW, Status.IN_REVIEW, Status.SECOND_LOOK)

    @property
    def leaves(self) -> bool:
        """A person found it worth handing over, so its event may leave the house."""
        return self in (Status.RELEVANT, Status.ESCALATED)


REASONS: Mapping[Status, Mapping[str, str]] = {
    Status.RELEVANT: {
        "offers": "Offers a bypass",
        "seeks": "Seeks a bypass",
        "sells": "Sells access",
        "claims": "Claims success",
    },
    Status.ESCALATED: {
        "danger": "Danger to a person",
        "child-safety": "Child-safety context",
        "provider": "Provider should act today",
    },
    Status.NOT_RELEVANT: {
        "opinion": "Opinion or complaint",
        "defence": "Defence or research",
        "news": "News",
        "other-meaning": "Other meaning of the words",
    },
    Status.DUPLICATE: {"near-copy": "Near copy of another alert", "same-thread": "Same matter, other alert"},
    Status.SECOND_LOOK: {
        "unsure": "Unsure of meaning",
        "language": "Language",
        "context": "Needs context not captured",
    },
}
"""Reason codes a decision must name, and the words people see."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why an alert has its band. id: stable. points: what it adds. sentence: for people, without its full stop."""

    id: str
    points: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as the record holds it.

    n: counts the alerts of the thread from 1. revision: grows with every change; the index and stale edits use it.
    number: short running number for people ("A-17"). follows: id of the decided alert before it, or "".
    score: highest calibrated score among its posts, [0, 1]. threshold: from where the model that gave it flags; None
    when nobody wrote it down. grounds: why it has its severity, as it stood when its last post came in. kinds: highest
    probability per kind.
    claimed_by, claimed_until: the exclusive lease of a reviewer.
    """

    id: str
    number: int
    source_id: str
    thread_id: str
    n: int
    title: str
    severity: Severity
    score: float
    status: Status
    revision: int
    created_at: datetime
    updated_at: datetime
    posts: int
    language: str
    child_safety_context: bool
    kinds: dict[str, float] = field(default_factory=dict, hash=False)
    reason: str = ""
    follows: str = ""
    assignee: str = ""
    claimed_by: str = ""
    claimed_until: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    threshold: float | None = None
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote about an alert."""

    id: str
    alert_id: str
    author: str
    at: datetime
    text: str


def alert_id(source_id: str, thread_id: str, n: int) -> str:
    """UUIDv5 of (source, thread, n): found again, never made twice."""
    return str(uuid.uuid5(NAMESPACE, f"alert\n{source_id}\n{thread_id}\n{n}"))


def likely(kinds: Mapping[str, float]) -> frozenset[str]:
    """The kinds that are more likely than not."""
    return frozenset(kind for kind, p in kinds.items() if p >= 0.5)
