"""A mandate is what an officer signed, in force now; anything else is none."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.errors import MandateRefused
from crawler.mandate import Officer, SignedMandate, draft, from_json, load, sign, to_json
from crawler.mandate_form import MANDATE, SCOPE
from tests.fakes.crawl import KEY, OFFICERS, document

NOW = datetime.now(UTC)
ORIGIN = "http://forum.example"


def signed(**changes: Any) -> SignedMandate:
    return sign(document(ORIGIN, **changes), KEY, "k1")


def test_a_signed_mandate_says_what_was_written() -> None:
    mandate = load(signed(delay_s=2, robots="ignore", login_path="/login"), OFFICERS, NOW)
    assert (mandate.id, mandate.officer, mandate.delay_s, mandate.robots) == ("M-1", "Officer Two", 2.0, "ignore")
    assert mandate.scope("forum").origins == (ORIGIN,)
    assert mandate.scope("forum").login_path == "/login"
    with pytest.raises(MandateRefused, match="doesn't cover source"):
        mandate.scope("other")


def test_the_envelope_carries_it_unchanged() -> None:
    original = signed()
    assert from_json(to_json(original)) == original
    assert from_json(json.dumps(json.loads(to_json(original)), indent=3).encode()) == original


def test_an_edited_document_is_no_mandate() -> None:
    original = signed()
    for edited in (
        original.document.replace(b"forum.example", b"other.example"),
        original.document.replace(b'"pages_per_day":10000', b'"pages_per_day":10001'),
        original.document + b" ",
    ):
        assert edited != original.document
        with pytest.raises(MandateRefused, match="signature doesn't hold"):
            load(replace(original, document=edited), OFFICERS, NOW)


def test_a_key_nobody_listed_signs_nothing() -> None:
    stranger = sign(document(ORIGIN), Ed25519PrivateKey.generate(), "k2")
    with pytest.raises(MandateRefused, match="No officer"):
        load(stranger, OFFICERS, NOW)
    with pytest.raises(MandateRefused, match="signature doesn't hold"):
        load(replace(stranger, key_id="k1"), OFFICERS, NOW)


def test_the_officer_named_is_the_one_whose_key_signed() -> None:
    with pytest.raises(MandateRefused, match="the key belongs to"):
        load(signed(), {"k1": Officer("Officer Three", KEY.public_key())}, NOW)


@pytest.mark.parametrize("applicant", ["Officer Two", " officer two "])
def test_nobody_authorizes_themselves(applicant: str) -> None:
    with pytest.raises(MandateRefused, match="same person"):
        signed(applicant=applicant)


@pytest.mark.parametrize("field", sorted(MANDATE))
def test_a_missing_field_is_named(field: str) -> None:
    whole = document(ORIGIN)
    del whole[field]
    with pytest.raises(MandateRefused, match=f"'{field}' is missing"):
        sign(whole, KEY, "k1")


@pytest.mark.parametrize("field", sorted(SCOPE))
def test_a_missing_field_of_a_source_is_named(field: str) -> None:
    whole = document(ORIGIN)
    del whole["sources"][0][field]
    with pytest.raises(MandateRefused, match=rf"'sources\[1\]\.{field}' is missing"):
        sign(whole, KEY, "k1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_agent", ""),
        ("user_agent", "a\r\nX: y"),
        ("headers", {"Cookie": "a"}),
        ("headers", {"X-A": "b\nc"}),
        ("delay_s", -1),
        ("delay_s", True),
        ("pages_per_day", 0),
        ("robots", "maybe"),
        ("grounds", "  "),
        ("valid_until", "2026-12-01"),
        ("valid_until", "2026-12-01T00:00:00+02:00"),
        ("version", True),
        ("sources", []),
        ("sources", [None]),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(MandateRefused, match=field if value != [None] else "Source 1"):
        signed(**{field: value}) if field != "sources" else sign(document(ORIGIN) | {field: value}, KEY, "k1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origins", []),
        ("origins", ["http://a.example/path"]),
        ("origins", ["http://user@a.example"]),
        ("origins", ["ftp://a.example"]),
        ("origins", ["http://A.example"]),
        ("paths", ["forum"]),
        ("paths", ["/a?b"]),
        ("route", "vpn"),
        ("private_network", 1),
        ("login_path", "login"),
    ],
)
def test_a_wrong_scope_is_named(field: str, value: object) -> None:
    with pytest.raises(MandateRefused, match=field):
        signed(**{field: value})


def test_an_onion_address_is_never_direct() -> None:
    with pytest.raises(MandateRefused, match="route"):
        sign(document("http://abc.onion"), KEY, "k1")
    assert sign(document("http://abc.onion", route="tor"), KEY, "k1").signature


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(MandateRefused, match="'extra' of the mandate is unknown"):
        sign(document(ORIGIN) | {"extra": 1}, KEY, "k1")


def test_a_draft_covers_nothing() -> None:
    with pytest.raises(MandateRefused):
        sign(draft(NOW), KEY, "k1")


def test_dates_bound_it() -> None:
    one = signed()
    mandate = load(one, OFFICERS, NOW)
    second = timedelta(seconds=1)
    with pytest.raises(MandateRefused, match="in force from"):
        load(one, OFFICERS, mandate.valid_from - second)
    with pytest.raises(MandateRefused, match="due for review"):
        load(one, OFFICERS, mandate.review_by)
    late = signed(review_by=(mandate.valid_until + timedelta(days=1)).isoformat())
    with pytest.raises(MandateRefused, match="ended"):
        load(late, OFFICERS, mandate.valid_until)
    assert load(late, OFFICERS, mandate.valid_until - second)


def test_dates_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(MandateRefused, match="wrong order"):
        signed(valid_until=(NOW - timedelta(days=9)).isoformat())


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{}", b"\xff", b'{"mandate": {}, "signature": 1}', b"[" * 100_000])
def test_anything_else_is_no_signed_mandate(envelope: bytes) -> None:
    with pytest.raises(MandateRefused, match="no signed mandate"):
        from_json(envelope)
