"""The queue of record: pending work under short leases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Row, Update, bindparam, case, delete, func, literal, or_, select, update

from pipeline.adapters.record.base import Family
from pipeline.adapters.record.database import BESIDE
from pipeline.adapters.record.statements import insert
from pipeline.adapters.record.tables import work
from pipeline.domain.work import LEASE_S, MAX_FAILURES, WorkItem, WorkKind, WorkState

_FREE = {"owner": "", "lease_until": None}
_HELD = (
    (work.c.kind == bindparam("item_kind"))
    & (work.c.key == bindparam("item_key"))
    & (work.c.owner == bindparam("item_owner"))
)
"""The row of an item, while it is in the hands of who claimed it."""


class SqlWork(Family):
    """ports.Work."""

    def add_work(self, kind: WorkKind, keys: Iterable[str], due_at: datetime) -> None:
        """Queue, or give what is queued a new version; what was set aside gets a new chance."""
        rows = [_new(kind, key, due_at) for key in dict.fromkeys(keys)]
        if rows:
            self._connection.execute(_queueing(self._connection.dialect.name), rows)

    def claim(
        self, kind: WorkKind, owner: str, limit: int, now: datetime, lease_s: int = LEASE_S
    ) -> Sequence[WorkItem]:
        """Take due items, oldest first, in one statement; what another claim has in hand is passed over."""
        if limit <= 0:
            return []
        free = (
            select(work.c.key)
            .where(
                work.c.kind == kind,
                work.c.state == WorkState.READY,
                work.c.due_at <= now,
                or_(work.c.lease_until.is_(None), work.c.lease_until <= now),
            )
            .order_by(work.c.due_at, work.c.key)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("free")  # read once: a planner may run a subquery for each row, and take more than the limit
        )
        taken = (
            update(work)
            .where(work.c.kind == kind, work.c.key.in_(select(free.c.key)))
            .values(owner=owner, lease_until=now + timedelta(seconds=lease_s))
            .returning(*work.c)
            .execution_options(**{BESIDE: True})
        )
        items = [_item(row) for row in self._connection.execute(taken)]
        return sorted(items, key=lambda item: (item.due_at, item.key))

    def extend(self, items: Sequence[WorkItem], until: datetime) -> Sequence[WorkItem]:
        """Keep what is still ours."""
        longer = update(work).where(_HELD).values(lease_until=until)
        return [item for item in items if self._connection.execute(longer, _named(item)).rowcount]

    def done(self, items: Sequence[WorkItem]) -> None:
        """Remove what wasn't queued again meanwhile."""
        self._each(delete(work).where(_HELD, work.c.version == bindparam("item_version")), items)
        self._each(update(work).where(_HELD).values(failures=0, **_FREE), items)

    def fail(self, items: Sequence[WorkItem], reason: str, retry_at: datetime | None) -> None:
        """Count, and give up on the third, or at once."""
        last = or_(work.c.failures + 1 >= MAX_FAILURES, literal(retry_at is None))
        state = case((last, str(WorkState.SET_ASIDE)), else_=str(WorkState.READY))
        values = {"failures": work.c.failures + 1, "state": state, "reason": reason}
        if retry_at:
            values["due_at"] = retry_at
        self._each(update(work).where(_HELD).values(**values, **_FREE), items)

    def postpone(self, items: Sequence[WorkItem], until: datetime) -> None:
        """Give back."""
        self._each(update(work).where(_HELD).values(due_at=until, **_FREE), items)

    def _each(self, statement: Update | Delete, items: Sequence[WorkItem]) -> None:
        if items:
            self._connection.execute(statement, [_named(item) for item in items])

    def pending(self) -> Mapping[WorkKind, int]:
        """Ready or claimed, by kind; zero where nothing waits."""
        query = select(work.c.kind, func.count()).where(work.c.state == WorkState.READY).group_by(work.c.kind)
        counts = {WorkKind(kind): count for kind, count in self._connection.execute(query)}
        return {kind: counts.get(kind, 0) for kind in WorkKind}

    def set_aside(self, limit: int) -> Sequence[WorkItem]:
        """Latest first."""
        query = select(work).where(work.c.state == WorkState.SET_ASIDE).order_by(work.c.due_at.desc(), work.c.key)
        return [_item(row) for row in self._connection.execute(query.limit(limit))]

    def requeue(self, kind: WorkKind, key: str, now: datetime) -> bool:
        """Whether there was such an item."""
        here = (work.c.kind == kind) & (work.c.key == key) & (work.c.state == WorkState.SET_ASIDE)
        ready = {"state": str(WorkState.READY), "failures": 0, "due_at": now, "reason": "", **_FREE}
        return self._connection.execute(update(work).where(here).values(**ready)).rowcount > 0


@cache
def _queueing(dialect: str) -> Insert:
    """What is pending gets a new version and an earlier due time; what was set aside starts afresh."""
    statement = insert(dialect, work)
    asked, aside = statement.excluded, work.c.state == WorkState.SET_ASIDE
    again = {
        "version": work.c.version + 1,
        "due_at": case((~aside & (work.c.due_at < asked.due_at), work.c.due_at), else_=asked.due_at),
        "failures": case((aside, 0), else_=work.c.failures),
        "reason": case((aside, ""), else_=work.c.reason),
        "state": str(WorkState.READY),
    }
    return statement.on_conflict_do_update(index_elements=["kind", "key"], set_=again)


def _named(item: WorkItem) -> dict[str, Any]:
    return {
        "item_kind": str(item.kind),
        "item_key": item.key,
        "item_owner": item.owner,
        "item_version": item.version,
    }


def _new(kind: WorkKind, key: str, due_at: datetime) -> dict[str, Any]:
    row = {"kind": str(kind), "key": key, "version": 1, "due_at": due_at, "failures": 0, "reason": ""}
    return row | {"state": str(WorkState.READY), **_FREE}


def _item(row: Row[Any]) -> WorkItem:
    return WorkItem(
        kind=WorkKind(row.kind),
        key=row.key,
        version=row.version,
        due_at=row.due_at,
        failures=row.failures,
        state=WorkState(row.state),
        owner=row.owner,
        lease_until=row.lease_until,
        reason=row.reason,
    )
