"""Review: one alert in one pair of hands, decided with a reason, handed over in the same commit."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.alert import REASONS, Alert, Note, Status
from pipeline.domain.delivery import EventType, owed
from pipeline.domain.work import WorkKind
from pipeline.errors import BadInput, Conflict, NotFound
from pipeline.formats import native
from pipeline.ports import Record, Transaction

LEASE = timedelta(minutes=15)
MAX_NOTE = 4_000
_SCAN = 500
"""How many open alerts are looked through for one that this person may take."""

GIVE_BACK: Mapping[str, str] = {
    "language": "Not my language",
    "involved": "I know a person involved",
    "rather-not": "I would rather not read this",
    "other": "Other",
}
"""Reason codes for giving an alert back, and the words people see."""


def next_alert(record: Record, actor: Actor, now: datetime) -> Alert | None:
    """The alert this person should look at, claimed for them: the one in their hands, else the first free one.

    A second look is for other eyes: who asked for it isn't served it. Raises: Refused.
    """
    require(actor, Permission.REVIEW)
    with record.write() as tx:
        mine = tx.claimed_by(actor.name, now)
        if mine:
            return mine
        free = _first_free(tx, actor, now)
        return _hold(tx, free, actor, now, "alert.claim") if free else None


def claim_if_free(tx: Transaction, alert: Alert, actor: Actor, now: datetime) -> Alert:
    """Claim an opened alert when it is open and nobody's, and the reader may review and holds no other."""
    may = Permission.REVIEW in actor.permissions and alert.status.is_open
    if not may or holder(alert, now) or tx.claimed_by(actor.name, now):
        return alert
    return _hold(tx, alert, actor, now, "alert.claim")


def holder(alert: Alert, now: datetime) -> str:
    """Who holds the lease in force, or ""."""
    in_force = alert.claimed_until is not None and alert.claimed_until > now
    return alert.claimed_by if in_force else ""


def extend(record: Record, actor: Actor, alert_id: str, now: datetime) -> Alert:
    """Keep the alert for 15 minutes from now. Raises: Refused, NotFound, Conflict (another has it, or decided)."""
    require(actor, Permission.REVIEW)
    with record.write() as tx:
        alert = _open_for(tx, alert_id, actor, now)
        return _hold(tx, alert, actor, now, "alert.extend")


def give_back(record: Record, actor: Actor, alert_id: str, reason: str, now: datetime) -> Alert:
    """Put a held alert back for others. reason: a code of GIVE_BACK. Raises: Refused, BadInput, NotFound, Conflict."""
    require(actor, Permission.REVIEW)
    if reason not in GIVE_BACK:
        raise BadInput(f"Say why you give it back: one of {', '.join(GIVE_BACK)}")
    with record.write() as tx:
        alert = _open_for(tx, alert_id, actor, now)
        status = Status.NEW if alert.status is Status.IN_REVIEW else alert.status
        after = _save(tx, replace(alert, status=status, claimed_by="", claimed_until=None), now)
        keep_event(tx, actor, "alert.give-back", alert.id, now, reason=reason)
    return after


def decide(
    record: Record,
    actor: Actor,
    alert_id: str,
    revision: int,
    status: Status,
    reason: str,
    note: str,
    now: datetime,
    console_url: str,
) -> Alert:
    """Decide an open alert; the index work and every delivery owed for it are in the same commit.

    revision: the one the decision was made on. reason: a code of REASONS[status].
    Raises: Refused; BadInput; NotFound; Conflict: it changed, was decided, or is in somebody else's hands.
    """
    require(actor, Permission.REVIEW)
    if reason not in REASONS.get(status, {}):
        raise BadInput("A decision needs one of its own reasons; choose the decision, then the reason")
    words = _checked_note(note)
    with record.write() as tx:
        alert = _open_for(tx, alert_id, actor, now)
        if alert.revision != revision:
            raise Conflict("The alert changed after you opened it; read what is new, then decide again")
        decided = replace(alert, status=status, reason=reason, decided_by=actor.name, decided_at=now)
        after = _save(tx, replace(decided, claimed_by="", claimed_until=None), now)
        if words:
            tx.add_note(Note(str(uuid.uuid4()), alert.id, actor.name, now, words))
        keep_event(
            tx,
            actor,
            "alert.decide",
            alert.id,
            now,
            status=str(status),
            reason=reason,
            revision=after.revision,
            note_length=len(words),
        )
        _hand_over(tx, after, now, console_url)
    return after


def reopen(record: Record, actor: Actor, alert_id: str, why: str, now: datetime, console_url: str) -> Alert:
    """Take a decision back; whoever was told of it is told of this. Raises: Refused, BadInput, NotFound, Conflict."""
    require(actor, Permission.REOPEN)
    words = _checked_note(why)
    if not words:
        raise BadInput("Say why the decision is taken back, in a sentence")
    with record.write() as tx:
        alert = _known(tx, alert_id)
        if alert.status.is_open:
            raise Conflict(f"A-{alert.number} is open already")
        after = _save(tx, replace(alert, status=Status.NEW, reason="", decided_by="", decided_at=None), now)
        tx.add_note(Note(str(uuid.uuid4()), alert.id, actor.name, now, words))
        keep_event(tx, actor, "alert.reopen", alert.id, now, before=str(alert.status), revision=after.revision)
        _hand_over(tx, after, now, console_url)
    return after


def add_note(record: Record, actor: Actor, alert_id: str, text: str, now: datetime) -> Note:
    """Write something about an alert for others to read. Raises: Refused, BadInput, NotFound."""
    require(actor, Permission.REVIEW)
    words = _checked_note(text)
    if not words:
        raise BadInput("A note needs words; write something, then save it")
    with record.write() as tx:
        note = Note(str(uuid.uuid4()), _known(tx, alert_id).id, actor.name, now, words)
        tx.add_note(note)
        keep_event(tx, actor, "alert.note", alert_id, now, note=note.id, length=len(words))
    return note


def _checked_note(text: str) -> str:
    words = text.replace("\x00", "\ufffd").strip()
    if len(words) > MAX_NOTE:
        raise BadInput(f"A note has at most {MAX_NOTE} characters; shorten it")
    return words


def _known(tx: Transaction, alert_id: str) -> Alert:
    alert = tx.alert(alert_id)
    if alert is None:
        raise NotFound("There is no such alert; go back to the queue")
    return alert


def _open_for(tx: Transaction, alert_id: str, actor: Actor, now: datetime) -> Alert:
    """The alert, if it waits for a decision and isn't in somebody else's hands."""
    alert = _known(tx, alert_id)
    if not alert.status.is_open:
        raise Conflict(f"A-{alert.number} was decided by {alert.decided_by} meanwhile; a supervisor can reopen it")
    other = holder(alert, now)
    if other not in ("", actor.name):
        raise Conflict(f"A-{alert.number} is in the hands of {other} until {alert.claimed_until:%H:%M} UTC")
    return alert


def _first_free(tx: Transaction, actor: Actor, now: datetime) -> Alert | None:
    first = tx.next_unclaimed(now)
    if first is None or not _own_second_look(first, actor):
        return first
    opened = tx.alerts([s for s in Status if s.is_open], _SCAN)
    return next((a for a in opened if not holder(a, now) and not _own_second_look(a, actor)), None)


def _own_second_look(alert: Alert, actor: Actor) -> bool:
    return alert.status is Status.SECOND_LOOK and alert.decided_by == actor.name


def _hold(tx: Transaction, alert: Alert, actor: Actor, now: datetime, action: str) -> Alert:
    status = Status.IN_REVIEW if alert.status is Status.NEW else alert.status
    after = _save(tx, replace(alert, status=status, claimed_by=actor.name, claimed_until=now + LEASE), now)
    keep_event(tx, actor, action, alert.id, now)
    return after


def _save(tx: Transaction, alert: Alert, now: datetime) -> Alert:
    """Store the next revision and have the index follow."""
    after = replace(alert, revision=alert.revision + 1, updated_at=now)
    tx.save_alert(after)
    tx.add_work(WorkKind.INDEX_ALERT, [after.id], now)
    return after


def _hand_over(tx: Transaction, alert: Alert, now: datetime, console_url: str) -> None:
    """Owe the change to every enabled endpoint, when it may leave the house or an earlier decision left already."""
    told = any(d.event is EventType.ALERT_STATUS_CHANGED for d in tx.deliveries(alert_id=alert.id))
    if not alert.status.leaves and not told:
        return
    payload = native.event(EventType.ALERT_STATUS_CHANGED, alert, now, reviewed=True, console_url=console_url)
    for endpoint in tx.endpoints():
        if not endpoint.disabled:
            delivery = owed(endpoint, EventType.ALERT_STATUS_CHANGED, alert.id, alert.revision, payload, now)
            tx.save_delivery(delivery)
            tx.add_work(WorkKind.DELIVER, [delivery.id], now)
