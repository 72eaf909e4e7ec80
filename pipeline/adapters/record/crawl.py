"""The frontier, what is known of threads, and the fetch log."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, update
from sqlalchemy import insert as plain_insert

from crawler.ports import Capture, DuePage, Fetched, ThreadState
from crawler.post import PageKind, Source
from pipeline.adapters.record.base import chunks
from pipeline.adapters.record.database import Database
from pipeline.adapters.record.statements import upsert
from pipeline.adapters.record.tables import fetches, pages, threads
from pipeline.ports import Clock

ATTEMPTS = 3
BACKOFF = (timedelta(seconds=5), timedelta(seconds=60))
"""Wait after the first and the second failure; after the third the page is set aside."""
REST = timedelta(days=1)
"""How long a page that was set aside isn't taken up again, whether a board lists it or its thread is overdue."""

DUE, DONE, ASIDE = "due", "done", "set-aside"
_RANK = {kind: rank for rank, kind in enumerate(PageKind)}
"""Index before board before thread."""
_LOGGING = plain_insert(fetches)
_AGAIN = ("state", "attempts", "due_at", "reason")
"""What changes when a page that is known becomes due, done or set aside."""


def capture(connection: Connection, taken: Capture, at: datetime) -> None:
    """Thread states, due pages, the visited page done, the fetch logged."""
    states = [{"source_id": taken.source_id, "title": ""} | asdict(state) for state in taken.threads]
    upsert(connection, threads, states, "mark", "last_page_url", "revisit_at")
    due = [_page_values(taken.source_id, page, at) for page in taken.due if page.url != taken.visited.url]
    upsert(connection, pages, due, *_AGAIN, "title", where=_is_due_again)
    done = _page_values(taken.source_id, taken.visited, at) | {"state": DONE, "attempts": 0}
    upsert(connection, pages, done, *_AGAIN)
    _log(connection, taken.source_id, taken.fetched, taken.page.degraded)


class SqlCrawlState:
    """crawler.ports.CrawlState; each call is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, source: Source, pages_: Sequence[DuePage]) -> None:
        """Make these pages due, also those that were done or set aside."""
        now = self._clock.now()
        with self._database.write() as connection:
            rows = [_page_values(source.id, page, now) for page in pages_]
            upsert(connection, pages, rows, *_AGAIN, where=_is_not_due)

    def due(self, source_id: str, limit: int) -> Sequence[DuePage]:
        """Pages whose time has come."""
        query = (
            select(pages)
            .where(pages.c.source_id == source_id, pages.c.state == DUE, pages.c.due_at <= self._clock.now())
            .order_by(pages.c.rank, pages.c.due_at, pages.c.url)
            .limit(limit)
        )
        return [
            DuePage(row.url, PageKind(row.kind), row.thread_id, row.title, row.attempts) for row in self._rows(query)
        ]

    def threads(self, source_id: str, thread_ids: Sequence[str]) -> dict[str, ThreadState]:
        """States by thread id."""
        found = {}
        for ids in chunks(thread_ids):
            query = select(threads).where(
                threads.c.source_id == source_id, threads.c.thread_id.in_(ids), threads.c.revisit_at.is_not(None)
            )
            found.update({row.thread_id: _thread(row) for row in self._rows(query)})
        return found

    def overdue_threads(self, source_id: str, now: datetime) -> Sequence[ThreadState]:
        """Longest overdue first."""
        query = (
            select(threads)
            .where(threads.c.source_id == source_id, threads.c.revisit_at <= now)
            .order_by(threads.c.revisit_at, threads.c.thread_id)
        )
        return [_thread(row) for row in self._rows(query)]

    def knows_page(self, source_id: str, url: str) -> bool:
        """One that was set aside was perhaps never read: whoever lists it may ask for it again."""
        here = (pages.c.source_id == source_id) & (pages.c.url == url)
        return bool(self._rows(select(pages.c.url).where(here, pages.c.state != ASIDE)))

    def fetched_since(self, source_id: str, since: datetime) -> int:
        """For pages, robots.txt and logins alike."""
        query = select(func.sum(fetches.c.requests)).where(fetches.c.source_id == source_id, fetches.c.at >= since)
        return int(self._rows(query)[0][0] or 0)

    def failed(self, source_id: str, page: DuePage, fetched: Fetched, retry: bool) -> None:
        """Count the failure; the page waits longer each time, or is set aside with the reason."""
        now = self._clock.now()
        with self._database.write() as connection:
            _log(connection, source_id, fetched, "")
            here = (pages.c.source_id == source_id) & (pages.c.url == page.url)
            attempts = (connection.scalar(select(pages.c.attempts).where(here)) or 0) + 1
            again = retry and attempts < ATTEMPTS
            after = {
                "state": DUE if again else ASIDE,
                "attempts": attempts,
                "due_at": now + (BACKOFF[attempts - 1] if again else REST),
                "reason": fetched.reason or fetched.outcome,
            }
            upsert(connection, pages, _page_values(source_id, page, now) | after, *_AGAIN)
            if not again:
                thread = (threads.c.source_id == source_id) & (threads.c.thread_id == page.thread_id)
                rested = thread & (threads.c.revisit_at < now + REST)
                connection.execute(update(threads).where(rested).values(revisit_at=now + REST))

    def log(self, source_id: str, fetched: Fetched) -> None:
        """Keep one fetch."""
        with self._database.write() as connection:
            _log(connection, source_id, fetched, "")

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._database.read() as connection:
            return connection.execute(query).all()


def _is_not_due(_: Any) -> ColumnElement[bool]:  # noqa: ANN401 - SQLAlchemy's own type of an excluded row
    return pages.c.state != DUE


def _is_due_again(asked: Any) -> ColumnElement[bool]:  # noqa: ANN401 - SQLAlchemy's own type of an excluded row
    """New and done pages become due, those set aside after a rest; due ones are left as they are."""
    return or_(pages.c.state == DONE, (pages.c.state == ASIDE) & (pages.c.due_at <= asked.due_at))


def _page_values(source_id: str, page: DuePage, at: datetime) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "url": page.url,
        "kind": str(page.kind),
        "rank": _RANK[page.kind],
        "thread_id": page.thread_id,
        "title": page.title,
        "state": DUE,
        "attempts": page.attempts,
        "due_at": at,
        "reason": "",
    }


def _thread(row: Row[Any]) -> ThreadState:
    return ThreadState(row.thread_id, row.mark, row.last_page_url, row.revisit_at)


def _log(connection: Connection, source_id: str, fetched: Fetched, degraded: str) -> None:
    connection.execute(_LOGGING, {"source_id": source_id, "degraded": degraded} | asdict(fetched))
