"""What a run of the line leaves behind, so that two runs can be compared by ids and hashes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from nlp.assessment import Assessment
from pipeline.compose import App
from pipeline.domain.alert import Alert, Status
from pipeline.domain.delivery import DeliveryState
from pipeline.domain.documents import Document
from pipeline.domain.query import parse
from pipeline.line.indexing import thread_documents

_NO_TIME = datetime.min.replace(tzinfo=UTC)


def end_state(app: App, received: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Posts, assessments, alerts, documents, webhooks: by id, what no fault may change.

    received: {id, verified, body} of what came to the case system. Times of our own clock and the running numbers of
    alerts, which follow it, are left out. Nothing was set aside; index and record are equal, and so are owed and
    received.
    """
    with app.record.read() as tx:
        stored, alerts = tx.all_posts(0, 100_000), tx.alerts(Status, 10_000)
        on_alerts = {alert.id: sorted(each.post.revision_id for each in tx.alert_posts(alert.id)) for alert in alerts}
        projected = {each.id: each for alert in alerts for each in thread_documents(tx, alert)}
        deliveries = tx.deliveries(limit=100_000)
        assert tx.set_aside(1) == []
    assert _indexed(app) == projected
    assert {each.state for each in deliveries} <= {DeliveryState.SENT}
    assert {each["id"] for each in received} == {each.id for each in deliveries}
    assert all(each["verified"] for each in received)
    return {
        "posts": {(each.post.source_id, each.post.post_id, each.post.sha256) for each in stored},
        "assessments": {each.post.revision_id: _said(each.assessment) for each in stored},
        "alerts": {alert.id: (*_decided(alert), *on_alerts[alert.id]) for alert in alerts},
        "documents": {
            each.id: _hashed(replace(each, captured_at=_NO_TIME, alert_number=0)) for each in projected.values()
        },
        "webhooks": {each["id"]: _told(each["body"]) for each in received},
    }


def _indexed(app: App) -> dict[str, Document]:
    """Everything that a search can find."""
    found: dict[str, Document] = {}
    while hits := app.index.search(parse(""), 100, len(found), "newest").hits:
        found |= {hit.document.id: hit.document for hit in hits}
    return found


def _said(assessment: Assessment | None) -> str:
    return _hashed(asdict(assessment)) if assessment else ""


def _decided(alert: Alert) -> tuple[object, ...]:
    return alert.source_id, alert.thread_id, alert.n, alert.status, alert.reason, alert.severity, alert.revision


def _told(body: str) -> str:
    """Of an event, without its time, the alert's running number and the console's address."""
    event = json.loads(body)
    data = {name: value for name, value in event["data"].items() if name not in ("alert_number", "url")}
    return _hashed((event["type"], data))


def _hashed(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
