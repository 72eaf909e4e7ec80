"""Reading alerts: what the queue and the alert page show, every read audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.post import Source
from pipeline.desk.acting import keep_event, require
from pipeline.desk.review import claim_if_free, holder
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.alert import Alert, Note, Severity, Status
from pipeline.domain.audit import AuditEvent
from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.errors import NotFound
from pipeline.ports import Record, StoredPost, Transaction

OPEN = tuple(status for status in Status if status.is_open)
DECIDED = tuple(status for status in Status if not status.is_open)
SHARE_OVER = timedelta(days=30)
_HISTORY = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An alert in a list, with the post that speaks loudest for it. holder: who has it in hand now, or ""."""

    alert: Alert
    loudest: StoredPost | None
    source_name: str
    holder: str


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits. total and oldest count every open alert, also those in hand; rows is one page of them."""

    in_hand: Row | None
    rows: Sequence[Row]
    total: int
    counts: Mapping[Status, int]
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything an alert page shows. flagged: revision ids on this alert. thread: every revision, oldest first."""

    alert: Alert
    source: Source | None
    thread: Sequence[StoredPost]
    flagged: frozenset[str]
    notes: Sequence[Note]
    history: Sequence[AuditEvent]
    deliveries: Sequence[Delivery]
    endpoints: Mapping[str, Endpoint]
    holder: str
    before: Alert | None


@dataclass(frozen=True, slots=True)
class Share:
    """Of the alerts of one band decided in the last 30 days, how many a person confirmed."""

    decided: int = 0
    confirmed: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """Confirmed share per band."""

    bands: Mapping[Severity, Share] = field(default_factory=dict)

    def of(self, severity: Severity) -> Share:
        """The share of this band; zero of zero when nothing was decided."""
        return self.bands.get(severity, Share())


def queue(record: Record, actor: Actor, now: datetime, limit: int = 20, offset: int = 0) -> Queue:
    """One page of what waits, highest severity first, then oldest. Raises: Refused."""
    require(actor, Permission.READ_CONTENT)
    with record.write() as tx:
        mine = tx.claimed_by(actor.name, now)
        found = tx.alerts(OPEN, limit, offset)
        counts = tx.count_alerts()
        shown = Queue(
            in_hand=_row(tx, mine, now) if mine else None,
            rows=[_row(tx, alert, now) for alert in found if not mine or alert.id != mine.id],
            total=sum(counts.get(status, 0) for status in OPEN),
            counts=counts,
            oldest=tx.oldest_alert(OPEN),
        )
        keep_event(tx, actor, "queue.read", "queue", now, alerts=[row.alert.id for row in shown.rows])
    return shown


def list_alerts(
    record: Record, actor: Actor, statuses: Sequence[Status], now: datetime, limit: int, offset: int
) -> Sequence[Alert]:
    """Alerts of these statuses, highest severity first, then oldest. Raises: Refused."""
    require(actor, Permission.READ_CONTENT)
    with record.write() as tx:
        found = tx.alerts(statuses, limit, offset)
        keep_event(tx, actor, "queue.read", "alerts", now, alerts=[alert.id for alert in found])
    return found


def open_alert(record: Record, actor: Actor, alert_id: str, now: datetime) -> Case:
    """The alert and the thread around it; claims it when it is free. Raises: Refused, NotFound."""
    require(actor, Permission.READ_CONTENT)
    with record.write() as tx:
        alert = tx.alert(alert_id)
        if alert is None:
            raise NotFound("There is no such alert; go back to the queue")
        alert = claim_if_free(tx, alert, actor, now)
        keep_event(tx, actor, "alert.read", alert.id, now, revision=alert.revision)
        return _case(tx, alert, now)


def confirmed_shares(record: Record, now: datetime) -> Shares:
    """How often people confirmed each band in the last 30 days: figures only, no content."""
    with record.read() as tx:
        counts = tx.count_decisions(now - SHARE_OVER)
    shares: dict[Severity, Share] = {}
    for (severity, status), count in counts.items():
        if status in DECIDED and status is not Status.DUPLICATE:
            so_far = shares.get(severity, Share())
            confirmed = so_far.confirmed + (count if status.leaves else 0)
            shares[severity] = Share(so_far.decided + count, confirmed)
    return Shares(shares)


def _row(tx: Transaction, alert: Alert, now: datetime) -> Row:
    posts = [post for post in tx.alert_posts(alert.id) if post.assessment]
    loudest = max(posts, key=lambda post: post.assessment.score if post.assessment else 0.0, default=None)
    source = tx.source(alert.source_id)
    return Row(alert, loudest, source.name if source else alert.source_id, holder(alert, now))


def _case(tx: Transaction, alert: Alert, now: datetime) -> Case:
    return Case(
        alert=alert,
        source=tx.source(alert.source_id),
        thread=tx.thread(alert.source_id, alert.thread_id),
        flagged=frozenset(post.post.revision_id for post in tx.alert_posts(alert.id)),
        notes=tx.notes(alert.id),
        history=tx.audit_of(alert.id, _HISTORY),
        deliveries=tx.deliveries(alert_id=alert.id),
        endpoints={endpoint.id: endpoint for endpoint in tx.endpoints()},
        holder=holder(alert, now),
        before=tx.alert(alert.follows) if alert.follows else None,
    )
