"""The audit log: who did what, when, why; a Merkle log (RFC 6962) with signed checkpoints that verifies offline."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.domain.merkle import Growing, leaf_hash


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


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying found. first_bad: the first place that can't be trusted, or None; reason: why, or ""."""

    ok: bool
    size: int
    checkpoints: int
    first_bad: int | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def canonical(event: AuditEvent) -> bytes:
    """The bytes that are hashed: RFC 8785 JSON of everything but the place, which the tree itself fixes.

    Raises: ValueError when the details hold something JSON has no canonical form for.
    """
    said: Any = {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "details": event.details,
    }
    try:
        return rfc8785.dumps(said)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"the details of {event.action} aren't plain JSON: {error}") from error


def event_leaf(event: AuditEvent) -> bytes:
    """The event's leaf hash."""
    return leaf_hash(canonical(event))


def key_id(origin: str, public_key: Ed25519PublicKey) -> str:
    """Eight hex digits that name a key (C2SP signed-note: SHA-256 of name, newline, algorithm 1, key)."""
    return hashlib.sha256(f"{origin}\n\x01".encode() + public_key.public_bytes_raw()).hexdigest()[:8]


def note(checkpoint: Checkpoint) -> bytes:
    """The signed bytes (C2SP tlog-checkpoint): origin, size, base64 root, and our time as an extension line."""
    head = base64.b64encode(bytes.fromhex(checkpoint.root)).decode()
    at = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{head}\n{at}\n".encode()


def sign(origin: str, size: int, root: bytes, at: datetime, key: Ed25519PrivateKey) -> Checkpoint:
    """A checkpoint of this tree head."""
    bare = Checkpoint(origin, size, root.hex(), at, key_id(origin, key.public_key()), "")
    signature = base64.b64encode(key.sign(note(bare))).decode()
    return Checkpoint(origin, size, bare.root, at, bare.key_id, signature)


def is_genuine(checkpoint: Checkpoint, public_key: Ed25519PublicKey) -> bool:
    """Was it signed with this key, and not changed since?"""
    try:
        public_key.verify(base64.b64decode(checkpoint.signature, validate=True), note(checkpoint))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return checkpoint.key_id == key_id(checkpoint.origin, public_key)


def verify(
    events: Iterable[AuditEvent],
    leaves: Iterable[bytes],
    checkpoints: Sequence[Checkpoint],
    public_key: Ed25519PublicKey,
) -> Report:
    """Check every event against its leaf, the tree against every checkpoint, and every signature.

    events and leaves: in the order of their places, from the first on; both may be streams.
    checkpoints: all there are, from every place where they are kept.
    """
    heads = sorted(set(checkpoints), key=lambda c: (c.size, c.at, c.root))
    log = _Log(public_key, heads)
    stored = iter(leaves)
    for place, event in enumerate(events):
        fault = log.take(place, event, next(stored, None))
        if fault:
            return log.report(*fault)
    if next(stored, None) is not None:
        return log.report(log.tree.size, f"place {log.tree.size} has a leaf but no event")
    if log.waiting:
        claimed = log.waiting[-1].size
        return log.report(log.tree.size, f"a checkpoint covers {claimed} events, the log has {log.tree.size}")
    return log.report()


class _Log:
    """A log under verification. trusted: how many places the checkpoints so far vouch for."""

    def __init__(self, public_key: Ed25519PublicKey, heads: Sequence[Checkpoint]) -> None:
        self.tree = Growing()
        self.waiting = list(heads)
        self._public_key = public_key
        self._count = len(heads)
        self._trusted = 0

    def take(self, place: int, event: AuditEvent, leaf: bytes | None) -> tuple[int, str] | None:
        """Check the next event; returns the first bad place and the reason, or None."""
        if event.seq != place:
            return place, f"place {place} is missing or out of order"
        if leaf is None:
            return place, f"the event at place {place} has no leaf"
        if event_leaf(event) != leaf:
            return place, f"the event at place {place} was changed"
        self.tree.append(leaf)
        return self._checkpoints()

    def _checkpoints(self) -> tuple[int, str] | None:
        while self.waiting and self.waiting[0].size <= self.tree.size:
            head = self.waiting.pop(0)
            if not is_genuine(head, self._public_key):
                return self._trusted, f"the checkpoint of {head.size} events has no valid signature"
            if head.size != self.tree.size or self.tree.root().hex() != head.root:
                return self._trusted, f"events before place {head.size} don't give the root of their checkpoint"
            self._trusted = head.size
        return None

    def report(self, first_bad: int | None = None, reason: str = "") -> Report:
        """The verdict."""
        return Report(not reason, self.tree.size, self._count, first_bad, reason)
