"""The audit log verifies, and any tampering behind a checkpoint is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.audit import (
    AuditEvent,
    Checkpoint,
    canonical,
    event_leaf,
    is_genuine,
    note,
    sign,
    verify,
)
from pipeline.domain.merkle import root

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THEN = datetime(2026, 11, 25, 12, tzinfo=UTC)
ORIGIN = "nightlight/audit"


def events_of(size: int) -> list[AuditEvent]:
    return [
        AuditEvent(f"id-{n}", THEN + timedelta(seconds=n), "ines", "alert.read", f"a{n % 3}", {"n": n}, n)
        for n in range(size)
    ]


def signed(leaves: list[bytes], *sizes: int) -> list[Checkpoint]:
    return [sign(ORIGIN, size, root(leaves[:size]), THEN, KEY) for size in sizes]


def test_the_hashed_bytes_are_canonical_json_without_the_place() -> None:
    event = AuditEvent("i", THEN, "ines", "alert.read", "a1", {"b": 1, "a": [1.0, None, True, "é"]}, 7)
    assert (
        canonical(event)
        == (
            '{"action":"alert.read","actor":"ines","at":"2026-11-25T12:00:00.000000+00:00",'
            '"details":{"a":[1,null,true,"é"],"b":1},"id":"i","subject":"a1"}'
        ).encode()
    )
    assert canonical(event) == canonical(replace(event, seq=None))
    for bad in ({"x": THEN}, {"x": float("nan")}, {"x": 2**60}, {1: "x"}):
        with pytest.raises(ValueError, match="plain JSON"):
            canonical(replace(event, details=bad))  # type: ignore[arg-type]


def test_a_checkpoint_is_a_note_with_a_signature_over_all_of_it() -> None:
    checkpoint = sign(ORIGIN, 3, b"\x01" * 32, THEN, KEY)
    lines = note(checkpoint).decode().splitlines()
    assert lines[:3] == [ORIGIN, "3", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="]
    assert is_genuine(checkpoint, KEY.public_key())
    assert not is_genuine(checkpoint, Ed25519PrivateKey.generate().public_key())
    changes = [{"size": 4}, {"root": "02" * 32}, {"root": "no hex"}, {"origin": "x"}, {"signature": "AA=="}]
    changes += [{"at": THEN + timedelta(seconds=1)}, {"key_id": "00000000"}, {"signature": "not base64!"}]
    for change in changes:
        assert not is_genuine(replace(checkpoint, **change), KEY.public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 2, 7, 50])
def test_an_untouched_log_verifies(size: int) -> None:
    events = events_of(size)
    leaves = [event_leaf(e) for e in events]
    sizes = {s for s in (size // 2, size) if s}
    report = verify(events, leaves, signed(leaves, *sizes), KEY.public_key())
    assert report.as_dict() == {"ok": True, "size": size, "checkpoints": len(sizes), "first_bad": None, "reason": ""}


def test_the_first_bad_place_is_named() -> None:
    events = events_of(10)
    leaves = [event_leaf(e) for e in events]
    heads = signed(leaves, 4, 10)
    edited = [*events[:6], replace(events[6], actor="omar"), *events[7:]]
    report = verify(edited, leaves, heads, KEY.public_key())
    assert (report.ok, report.first_bad, report.reason) == (False, 6, "the event at place 6 was changed")
    both = [*leaves[:6], event_leaf(edited[6]), *leaves[7:]]
    report = verify(edited, both, heads, KEY.public_key())
    assert (report.ok, report.first_bad) == (False, 4)
    assert "before place 10" in report.reason
    report = verify(events[:7], leaves[:7], heads, KEY.public_key())
    assert (report.ok, report.first_bad) == (False, 7)
    assert report.reason == "a checkpoint covers 10 events, the log has 7"


def test_a_second_history_signed_with_the_same_key_is_found() -> None:
    events = events_of(6)
    leaves = [event_leaf(e) for e in events]
    other = [*leaves[:3], event_leaf(replace(events[3], actor="omar")), *leaves[4:]]
    report = verify(events, leaves, [*signed(leaves, 6), *signed(other, 6)], KEY.public_key())
    assert not report.ok


@st.composite
def tamperings(draw: st.DrawFn) -> tuple[list[AuditEvent], list[bytes], list[Checkpoint]]:
    """A log with one fault that a clever forger left consistent wherever the key isn't needed."""
    size = draw(st.integers(2, 24))
    events = events_of(size)
    leaves = [event_leaf(e) for e in events]
    heads = signed(leaves, *draw(st.sets(st.integers(1, size), max_size=3) | st.just(set())), size)
    kind = draw(st.sampled_from(["edit", "delete", "swap", "insert", "truncate", "resign"]))
    place = draw(st.integers(0, size - 1))
    if kind == "edit":
        change = draw(st.sampled_from([{"actor": "x"}, {"subject": "x"}, {"details": {}}, {"action": "x"}, {"at": THEN - timedelta(days=1)}]))  # noqa: E501  # fmt: skip
        events[place] = replace(events[place], **change)  # type: ignore[arg-type]
    elif kind == "delete":
        del events[place]
    elif kind == "swap":
        other = draw(st.integers(0, size - 1).filter(lambda n: n != place))
        events[place], events[other] = events[other], events[place]
    elif kind == "insert":
        events.insert(place, replace(events[place], id="forged"))
    elif kind == "truncate":
        events = events[:place]
    if kind == "resign":
        events[place] = replace(events[place], actor="x")
        heads = [sign(ORIGIN, h.size, root([event_leaf(e) for e in events][: h.size]), THEN, Ed25519PrivateKey.generate()) for h in heads]  # noqa: E501  # fmt: skip
    if draw(st.booleans()):
        events = [replace(e, seq=n) for n, e in enumerate(events)]
        leaves = [event_leaf(e) for e in events]
    return events, leaves, heads


@settings(max_examples=400)
@given(tamperings())
def test_every_tampering_behind_a_checkpoint_is_found(
    tampered: tuple[list[AuditEvent], list[bytes], list[Checkpoint]],
) -> None:
    report = verify(*tampered, KEY.public_key())
    assert not report.ok
    assert report.reason
    assert report.first_bad is not None
