"""Sources, mandates, schedules, and how the sources do."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, func, select

from crawler.mandate import SignedMandate
from crawler.ports import Fetched
from crawler.post import Account, Source
from pipeline.adapters.record.base import Family
from pipeline.adapters.record.crawl import ASIDE, DUE
from pipeline.adapters.record.statements import upsert
from pipeline.adapters.record.tables import fetches, mandates, pages, revisions, schedules, sources
from pipeline.ports import MandateRow, Schedule, SourceHealth


class SqlRegistry(Family):
    """ports.Registry."""

    def save_source(self, source: Source) -> None:
        """Insert or replace."""
        upsert(self._connection, sources, asdict(source))

    def source(self, source_id: str) -> Source | None:
        """By id."""
        row = self._connection.execute(select(sources).where(sources.c.id == source_id)).first()
        return _source(row) if row else None

    def sources(self) -> Sequence[Source]:
        """By id."""
        return [_source(row) for row in self._connection.execute(select(sources).order_by(sources.c.id))]

    def save_mandate(self, row: MandateRow) -> None:
        """Insert or replace."""
        values = {
            "id": row.id,
            "document": row.signed.document,
            "key_id": row.signed.key_id,
            "signature": row.signed.signature,
            "recorded_at": row.recorded_at,
            "revoked_at": row.revoked_at,
            "revoked_why": row.revoked_why,
        }
        upsert(self._connection, mandates, values)

    def mandate(self, mandate_id: str) -> MandateRow | None:
        """By id."""
        row = self._connection.execute(select(mandates).where(mandates.c.id == mandate_id)).first()
        return _mandate(row) if row else None

    def mandates(self) -> Sequence[MandateRow]:
        """Latest recorded first."""
        query = select(mandates).order_by(mandates.c.recorded_at.desc(), mandates.c.id)
        return [_mandate(row) for row in self._connection.execute(query)]

    def save_schedule(self, schedule: Schedule) -> None:
        """Insert or replace."""
        upsert(self._connection, schedules, asdict(schedule))

    def schedules(self) -> Sequence[Schedule]:
        """By source."""
        query = select(schedules).order_by(schedules.c.source_id)
        return [Schedule(**row._mapping) for row in self._connection.execute(query)]

    def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Longest due first."""
        query = select(schedules).where(schedules.c.next_at <= now).order_by(schedules.c.next_at, schedules.c.source_id)
        return [Schedule(**row._mapping) for row in self._connection.execute(query)]

    def fetches(self, source_id: str, limit: int) -> Sequence[Fetched]:
        """Latest first."""
        columns = [fetches.c[name] for name in Fetched.__dataclass_fields__]
        query = select(*columns).where(fetches.c.source_id == source_id).order_by(fetches.c.n.desc()).limit(limit)
        return [Fetched(**row._mapping) for row in self._connection.execute(query)]

    def source_health(self, source_id: str, now: datetime) -> SourceHealth:
        """Today began at midnight UTC."""
        mine = revisions.c.source_id == source_id
        page = pages.c.source_id == source_id
        fetch = fetches.c.source_id == source_id
        today = fetch & (fetches.c.at >= now.replace(hour=0, minute=0, second=0, microsecond=0))
        return SourceHealth(
            threads=self._count(func.count(revisions.c.thread_id.distinct()), revisions, mine),
            posts=self._count(func.count(revisions.c.post_id.distinct()), revisions, mine),
            due_pages=self._count(func.count(), pages, page & (pages.c.state == DUE)),
            failed_pages=self._count(func.count(), pages, page & (pages.c.state == ASIDE)),
            refused_today=self._count(func.count(), fetches, today & (fetches.c.outcome == "refused")),
            degraded_today=self._count(func.count(), fetches, today & (fetches.c.degraded != "")),
            requests_today=self._count(func.sum(fetches.c.requests), fetches, today),
            last_post_at=self._latest(revisions.c.published_at, mine),
            last_fetch_at=self._latest(fetches.c.at, fetch),
        )

    def _count(self, column: ColumnElement[int], table: FromClause, where: ColumnElement[bool]) -> int:
        return int(self._connection.scalar(select(column).select_from(table).where(where)) or 0)

    def _latest(self, column: ColumnElement[datetime], where: ColumnElement[bool]) -> datetime | None:
        return self._connection.scalar(select(func.max(column)).where(where))


def _source(row: Row[Any]) -> Source:
    values = dict(row._mapping)
    account = values.pop("account")
    return Source(**values, account=Account(**account) if account else None)


def _mandate(row: Row[Any]) -> MandateRow:
    signed = SignedMandate(row.document, row.key_id, row.signature)
    return MandateRow(row.id, signed, row.recorded_at, row.revoked_at, row.revoked_why)
