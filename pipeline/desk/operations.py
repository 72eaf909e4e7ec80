"""Operations: what waits, what was set aside, and trying it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.work import WorkItem, WorkKind
from pipeline.errors import NotFound
from pipeline.ports import Record

SHOWN = 200


def list_work(record: Record, actor: Actor) -> tuple[Mapping[WorkKind, int], Sequence[WorkItem]]:
    """Pending counts by kind, and the items set aside. Raises: Refused."""
    require(actor, Permission.RUN_OPERATIONS)
    with record.read() as tx:
        return tx.pending(), tx.set_aside(SHOWN)


def requeue(record: Record, actor: Actor, kind: WorkKind, key: str, now: datetime) -> None:
    """Try an item that was set aside again. Raises: Refused, NotFound."""
    require(actor, Permission.RUN_OPERATIONS)
    with record.write() as tx:
        if not tx.requeue(kind, key, now):
            raise NotFound(f"No {kind} item {key!r} was set aside; see: nightlight work list")
        keep_event(tx, actor, "work.requeue", key, now, kind=str(kind))
