"""Alerts, the posts on them, and notes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from pipeline.domain.severity import Flagged, History
from pipeline.errors import Conflict
from pipeline.ports import StoredPost

_OPEN = [str(status) for status in Status if status.is_open]
_LEAVING = [str(status) for status in Status if status.leaves]
_ON_ALERTS = revisions.join(alert_posts, alert_posts.c.revision_id == revisions.c.id).join(
    alerts, alerts.c.id == alert_posts.c.alert_id
)
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
        columns = (revisions.c.post_id, revisions.c.author, alerts.c.id, alerts.c.status)
        flagged = select(*columns).select_from(_ON_ALERTS).where(here, _stands()).distinct()
        found = self._connection.execute(flagged.order_by(revisions.c.post_id, alerts.c.id))
        judged = select(func.count(revisions.c.post_id.distinct())).where(here, judged_ever())
        return self._connection.scalar(judged) or 0, [
            Flagged(post_id, author, alert_id, Status(status).leaves) for post_id, author, alert_id, status in found
        ]

    def author_histories(self, source_id: str, authors: Collection[str], beside: str) -> Mapping[str, History]:
        """Two counts by author."""
        here = (revisions.c.source_id == source_id) & (revisions.c.author.in_(authors))
        posts = func.count(revisions.c.post_id.distinct())
        judged = select(revisions.c.author, posts).where(here, judged_ever()).group_by(revisions.c.author)
        confirmed = func.count(case((alerts.c.status.in_(_LEAVING), revisions.c.post_id)).distinct())
        flagged = select(revisions.c.author, posts, confirmed).select_from(_ON_ALERTS)
        flagged = flagged.where(here, _stands(), alerts.c.id != beside).group_by(revisions.c.author)
        counts = {author: (of, sure) for author, of, sure in self._connection.execute(flagged)}
        return {
            author: History(total, *counts.get(author, (0, 0))) for author, total in self._connection.execute(judged)
        }

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
