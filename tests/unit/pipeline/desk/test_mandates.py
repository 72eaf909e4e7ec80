"""Mandates are judged afresh: edited, ended, revoked ones are shown for what they are."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.mandate import Officer, sign, to_json
from pipeline.desk.mandates import MandateState, list_mandates, record_mandate, revoke_mandate
from pipeline.errors import Conflict, NotFound, Refused
from tests.browser.seeding import NOW, SOURCES, World, document


def states(world: World, people: Any) -> dict[str, MandateState]:
    return {v.row.id: v.state for v in list_mandates(world.record, people.ines, world.officers, world.clock.now())}


def test_live_and_ended_mandates_are_told_apart(world: World, people: Any) -> None:
    assert states(world, people) == {
        "M-2026-014": MandateState.LIVE,
        "M-2026-009": MandateState.LIVE,
        "M-2026-003": MandateState.ENDED,
    }
    world.clock.forward(timedelta(days=7))
    assert states(world, people)["M-2026-009"] is MandateState.ENDED


def test_an_edited_row_is_no_mandate(world: World, people: Any) -> None:
    with world.record.write() as tx:
        row = tx.mandate("M-2026-014")
        assert row is not None
        assert b"tallow-lane" in row.signed.document
        edited = row.signed.document.replace(b"tallow-lane", b"other-place")
        tx.save_mandate(replace(row, signed=replace(row.signed, document=edited)))
    assert states(world, people)["M-2026-014"] is MandateState.NOT_VALID


def test_a_mandate_is_recorded_once_and_revoked_with_a_reason(world: World, people: Any) -> None:
    key = Ed25519PrivateKey.generate()
    officers = {"lindqvist": Officer("T. Lindqvist", key.public_key())}
    filled = document("M-1", "A new one", NOW - timedelta(days=1), NOW + timedelta(days=30), SOURCES[:1])
    envelope = to_json(sign(filled, key, "lindqvist"))
    with pytest.raises(Refused, match="may not"):
        record_mandate(world.record, people.adm, envelope, officers, NOW)
    assert record_mandate(world.record, people.lindqvist, envelope, officers, NOW).id == "M-1"
    record_mandate(world.record, people.lindqvist, envelope, officers, NOW)
    other = to_json(sign(filled | {"title": "Another text"}, key, "lindqvist"))
    with pytest.raises(Conflict, match="id of its own"):
        record_mandate(world.record, people.lindqvist, other, officers, NOW)
    revoke_mandate(world.record, people.lindqvist, "M-1", "no longer necessary", NOW)
    found = {v.row.id: v for v in list_mandates(world.record, people.lindqvist, officers, NOW)}
    assert found["M-1"].state is MandateState.REVOKED
    assert "no longer necessary" in found["M-1"].reason
    with pytest.raises(Conflict, match="already"):
        revoke_mandate(world.record, people.lindqvist, "M-1", "again", NOW)
    with pytest.raises(NotFound):
        revoke_mandate(world.record, people.lindqvist, "M-2", "why not", NOW)


def test_a_mandate_whose_signature_does_not_hold_is_refused(world: World, people: Any) -> None:
    filled = document("M-1", "Forged", NOW - timedelta(days=1), NOW + timedelta(days=30), SOURCES[:1])
    forged = to_json(sign(filled, Ed25519PrivateKey.generate(), "lindqvist"))
    with pytest.raises(Refused):
        record_mandate(world.record, people.lindqvist, forged, world.officers, NOW)
    assert "M-1" not in states(world, people)
