"""How far a disguised word is from a known one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize.distance import budget, cost, may_cost

WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
NO_LIMIT = 99.0


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ("unc3nsored", "uncinsored"),  # a digit that looks like the letter, another vowel
        ("uncnsored", "uncenored"),  # a vowel lost, a consonant lost
        ("unccensored", "unckensored"),  # a letter doubled, a letter too many
        ("unsensored", "unbensored"),  # a letter of like sound, any letter
        ("uncenso*ed", "uncenso7ed"),  # a mark, a digit that looks like another letter
        ("uncensroed", "unecnosred"),  # letters swapped once, twice
    ],
)
def test_what_readers_hardly_notice_costs_less(nearer: str, farther: str) -> None:
    assert 0 < cost(nearer, "uncensored", NO_LIMIT) < cost(farther, "uncensored", NO_LIMIT)


def test_longer_words_may_have_more_wrong() -> None:
    assert cost("jailbxeakz", "jailbreak", NO_LIMIT) <= budget("jailbreak")
    assert cost("filxez", "filter", NO_LIMIT) > budget("filter")
    assert cost("filtez", "filter", NO_LIMIT) <= budget("filter")


@given(WORD)
def test_a_word_costs_nothing_as_itself(word: str) -> None:
    assert cost(word, word, NO_LIMIT) == 0


@given(WORD, WORD)
def test_the_quick_bound_is_never_above_the_cost(one: str, two: str) -> None:
    assert may_cost(one, two) <= cost(one, two, NO_LIMIT) + 1e-9


@given(WORD, WORD, st.floats(0, 3))
def test_the_limit_only_ends_the_work_early(one: str, two: str, limit: float) -> None:
    whole = cost(one, two, NO_LIMIT)
    assert (cost(one, two, limit) <= limit) == (whole <= limit)
