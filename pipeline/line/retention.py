"""Retention: what nobody may keep any longer is erased from index and record."""

from datetime import datetime

from pipeline.domain.accounts import ABSOLUTE, IDLE
from pipeline.domain.retention import Retention
from pipeline.domain.work import WorkKind
from pipeline.line.auditing import record_event
from pipeline.ports import Clock, Index, Record

BATCH = 500


def expire(
    record: Record, index: Index, clock: Clock, retention: Retention, *, actor: str = "line", dry_run: bool = False
) -> int:
    """Erase unflagged posts past their time in threads without an alert; returns how many (dry run: how many would go).

    Saved searches past their time go too, and sessions that are over.
    The index goes first: if the process dies in between, the record still knows what is to be erased.
    """
    before = retention.unflagged_before(clock.now())
    if dry_run:
        with record.read() as tx:
            return len(tx.expired_posts(before, 1_000_000))
    _forget_people(record, retention, actor, clock.now())
    erased = 0
    while True:
        with record.read() as tx:
            ids = tx.expired_posts(before, BATCH)
        if not ids:
            return erased
        index.delete(ids)
        with record.write() as tx:
            expired = set(tx.expired_posts(before, BATCH))
            gone = [revision_id for revision_id in ids if revision_id in expired]
            tx.erase_posts(gone, clock.now())
            # those that became context of an alert in between stay, and go back into the index
            tx.add_work(WorkKind.INDEX_POST, [rev for rev in ids if rev not in expired], clock.now())
            record_event(tx, actor, "posts.expire", "unflagged", clock.now(), count=len(gone))
        erased += len(gone)


def _forget_people(record: Record, retention: Retention, actor: str, now: datetime) -> None:
    with record.write() as tx:
        tx.forget_sessions(now - IDLE, now - ABSOLUTE)
        searches = tx.forget_searches(retention.searches_before(now))
        if searches:
            record_event(tx, actor, "searches.expire", "searches", now, count=searches)
