"""Onion addresses carry a checksum, so a mistyped one is found here."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.onion import is_onion, is_valid_onion
from tests.fakes.onion import onion_name

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS)
def test_a_right_address_holds_whatever_stands_before_it(key: bytes) -> None:
    assert is_valid_onion(onion_name(key))
    assert is_valid_onion("www." + onion_name(key).upper())


@given(KEYS, st.integers(0, 55), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_character_is_found(key: bytes, place: int, character: str) -> None:
    right = onion_name(key)
    wrong = right[:place] + character + right[place + 1 :]
    assert is_valid_onion(wrong) == (wrong == right)


@given(st.text(max_size=70))
def test_any_other_text_is_no_valid_address(text: str) -> None:
    if len(text) != 56:
        assert not is_valid_onion(text + ".onion")
    assert is_onion(text + ".onion")
    assert is_onion("Onion.")
    assert not is_onion(text + ".onion.example")


def test_a_real_one_holds() -> None:
    """The Tor Project's own site, as published."""
    assert is_valid_onion("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion")
