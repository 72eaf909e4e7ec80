"""The audit log's types: who did what, when, why; part of a Merkle log (RFC 6962)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event as written in the transaction of what it records.

    id: UUIDv4. action: dotted verb such as "alert.decide". subject: id of what was touched.
    details: ids, codes and counts only, never post text, names of posters or search words.
    seq: its place in the log (0-based), given by the sequencer within a second; None until then.
    """

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object] = field(default_factory=dict, hash=False)
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head. root: hex SHA-256 of the tree over the first `size` leaves; signature: base64 ed25519."""

    origin: str
    size: int
    root: str
    at: datetime
    key_id: str
    signature: str
