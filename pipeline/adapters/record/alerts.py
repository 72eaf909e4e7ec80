"""Alerts, the posts on them, and notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, or_, select, update

from pipeline.adapters.record.base import Family, chunks
from pipeline.adapters.record.posts import LATEST, SELECT, judged_ever
from pipeline.adapters.record.rows import stored_post
from pipeline.adapters.record.statements import insert, keeping_first, upsert
from pipeline.adapters.record.tables import alert_posts, alerts, counters, notes, revisions
from pipeline.domain.alert import Alert, Ground, Note, Severity, Status
from pipeline.domain.severity import AUTHORS_POSTS, Flagged, History
from pipeline.errors import Conflict
from pipeline.ports import StoredPost

_OPEN = [str(status) for status in Status if status.is_open]
_LEAVING = [str(status) for status in Status if status.leaves]
_RANK = case({str(severity): severity.rank for severity in Severity}, value=alerts.c.severity)
_ORDER = (_RANK.desc(), alerts.c.created_at, alerts.c.number)
"""Highest severity first, then oldest."""


class SqlAlerts(Family):
    """ports.Alerts."""

    def alert(self, alert_id: str) -> Alert | None:
        """By id."""
        return self._first(select(alerts).where(alerts.c.id == alert_id))

    def alerts(self, statuses: Iterable[Status], limit: int, offset: int = 0) -> Sequence[Alert]:
        """One page of them."""
        query = select(alerts).where(alerts.c.status.in_([str(status) for status in statuses]))
        found = self._connection.execute(query.order_by(*_ORDER).limit(limit).offset(offset))
        return [_alert(row) for row in found]

    def count_alerts(self) -> Mapping[Status, int]:
        """Every status, zero included."""
        query = select(alerts.c.status, func.count()).group_by(alerts.c.status)
        counts = {Status(status): count for status, count in self._connection.execute(query)}
        return {status: counts.get(status, 0) for status in Status}

    def oldest_alert(self, statuses: Iterable[Status]) -> datetime | None:
        """None when there is no such alert."""
        these = alerts.c.status.in_([str(status) for status in statuses])
        oldest: datetime | None = self._connection.scalar(select(func.min(alerts.c.created_at)).where(these))
        return oldest

    def count_decisions(self, since: datetime) -> Mapping[tuple[Severity, Status], int]:
        """Without zeros."""
        query = select(alerts.c.severity, alerts.c.status, func.count()).where(alerts.c.decided_at > since)
        found = self._connection.execute(query.group_by(alerts.c.severity, alerts.c.status))
        return {(Severity(severity), Status(status)): count for severity, status, count in found}

    def latest_alert(self, source_id: str, thread_id: str) -> Alert | None:
        """The thread's last one."""
        query = select(alerts).where(alerts.c.source_id == source_id, alerts.c.thread_id == thread_id)
        return self._first(query.order_by(alerts.c.n.desc()).limit(1))

    def save_alert(self, alert: Alert) -> None:
        """Insert, or update the revision before it."""
        values = _values(alert)
        before = update(alerts).where(alerts.c.id == alert.id, alerts.c.revision == alert.revision - 1)
        if self._connection.execute(before.values(values)).rowcount:
            return
        statement = keeping_first(self._connection.dialect.name, alerts).returning(alerts.c.id)
        if self._connection.scalar(statement, values) is None:
            raise Conflict(f"A-{alert.number} changed since you read it; look at it again")

    def next_number(self) -> int:
        """Never given twice."""
        statement = insert(self._connection.dialect.name, counters).values(name="alert", value=1)
        grown = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        return int(self._connection.execute(grown.returning(counters.c.value)).scalar_one())

    def add_to_alert(self, alert_id: str, revision_ids: Sequence[str]) -> None:
        """First come, first kept, with the assessment as it is now."""
        for ids in chunks(revision_ids):
            posts = select(revisions.c.id, literal(alert_id), LATEST).where(revisions.c.id.in_(ids))
            adding = insert(self._connection.dialect.name, alert_posts).from_select(alert_posts.columns.keys(), posts)
            self._connection.execute(adding.on_conflict_do_nothing())

    def alert_posts(self, alert_id: str) -> Sequence[StoredPost]:
        """In reading order."""
        order = func.coalesce(revisions.c.published_at, revisions.c.first_seen), revisions.c.seq
        query = SELECT.where(alert_posts.c.alert_id == alert_id).order_by(*order)
        return [stored_post(row) for row in self._connection.execute(query)]

    def thread_history(self, source_id: str, thread_id: str) -> tuple[int, Sequence[Flagged]]:
        """By post, then alert."""
        here = (revisions.c.source_id == source_id) & (revisions.c.thread_id == thread_id)
        judged = select(func.count(revisions.c.post_id.distinct())).where(here, judged_ever())
        columns = (revisions.c.post_id, revisions.c.author, alerts.c.id, alerts.c.status)
        flagged = select(*columns).select_from(alerts).join(alert_posts).join(revisions).distinct()
        its = (alerts.c.source_id == source_id) & (alerts.c.thread_id == thread_id)  # few, however large the source is
        found = self._connection.execute(flagged.where(its, _stands()))
        return self._connection.scalar(judged) or 0, [
            Flagged(post_id, author, alert_id, Status(status).leaves)
            for post_id, author, alert_id, status in sorted(found)
        ]

    def author_history(self, source_id: str, author: str, beside: str) -> History:
        """One look at an index: on some boards one name stands for everybody."""
        here = (revisions.c.source_id == source_id) & (revisions.c.author == author)
        latest = select(revisions.c.id).where(here, judged_ever()).order_by(revisions.c.seq.desc()).limit(AUTHORS_POSTS)
        other = (alerts.c.id == alert_posts.c.alert_id) & (alerts.c.id != beside) & _stands()
        flagged = case((alerts.c.id.is_not(None), revisions.c.post_id))
        confirmed = case((alerts.c.status.in_(_LEAVING), revisions.c.post_id))
        named = {"judged": revisions.c.post_id, "flagged": flagged, "confirmed": confirmed}
        counts = [func.count(posts.distinct()).label(name) for name, posts in named.items()]
        joined = revisions.outerjoin(alert_posts, alert_posts.c.revision_id == revisions.c.id).outerjoin(alerts, other)
        query = select(*counts).select_from(joined).where(revisions.c.id.in_(latest))
        return History(**self._connection.execute(query).one()._mapping)

    def next_unclaimed(self, now: datetime) -> Alert | None:
        """First of the queue that nobody holds."""
        return self._first(select(alerts).where(_is_open(), _is_free(now)).order_by(*_ORDER).limit(1))

    def claimed_by(self, user: str, now: datetime) -> Alert | None:
        """The open alert this person holds."""
        query = select(alerts).where(_is_open(), alerts.c.claimed_by == user, alerts.c.claimed_until > now)
        return self._first(query.order_by(alerts.c.claimed_until.desc()).limit(1))

    def add_note(self, note: Note) -> None:
        """The same note again changes nothing."""
        upsert(self._connection, notes, asdict(note))

    def notes(self, alert_id: str) -> Sequence[Note]:
        """Oldest first."""
        query = select(notes).where(notes.c.alert_id == alert_id).order_by(notes.c.at, notes.c.id)
        return [Note(**row._mapping) for row in self._connection.execute(query)]

    def _first(self, query: Select[Any]) -> Alert | None:
        row = self._connection.execute(query).first()
        return _alert(row) if row else None


def _is_open() -> ColumnElement[bool]:
    return alerts.c.status.in_(_OPEN)


def _stands() -> ColumnElement[bool]:
    """Nobody said that there is nothing to it, or that it is told elsewhere."""
    return alerts.c.status.in_([*_OPEN, *_LEAVING])


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(alerts.c.claimed_until.is_(None), alerts.c.claimed_until <= now)


def _values(alert: Alert) -> dict[str, Any]:
    grounds = [[ground.id, ground.points, ground.sentence] for ground in alert.grounds]
    return asdict(alert) | {"severity": str(alert.severity), "status": str(alert.status), "grounds": grounds}


def _alert(row: Row[Any]) -> Alert:
    values = dict(row._mapping)
    grounds = tuple(Ground(*ground) for ground in values["grounds"])
    typed = {"severity": Severity(values["severity"]), "status": Status(values["status"]), "grounds": grounds}
    return Alert(**values | typed)
