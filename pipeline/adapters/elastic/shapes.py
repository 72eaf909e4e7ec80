"""Documents as Elasticsearch keeps them, in the shape of ECS 9; what ECS has no name for is under `nightlight`."""

from datetime import UTC, datetime
from typing import Any

from pipeline.adapters.elastic.query import folded_author
from pipeline.domain.documents import Document

ECS_VERSION = "9.0.0"
GONE: dict[str, Any] = {"nightlight": {"gone": True}}
"""What stays of an erased document: that a stale write must not bring it back. No alias shows it."""


def source(document: Document) -> dict[str, Any]:
    """The body of a document; its id and version go beside it."""
    on_alert = bool(document.alert_id)
    return {
        "@timestamp": _iso(document.published_at or document.captured_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": "alert" if on_alert else "event",
            "category": ["threat"],
            "type": ["indicator" if on_alert else "info"],
            "module": "nightlight",
            "dataset": "nightlight.alert" if on_alert else "nightlight.post",
            "id": document.id,
            "created": _iso(document.captured_at),
            "risk_score": document.score,
        },
        "user": {"name": document.author},
        "nightlight": _own(document),
    }


def _own(document: Document) -> dict[str, Any]:
    published = {"published_at": _iso(document.published_at)} if document.published_at else {}
    alert = {"id": document.alert_id, "number": document.alert_number} | {
        name: value for name in ("severity", "status") if (value := getattr(document, name))
    }
    return (
        {
            "source": {"id": document.source_id},
            "thread": {"id": document.thread_id, "title": document.title},
            "post": {"id": document.post_id, "author": folded_author(document.author), "text": document.text}
            | published,
            "kinds": list(document.kinds),
            "evidence": [{"start": start, "end": end, "reason": reason} for start, end, reason in document.spans],
        }
        | ({"language": document.language} if document.language else {})
        | ({"alert": alert} if document.alert_id else {})
    )


def document(hit: dict[str, Any]) -> Document:
    """A hit with `_source` and `_version` as it was put."""
    body = hit["_source"]
    own = body["nightlight"]
    alert = own.get("alert", {})
    published = own["post"].get("published_at")
    return Document(
        id=hit["_id"],
        version=hit["_version"],
        source_id=own["source"]["id"],
        thread_id=own["thread"]["id"],
        post_id=own["post"]["id"],
        title=own["thread"]["title"],
        author=body["user"]["name"],
        text=own["post"]["text"],
        language=own.get("language", ""),
        published_at=datetime.fromisoformat(published) if published else None,
        captured_at=datetime.fromisoformat(body["event"]["created"]),
        score=body["event"]["risk_score"],
        kinds=tuple(own["kinds"]),
        alert_id=alert.get("id", ""),
        alert_number=alert.get("number", 0),
        severity=alert.get("severity", ""),
        status=alert.get("status", ""),
        spans=tuple((span["start"], span["end"], span["reason"]) for span in own["evidence"]),
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
