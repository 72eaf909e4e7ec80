"""Work: what the record says is still to be done. Celery or a loop only wakes it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEASE_S = 30
"""How long a claim holds; a dead worker's items come back after it."""

MAX_FAILURES = 3
"""Failures after which an item is set aside, visibly, with the reason."""


class WorkKind(StrEnum):
    """The steps that wait for work, in the order of the line."""

    CRAWL = "crawl"
    ASSESS = "assess"
    SHADOW = "shadow"
    INDEX_POST = "index-post"
    INDEX_ALERT = "index-alert"
    DELIVER = "deliver"


class WorkState(StrEnum):
    """Claimed is ready with a lease in force."""

    READY = "ready"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One row of pending work; (kind, key) is unique, so the same work is never queued twice.

    key: crawl → source id · assess, shadow, index-post → revision id · index-alert → alert id · deliver → delivery id.
    version: grows each time the key is queued again while pending; done() of an older version leaves the item.
    """

    kind: WorkKind
    key: str
    version: int
    due_at: datetime
    failures: int
    state: WorkState = WorkState.READY
    owner: str = ""
    lease_until: datetime | None = None
    reason: str = ""
