"""Audit events of the line itself, and their places in the log."""

import uuid
from datetime import datetime

from pipeline.domain.audit import AuditEvent
from pipeline.ports import Audit


def record_event(tx: Audit, actor: str, action: str, subject: str, now: datetime, **details: object) -> None:
    """Keep one event in the transaction of what it records; details are ids, codes and counts only."""
    tx.audit(AuditEvent(str(uuid.uuid4()), now, actor, action, subject, dict(details)))
