"""The audit log: events, their places and leaf hashes, signed checkpoints."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy import insert as plain_insert

from pipeline.adapters.record.base import Family
from pipeline.adapters.record.statements import upsert
from pipeline.adapters.record.tables import audit_events, checkpoints
from pipeline.domain.audit import AuditEvent, Checkpoint, canonical, event_leaf


class SqlAudit(Family):
    """ports.Audit."""

    def audit(self, event: AuditEvent) -> None:
        """Keep it. Raises: ValueError for details that have no canonical JSON; nothing is done without its event."""
        canonical(event)
        values = asdict(event) | {"seq": None}
        self._connection.execute(plain_insert(audit_events).values(values))

    def sequence(self, limit: int) -> int:
        """In the order in which they were written."""
        place = self.audit_size()
        waiting = select(audit_events).where(audit_events.c.seq.is_(None)).order_by(audit_events.c.n).limit(limit)
        rows = self._connection.execute(waiting).all()
        places = [{"row": row.n, "seq": place + k, "leaf": event_leaf(_event(row))} for k, row in enumerate(rows)]
        if places:
            self._connection.execute(update(audit_events).where(audit_events.c.n == bindparam("row")), places)
        return len(rows)

    def audit_events(self, after_seq: int, limit: int) -> Sequence[AuditEvent]:
        """From place after_seq + 1 on; -1 for the beginning."""
        query = select(audit_events).where(audit_events.c.seq > after_seq).order_by(audit_events.c.seq).limit(limit)
        return [_event(row) for row in self._connection.execute(query)]

    def audit_of(self, subject: str, limit: int) -> Sequence[AuditEvent]:
        """The latest ones, oldest first; also those without a place yet."""
        query = select(audit_events).where(audit_events.c.subject == subject).order_by(audit_events.c.n.desc())
        return [_event(row) for row in self._connection.execute(query.limit(limit))][::-1]

    def audit_size(self) -> int:
        """How many have a place."""
        last = self._connection.scalar(select(func.max(audit_events.c.seq)))
        return 0 if last is None else last + 1

    def leaves(self, start: int, stop: int) -> Sequence[bytes]:
        """As stored."""
        here = (audit_events.c.seq >= start) & (audit_events.c.seq < stop)
        query = select(audit_events.c.leaf).where(here).order_by(audit_events.c.seq)
        return [bytes(leaf) for leaf in self._connection.scalars(query)]

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """One for each size."""
        upsert(self._connection, checkpoints, asdict(checkpoint))

    def checkpoints(self) -> Sequence[Checkpoint]:
        """By size."""
        query = select(checkpoints).order_by(checkpoints.c.size)
        return [Checkpoint(**row._mapping) for row in self._connection.execute(query)]


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(row.id, row.at, row.actor, row.action, row.subject, row.details, row.seq)
