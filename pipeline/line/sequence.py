"""Sequence: audit events get their places within a second, and every now and then the tree is signed.

Checkpoints are also kept in a file outside the database: whoever cuts off or rewrites the end of the log would have to
rewrite that file too, and copies of it on other machines.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.domain.audit import AuditEvent, Checkpoint, Report, sign, verify
from pipeline.domain.merkle import Growing
from pipeline.errors import Corrupt, Unavailable
from pipeline.observe import log
from pipeline.ports import Audit, Clock, Record

ORIGIN = "nightlight/audit"
FILE = "checkpoints.jsonl"
BATCH = 1_000
EVERY_EVENTS = 1_000
EVERY = timedelta(minutes=5)
_TAIL = 4_096
"""Bytes at the end of the file that surely hold its last line."""


def sequence(record: Record, clock: Clock, key: Ed25519PrivateKey, home: Path) -> int:
    """Give waiting events their places, and sign the tree when it has news and its time has come; returns how many.

    A tree that doesn't continue the last kept checkpoint is never signed; `nightlight audit verify` says what is wrong.
    Raises: Unavailable: the record or the checkpoint file can't be written.
    """
    placed = 0
    while True:
        with record.write() as tx:
            count = tx.sequence(BATCH)
        placed += count
        if count < BATCH:
            break
    with _alone(home / FILE):
        _sign_when_due(record, clock.now(), key, home / FILE)
    return placed


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two workers at once would cut off each other's lines at the end of the file."""
    try:
        path.touch(mode=0o600)
        file = path.open("rb")
    except OSError as error:
        raise _unwritable(path) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unwritable(path: Path) -> Unavailable:
    return Unavailable(f"{path} can't be written; check its disk and permissions, the log isn't signed")


def verify_log(record: Record, public_key: Ed25519PublicKey, home: Path) -> Report:
    """Verify the whole log of the record against the checkpoints in the record and in the file outside it."""
    try:
        outside = kept_checkpoints(home / FILE)
    except Corrupt as error:
        return Report(False, 0, 0, 0, str(error))
    with record.read() as tx:
        inside = tx.checkpoints()
        size = tx.audit_size()
        if set(inside) - set(outside):
            return Report(False, size, len(inside), 0, f"{FILE} lacks checkpoints that the record has")
        return verify(_events(tx), _leaves(tx, size), [*inside, *outside], public_key)


def kept_checkpoints(path: Path) -> list[Checkpoint]:
    """The checkpoints kept outside the record; none when there is no file. Raises: Corrupt for a line that is none."""
    return [_checkpoint(line, path) for line in _whole_lines(path)]


def _whole_lines(path: Path, tail: int = 0) -> list[bytes]:
    """Lines that were written to their end; only those in the last `tail` bytes, if given."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        cut = max(0, file.seek(0, os.SEEK_END) - tail) if tail else 0
        file.seek(cut)
        lines = file.read().split(b"\n")[:-1]
    return lines[1:] if cut else lines


def _checkpoint(line: bytes, path: Path) -> Checkpoint:
    try:
        fields = json.loads(line)
        return Checkpoint(**fields | {"at": datetime.fromisoformat(fields["at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Corrupt(f"{path.name} has a line that is no checkpoint; restore the file from a copy") from error


def _sign_when_due(record: Record, now: datetime, key: Ed25519PrivateKey, path: Path) -> None:
    try:
        last = next((_checkpoint(line, path) for line in reversed(_whole_lines(path, _TAIL))), None)
    except Corrupt:
        log("audit.inconsistent", logging.ERROR)
        return
    with record.read() as tx:
        size = tx.audit_size()
        if not _is_due(last, size, now):
            return
        tree, continues = _tree(tx, size, last)
    if not continues:
        log("audit.inconsistent", logging.ERROR, size=size, checkpoint=last.size if last else 0)
        return
    checkpoint = sign(ORIGIN, size, tree.root(), now, key)
    _keep(checkpoint, path)
    with record.write() as tx:
        tx.save_checkpoint(checkpoint)
    log("audit.signed", size=size)


def _is_due(last: Checkpoint | None, size: int, now: datetime) -> bool:
    if last is None:
        return size > 0
    return size != last.size and (size - last.size >= EVERY_EVENTS or size < last.size or now - last.at >= EVERY)


def _tree(tx: Audit, size: int, last: Checkpoint | None) -> tuple[Growing, bool]:
    """The tree over all leaves, and whether the last checkpoint is a beginning of it."""
    tree, continues = Growing(), last is None
    for leaf in _leaves(tx, size):
        tree.append(leaf)
        if last and tree.size == last.size:
            continues = tree.root().hex() == last.root
    return tree, continues


def _leaves(tx: Audit, size: int) -> Iterator[bytes]:
    for start in range(0, size, BATCH):
        yield from tx.leaves(start, start + BATCH)


def _events(tx: Audit) -> Iterator[AuditEvent]:
    last = -1
    while batch := tx.audit_events(last, BATCH):
        yield from batch
        last = batch[-1].seq if batch[-1].seq is not None else last


def _keep(checkpoint: Checkpoint, path: Path) -> None:
    """Append, in place of a line cut short by a crash, and make sure it is on disk before the record has it."""
    line = json.dumps(asdict(checkpoint) | {"at": checkpoint.at.isoformat()}) + "\n"
    try:
        with path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritable(path) from error
