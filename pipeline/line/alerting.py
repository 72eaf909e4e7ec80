"""Decide: flagged revisions become, or join, the alert of their thread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nlp.assessment import Assessment
from nlp.taxonomy import is_sealed
from pipeline.domain.alert import Alert, Severity, Status, alert_id
from pipeline.domain.delivery import EventType, owed
from pipeline.domain.severity import SEALED, Circumstances, Flagged, History, gravest, severity_of
from pipeline.domain.work import WorkKind
from pipeline.formats import native
from pipeline.line.auditing import record_event
from pipeline.ports import StoredPost, Transaction

_Judged = tuple[StoredPost, Assessment]


def raise_alerts(
    tx: Transaction,
    flagged: Sequence[_Judged],
    threshold: float,
    now: datetime,
    console_url: str,
) -> list[Alert]:
    """Put each flagged revision on the open alert of its thread, or on a new one that follows the decided one.

    Queues the index work and the machine-only events in the same transaction. A revision that is on an alert already
    is left where it is, whatever the model says now.
    """
    by_thread: dict[tuple[str, str], list[_Judged]] = defaultdict(list)
    for stored, assessment in flagged:
        if not stored.alert_id:
            by_thread[stored.post.source_id, stored.post.thread_id].append((stored, assessment))
    alerts = []
    for (source_id, thread_id), found in by_thread.items():
        before = tx.latest_alert(source_id, thread_id)
        alert = before if before and before.status.is_open else _empty(tx, before, found, now)
        alert = _joined(tx, alert, found, threshold, now)
        tx.save_alert(alert)
        tx.add_to_alert(alert.id, [stored.post.revision_id for stored, _ in found])
        tx.add_work(WorkKind.INDEX_ALERT, [alert.id], now)
        if alert.revision == 1:
            _announce(tx, alert, now, console_url)
        alerts.append(alert)
    return alerts


def _empty(tx: Transaction, before: Alert | None, found: Sequence[_Judged], now: datetime) -> Alert:
    """A new alert without its posts."""
    post = found[0][0].post
    n = before.n + 1 if before else 1
    return Alert(
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


def _joined(tx: Transaction, alert: Alert, found: Sequence[_Judged], threshold: float, now: datetime) -> Alert:
    """The alert with these posts on it: every figure is the highest among its posts, the band follows from them."""
    assessments = [a for _, a in found]
    loudest = max(a.score for a in assessments)
    if alert.threshold is not None and alert.score > loudest:
        threshold = alert.threshold
    joined = replace(
        alert,
        score=max(alert.score, loudest),
        threshold=threshold,
        child_safety_context=alert.child_safety_context or any(a.child_safety_context for a in assessments),
        kinds=_highest([alert.kinds, *(a.kinds for a in assessments)]),
        posts=alert.posts + len(found),
        revision=alert.revision + 1,
        updated_at=now,
    )
    severity, grounds = severity_of(_circumstances(tx, joined, found, threshold))
    return replace(joined, severity=severity, grounds=grounds)


def _circumstances(tx: Transaction, alert: Alert, found: Sequence[_Judged], threshold: float) -> Circumstances:
    """Counted once the posts are judged, and before they are on the alert."""
    judged, before = tx.thread_history(alert.source_id, alert.thread_id)
    new = [Flagged(stored.post.post_id, stored.post.author, alert.id, False) for stored, _ in found]
    flagged = {post.post_id: post for post in (*new, *before)}.values()
    thread = History(
        judged, len(flagged), sum(post.confirmed for post in flagged), len({post.author for post in flagged})
    )
    named = {post.author for post in flagged if post.author and post.alert_id == alert.id}
    author = gravest(tx.author_history(alert.source_id, name, alert.id) for name in named)
    sealed = any(ground.id == SEALED for ground in alert.grounds) or any(names_sealed(a) for _, a in found)
    return Circumstances(alert.score, threshold, alert.kinds, alert.child_safety_context, thread, author, sealed)


def names_sealed(assessment: Assessment) -> bool:
    """Whether a term of the agency's own lists stands in the text."""
    return any(is_sealed(span.reason) for span in assessment.spans)


def _highest(kinds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = sorted({name for k in kinds for name in k})
    return {name: max(k.get(name, 0.0) for k in kinds) for name in names}


def _leading_language(found: Sequence[_Judged]) -> str:
    return max(found, key=lambda pair: pair[1].score)[1].language


def _announce(tx: Transaction, alert: Alert, now: datetime, console_url: str) -> None:
    record_event(tx, "line", "alert.raise", alert.id, now, severity=str(alert.severity), posts=alert.posts)
    payload = native.event(EventType.ALERT_CREATED, alert, now, reviewed=False, console_url=console_url)
    for endpoint in tx.endpoints():
        if endpoint.machine_events and not endpoint.disabled:
            delivery = owed(endpoint, EventType.ALERT_CREATED, alert.id, alert.revision, payload, now)
            tx.save_delivery(delivery)
            tx.add_work(WorkKind.DELIVER, [delivery.id], now)
