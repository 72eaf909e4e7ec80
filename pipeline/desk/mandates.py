"""Mandates: recorded as signed, revoked with a reason, judged afresh whenever they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crawler.errors import MandateRefused
from crawler.mandate import Mandate, Officer, from_json, load, read
from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from pipeline.ports import MandateRow, Record


class MandateState(StrEnum):
    """What a mandate is worth now."""

    LIVE = "live"
    WAITING = "not yet in force"
    REVIEW_DUE = "review overdue"
    ENDED = "ended"
    REVOKED = "revoked"
    NOT_VALID = "not valid"


@dataclass(frozen=True, slots=True)
class MandateView:
    """A recorded mandate and what it is worth. mandate: None when its signature or form doesn't hold.

    reason: one sentence, "" while it is live.
    """

    row: MandateRow
    mandate: Mandate | None
    state: MandateState
    reason: str


def record_mandate(
    record: Record, actor: Actor, envelope: bytes, officers: Mapping[str, Officer], now: datetime
) -> Mandate:
    """Keep a signed mandate that is in force. Its id stands for this document for ever; the same again is no change.

    Raises: Refused: no permission, or the signature, form or dates don't hold; Conflict: the id is another document's.
    """
    require(actor, Permission.MANAGE_MANDATES)
    try:
        signed = from_json(envelope)
        mandate = load(signed, officers, now)
    except MandateRefused as error:
        raise Refused(str(error)) from error
    with record.write() as tx:
        known = tx.mandate(mandate.id)
        if known and known.signed.document != signed.document:
            raise Conflict(f"Mandate {mandate.id} is recorded with another text; give the new one an id of its own")
        if known is None:
            tx.save_mandate(MandateRow(mandate.id, signed, now))
            keep_event(tx, actor, "mandate.record", mandate.id, now, key=signed.key_id)
    return mandate


def revoke_mandate(record: Record, actor: Actor, mandate_id: str, why: str, now: datetime) -> None:
    """End a mandate at once; running crawls under it stop within seconds.

    Raises: Refused, BadInput, NotFound, Conflict (revoked already).
    """
    require(actor, Permission.MANAGE_MANDATES)
    reason = why.strip()
    if not 1 <= len(reason) <= 1_000:
        raise BadInput("Say why the mandate is revoked, in at most 1000 characters")
    with record.write() as tx:
        row = tx.mandate(mandate_id)
        if row is None:
            raise NotFound(f"No mandate {mandate_id} is recorded; see the page Sources and mandates")
        if row.revoked_at:
            raise Conflict(f"Mandate {mandate_id} was revoked already, on {row.revoked_at:%Y-%m-%d}")
        tx.save_mandate(replace(row, revoked_at=now, revoked_why=reason))
        keep_event(tx, actor, "mandate.revoke", mandate_id, now)


def list_mandates(
    record: Record, actor: Actor, officers: Mapping[str, Officer], now: datetime
) -> Sequence[MandateView]:
    """Every recorded mandate with what it is worth now. Raises: Refused."""
    require(actor, Permission.SEE_SOURCES)
    with record.read() as tx:
        return [judge(row, officers, now) for row in tx.mandates()]


def judge(row: MandateRow, officers: Mapping[str, Officer], now: datetime) -> MandateView:
    """What a recorded mandate is worth now, and what of its text can be trusted."""
    try:
        mandate = read(row.signed, officers)
    except MandateRefused as error:
        return MandateView(row, None, MandateState.NOT_VALID, str(error))
    if row.revoked_at:
        sentence = f"Revoked on {row.revoked_at:%Y-%m-%d}: {row.revoked_why}"
        return MandateView(row, mandate, MandateState.REVOKED, sentence)
    try:
        mandate.check_time(now)
    except MandateRefused as error:
        return MandateView(row, mandate, _out_of_force(mandate, now), str(error))
    return MandateView(row, mandate, MandateState.LIVE, "")


def _out_of_force(mandate: Mandate, now: datetime) -> MandateState:
    if now < mandate.valid_from:
        return MandateState.WAITING
    return MandateState.ENDED if now >= mandate.valid_until else MandateState.REVIEW_DUE
