"""What every action of a person has in common: a permission, and an event in the same transaction."""

import logging
import uuid
from datetime import datetime

from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.audit import AuditEvent
from pipeline.errors import Refused
from pipeline.observe import log
from pipeline.ports import Audit


def require(actor: Actor, *any_of: Permission) -> None:
    """Go on only if the actor has one of these permissions. Raises: Refused."""
    if not actor.permissions.intersection(any_of):
        log("permission.refused", logging.WARNING, actor=actor.name, wanted=[str(p) for p in any_of])
        wanted = " or ".join(any_of)
        raise Refused(f"Your account may not {wanted}; ask an administrator for a role that may")


def keep_event(tx: Audit, actor: Actor, action: str, subject: str, now: datetime, **details: object) -> None:
    """Audit in the transaction of what is done; details are ids, codes and counts only."""
    tx.audit(AuditEvent(str(uuid.uuid4()), now, actor.name, action, subject, dict(details)))
