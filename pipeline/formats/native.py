"""Nightlight's own events: thin, so that reading the post itself stays an audited act in the console."""

from datetime import datetime

from pipeline.domain.alert import Alert, likely
from pipeline.domain.delivery import EventType


def event(kind: EventType, alert: Alert, now: datetime, *, reviewed: bool, console_url: str) -> dict[str, object]:
    """The JSON body of one event (Standard Webhooks 1.0.0: `type`, `timestamp`, `data`).

    reviewed: a person decided it; False marks the event as machine-only, never grounds for action by itself.
    console_url: base address of the console, where a permitted person reads the posts.
    """
    return {
        "type": str(kind),
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "data": {
            "alert_id": alert.id,
            "alert_number": alert.number,
            "revision": alert.revision,
            "source_id": alert.source_id,
            "status": str(alert.status),
            "reason": alert.reason,
            "severity": str(alert.severity),
            "kinds": sorted(likely(alert.kinds)),
            "language": alert.language,
            "child_safety_context": alert.child_safety_context,
            "flagged_posts": alert.posts,
            "reviewed_by_a_person": reviewed,
            "machine_only": not reviewed,
            "url": f"{console_url.rstrip('/')}/alerts/{alert.id}",
        },
    }
