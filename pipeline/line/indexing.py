"""Index: what changed in the record is projected into the index; the index can always be rebuilt from it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from pipeline.domain.alert import Alert, Status, likely
from pipeline.domain.documents import Document
from pipeline.domain.work import WorkItem, WorkKind
from pipeline.errors import Unavailable
from pipeline.line.auditing import record_event
from pipeline.observe import log
from pipeline.ports import Clock, Index, Record, StoredPost, Transaction

BATCH = 100
RETRY_S = 10
_REVISIONS_PER_ALERT = 1_000_000
"""Room for the revisions of one alert inside the external version of a document."""


def index_pending(record: Record, index: Index, clock: Clock, owner: str) -> int:
    """Project up to BATCH pending alerts and posts; returns how many left the queue.

    An index that is down costs no item a failure: the items come back after RETRY_S. A document that the index refuses
    counts as a failure of its own items only. Raises: Unavailable, so that the next batch isn't tried at once.
    """
    with record.write() as tx:
        items = [
            *tx.claim(WorkKind.INDEX_ALERT, owner, BATCH, clock.now()),
            *tx.claim(WorkKind.INDEX_POST, owner, BATCH, clock.now()),
        ]
    if not items:
        return 0
    with record.read() as tx:
        projected = [(item, list(_documents(tx, item))) for item in items]
    documents = [document for _, its in projected for document in its]
    try:
        refused = index.put(documents)
    except Unavailable:
        with record.write() as tx:
            tx.postpone(items, clock.now() + timedelta(seconds=RETRY_S))
        raise
    failures = [(item, why) for item, its in projected if (why := _why(its, refused))]
    failed = [item for item, _ in failures]
    done = [item for item in items if item not in failed]
    with record.write() as tx:
        tx.done(done)
        for item, why in failures:
            tx.fail([item], why, clock.now() + timedelta(seconds=RETRY_S))
    log("index.written", documents=len(documents) - len(refused), refused=len(refused))
    return len(done)


def _why(documents: Sequence[Document], refused: Mapping[str, str]) -> str:
    found = next((document.id for document in documents if document.id in refused), "")
    return f"the index can't hold document {found}: {refused[found]}" if found else ""


def rebuild(record: Record, index: Index, clock: Clock, actor: str) -> int:
    """Fill a new index from the record and swap; returns the number of documents. Raises: Unavailable, Corrupt."""
    with record.write() as tx:
        record_event(tx, actor, "index.rebuild", "index", clock.now())
    return index.rebuild(_everything(record))


def _everything(record: Record) -> Iterator[Document]:
    """From one snapshot: alerts that change their places meanwhile can't slip through between two pages."""
    offset = 0
    seen: set[tuple[str, str]] = set()
    with record.read() as tx:
        while alerts := tx.alerts(Status, BATCH, offset):
            for alert in alerts:
                if (alert.source_id, alert.thread_id) not in seen:
                    seen.add((alert.source_id, alert.thread_id))
                    yield from thread_documents(tx, alert)
            offset += len(alerts)


def _documents(tx: Transaction, item: WorkItem) -> Iterator[Document]:
    if item.kind is WorkKind.INDEX_ALERT:
        alert = tx.alert(item.key)
        if alert:
            yield from thread_documents(tx, alert)
    else:
        stored = tx.post(item.key)
        if stored and stored.assessment:
            yield document(stored, tx.alert(stored.alert_id) if stored.alert_id else None)


def thread_documents(tx: Transaction, alert: Alert) -> Iterator[Document]:
    """Every assessed post of the alert's thread, flagged or context, as the index holds it."""
    alerts = {alert.id: alert}
    for stored in tx.thread(alert.source_id, alert.thread_id):
        if not stored.assessment:
            continue
        if stored.alert_id and stored.alert_id not in alerts:
            other = tx.alert(stored.alert_id)
            if other:
                alerts[other.id] = other
        yield document(stored, alerts.get(stored.alert_id))


def document(stored: StoredPost, alert: Alert | None) -> Document:
    """One post as a document; its version grows with its alert, so an old projection never wins."""
    post, assessment = stored.post, stored.assessment
    if assessment is None:
        raise ValueError("only assessed posts are indexed")
    return Document(
        id=post.revision_id,
        version=alert.n * _REVISIONS_PER_ALERT + alert.revision if alert else 1,
        source_id=post.source_id,
        thread_id=post.thread_id,
        post_id=post.post_id,
        title=stored.thread_title,
        author=post.author,
        text=post.text,
        language=assessment.language,
        published_at=post.published_at,
        captured_at=post.captured_at,
        score=assessment.score,
        kinds=tuple(sorted(likely(assessment.kinds))),
        alert_id=alert.id if alert else "",
        alert_number=alert.number if alert else 0,
        severity=str(alert.severity) if alert else "",
        status=str(alert.status) if alert else "",
        spans=tuple((s.start, s.end, s.reason) for s in assessment.spans),
    )
