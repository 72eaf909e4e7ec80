"""Undoing obfuscation, and the way back to the original."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import normalizer
from nlp.normalize import Normalizer

WORDS = {"jailbreak", "uncensored", "bypass", "filter"}
READ = Normalizer(WORDS, WORDS)
SHIPPED = normalizer()
ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    "disguised",
    [
        "j\u0430ilbr\u0435ak",  # Cyrillic a and e
        "jail\u200bbreak",  # zero-width space
        "j41lbr34k",
        "j.a.i.l.b.r.e.a.k",
        "j a i l b r e a k",
        "jail-break",
        "j,a,i,l,b,r,e,a,k",
        "jail break",
        "jailbeak",
        "jailxbreak",
        "jailbrwak",
        "jailbr**k",
        "jailbreeeeak",
        "jailbraek",
        "JAILBREAK",
        "ｊａｉｌｂｒｅａｋ",
        "ja\u0301ilbreak",
    ],
)
def test_a_disguised_word_is_read(disguised: str) -> None:
    assert READ(f"any {disguised} for lumen").text == "any jailbreak for lumen"


def test_a_read_word_maps_back_to_its_disguise() -> None:
    original = "any j.a.i.l.b.r.e.a.k for lumen"
    read = READ(original)
    start = read.text.index("jailbreak")
    first, last = read.map(start, start + len("jailbreak"))
    assert original[first:last] == "j.a.i.l.b.r.e.a.k"


@pytest.mark.parametrize(
    "plain",
    ["i filed the papers", "a b c d", "3 filters, 10 euro", "привет всем", "well-known", "jail the break"],
)
def test_ordinary_text_stays_as_it_is(plain: str) -> None:
    assert READ(plain).text == plain


def test_words_that_could_be_joined_in_two_ways_are_joined_once() -> None:
    read = Normalizer({"uncensor", "censored"}, {"uncensor", "censored"})
    assert read("un censor ed it").text == "uncensor ed it"


@given(
    st.lists(
        st.sampled_from(
            ["j a i l b r e a k", "un", "censored", "by", "pass", "b.y.p.a.s.s", "j4ilbreak", "x", "\u0430"]
        )
    )
)
def test_disguises_side_by_side_keep_their_places(parts: list[str]) -> None:
    text = " ".join(parts)
    read = SHIPPED(text)
    places = read.offsets
    assert len(places) == len(read.text) + 1
    assert all(one <= two for one, two in pairwise(places))


@given(ANY_TEXT)
def test_offsets_never_fall_and_stay_inside_the_original(text: str) -> None:
    read = SHIPPED(text)
    places = read.offsets
    assert len(places) == len(read.text) + 1
    assert all(0 <= one <= two <= len(text) for one, two in pairwise(places))


@given(ANY_TEXT)
def test_what_is_read_holds_no_capitals_marks_or_surrogates(text: str) -> None:
    read = SHIPPED(text).text
    read.encode("utf-8")
    assert "\u200b" not in read
    assert not any("A" <= char <= "Z" for char in read)


@given(st.text("abcdefghijklmnopqrstuvwxyz ", max_size=80))
def test_reading_twice_changes_nothing_more(text: str) -> None:
    once = SHIPPED(text).text
    assert SHIPPED(once).text == once
