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
class Alert:
    """One alert as the record holds it.

    n: counts the alerts of the thread from 1. revision: grows with every change; the index and stale edits use it.
    number: short running number for people ("A-17"). follows: id of the decided alert before it, or "".
    score: highest calibrated score among its posts, [0, 1]. kinds: highest probability per kind.
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


def severity_of(score: float, threshold: float, child_safety_context: bool) -> Severity:
    """The band of a score: thirds of the way from the threshold to 1; clinical child-safety context raises it by one.

    Raises: ValueError if score or threshold is outside [0, 1].
    """
    if not 0 <= score <= 1 or not 0 <= threshold <= 1:
        raise ValueError("score and threshold must lie in [0, 1]")
    if score < threshold:
        rank = 0
    else:
        above = (score - threshold) / (1 - threshold) if threshold < 1 else 1.0
        rank = 1 + min(2, int(3 * above))
    return list(Severity)[min(3, rank + child_safety_context)]
