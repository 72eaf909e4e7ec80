"""Scores against earlier scores, words against known words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.drift import LEAST, Unknown, corpus_words, stability_index, words_of

RANDOM = np.random.default_rng(3)


def test_scores_of_one_kind_are_steady_and_moved_ones_are_not() -> None:
    before, same = RANDOM.beta(1, 20, 2_000).tolist(), RANDOM.beta(1, 20, 2_000).tolist()
    moved = RANDOM.beta(2, 8, 2_000).tolist()
    steady, changed = stability_index(before, same), stability_index(before, moved)
    assert steady is not None
    assert changed is not None
    assert steady < 0.1 < 0.25 < changed


def test_the_index_is_that_of_the_shares() -> None:
    """Two bins, half and half before, nine to one now: (0.9 - 0.5) ln(0.9 / 0.5) + (0.1 - 0.5) ln(0.1 / 0.5)."""
    found = stability_index([0.1, 0.9] * 100, [0.1] * 180 + [0.9] * 20)
    assert found == pytest.approx(0.4 * np.log(1.8) - 0.4 * np.log(0.2))


@pytest.mark.parametrize(("before", "now"), [(LEAST - 1, LEAST), (LEAST, LEAST - 1)])
def test_too_few_scores_say_nothing(before: int, now: int) -> None:
    assert stability_index([0.5] * before, [0.5] * now) is None
    assert stability_index([0.5] * LEAST, [0.5] * LEAST) == 0, "the positive control"


@given(st.lists(st.floats(0, 1), min_size=LEAST, max_size=300), st.lists(st.floats(0, 1), min_size=LEAST, max_size=300))
def test_the_index_is_never_negative(before: list[float], now: list[float]) -> None:
    found = stability_index(before, now)
    assert found is not None
    assert found >= -1e-12
    assert stability_index(now, now) == pytest.approx(0)


def test_words_are_told_apart_in_every_script() -> None:
    assert words_of("Has ANYONE tried Quorvex 2? Ищу обход, 求越狱") == [
        "has", "anyone", "tried", "quorvex", "ищу", "обход", "求", "越", "狱",
    ]  # fmt: skip


def unknown_share(texts: list[str], known: frozenset[str]) -> float | None:
    counted = Unknown()
    for text in texts:
        counted.count(text, known)
    return counted.share


def test_the_share_of_unknown_words_counts_every_word() -> None:
    known = frozenset({"anyone", "tried"})
    assert unknown_share(["anyone tried quorvex", "tried"], known) == 0.25
    assert unknown_share(["", "123 !?"], known) is None


def test_the_corpus_knows_plain_talk_and_no_new_word() -> None:
    plain = unknown_share(["has anyone found a way to make it answer"], corpus_words())
    assert plain == 0
    assert unknown_share(["quorvex zelmorin"], corpus_words()) == 1
