"""Decide: flagged revisions become, or join, the alert of their thread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nlp.assessment import Assessment
from pipeline.domain.alert import Alert, Severity, Status, alert_id, severity_of
from pipeline.domain.delivery import EventType, owed
from pipeline.domain.work import WorkKind
from pipeline.formats import native
from pipeline.line.auditing import record_event
from pipeline.ports import StoredPost, Transaction


def raise_alerts(
    tx: Transaction,
    flagged: Sequence[tuple[StoredPost, Assessment]],
    threshold: float,
    now: datetime,
    console_url: str,
) -> list[Alert]:
    """Put each flagged revision on the open alert of its thread, or on a new one that follows the decided one.

    Queues the index work and the machine-only events in the same transaction. A revision that is on an alert already
    is left where it is, whatever the model says now.
    """
    by_thread: dict[tuple[str, str], list[tuple[StoredPost, Assessment]]] = defaultdict(list)
    for stored, assessment in flagged:
        if not stored.alert_id:
            by_thread[stored.post.source_id, stored.post.thread_id].append((stored, assessment))
    alerts = []
    for (source_id, thread_id), found in by_thread.items():
        before = tx.latest_alert(source_id, thread_id)
        if before and before.status.is_open:
            alert = _joined(before, found, threshold, now)
        else:
            alert = _raised(tx, before, found, threshold, now)
        tx.save_alert(alert)
        tx.add_to_alert(alert.id, [stored.post.revision_id for stored, _ in found])
        tx.add_work(WorkKind.INDEX_ALERT, [alert.id], now)
        if alert.revision == 1:
            _announce(tx, alert, now, console_url)
        alerts.append(alert)
    return alerts


def _raised(
    tx: Transaction,
    before: Alert | None,
    found: Sequence[tuple[StoredPost, Assessment]],
    threshold: float,
    now: datetime,
) -> Alert:
    post = found[0][0].post
    n = before.n + 1 if before else 1
    empty = Alert(
        id=alert_id(post.source_id, post.thread_id, n),
        number=tx.next_number(),
        source_id=post.source_id,
        thread_id=post.thread_id,
        n=n,
        title=found[0][0].thread_title,
        severity=Severity.LOW,
        score=0.0,
        status=Status.NEW,
        revision=0,
        created_at=now,
        updated_at=now,
        posts=0,
        language=_leading_language(found),
        child_safety_context=False,
        follows=before.id if before else "",
    )
    return _joined(empty, found, threshold, now)


def _joined(alert: Alert, found: Sequence[tuple[StoredPost, Assessment]], threshold: float, now: datetime) -> Alert:
    """The alert with these posts on it: every figure is the highest among its posts."""
    assessments = [a for _, a in found]
    score = max([alert.score, *(a.score for a in assessments)])
    context = alert.child_safety_context or any(a.child_safety_context for a in assessments)
    return replace(
        alert,
        score=score,
        severity=severity_of(score, threshold, context),
        child_safety_context=context,
        kinds=_highest([alert.kinds, *(a.kinds for a in assessments)]),
        posts=alert.posts + len(found),
        revision=alert.revision + 1,
        updated_at=now,
    )


def _highest(kinds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = sorted({name for k in kinds for name in k})
    return {name: max(k.get(name, 0.0) for k in kinds) for name in names}


def _leading_language(found: Sequence[tuple[StoredPost, Assessment]]) -> str:
    return max(found, key=lambda pair: pair[1].score)[1].language


def _announce(tx: Transaction, alert: Alert, now: datetime, console_url: str) -> None:
    record_event(tx, "line", "alert.raise", alert.id, now, severity=str(alert.severity), posts=alert.posts)
    payload = native.event(EventType.ALERT_CREATED, alert, now, reviewed=False, console_url=console_url)
    for endpoint in tx.endpoints():
        if endpoint.machine_events and not endpoint.disabled:
            delivery = owed(endpoint, EventType.ALERT_CREATED, alert.id, alert.revision, payload, now)
            tx.save_delivery(delivery)
            tx.add_work(WorkKind.DELIVER, [delivery.id], now)
