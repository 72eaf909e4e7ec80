"""Folding, one character after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize.folding import as_cyrillic, as_latin, english, fold, places


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Straße", "strasse"),
        ("Łódź, Øre, Ħal", "lodz, ore, hal"),  # struck through, named after the letter
        ("ıİ", "ii"),
        ("ɾǝʌɹns ʀᴇᴀᴅ", "revrns read"),  # turned letters and small capitals
        ("🅹🄰ⓘｌ 𝓫𝖗𝕖𝚊𝗄", "jail break"),
        ("١٢٣ ४५", "123 45"),
        ("قـــيود", "قيود"),  # tatweel
        ("j\u00ada\u200di\u2060l", "jail"),
        ("越獄", "越狱"),
    ],
)
def test_ways_to_write_a_character_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_look_alikes_are_read_as_latin_letters_and_back() -> None:
    assert as_latin(fold("ϲⲣꮯѕꓗ")) == "cpcsk"
    assert as_latin("jя") == "jr"
    assert as_latin("я") == "я", "letters of playful writing count only beside Latin ones"
    assert as_cyrillic("oбxoд") == "обход"


def test_ordinary_english_words_are_known_with_their_inflections() -> None:
    assert {"filter", "filtered", "filters", "colour", "color", "doesn"} - english() == {"doesn"}
    assert all(word.isascii() and word.isalpha() and word == word.lower() for word in english())


@given(st.text(st.characters()))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters()))
def test_each_folded_character_has_a_place(text: str) -> None:
    found = places(text)
    assert len(found) == len(fold(text))
    assert found == sorted(found)
    assert all(fold(char) in fold(text[place]) for char, place in zip(fold(text), found, strict=True))
