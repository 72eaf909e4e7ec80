"""Figures in words people read without a statistics book."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.words import odds, of_hundred


@pytest.mark.parametrize(
    ("score", "words"), [(0.0, "hardly any"), (0.004, "hardly any"), (0.8, "about 80"), (0.996, "nearly all")]
)
def test_a_probability_is_told_as_so_many_of_a_hundred_and_never_as_certain(score: float, words: str) -> None:
    assert of_hundred(score) == words


@given(st.floats(0.05, 9.9))
def test_a_weight_and_its_opposite_change_the_odds_by_the_same_factor(weight: float) -> None:
    towards, away = odds(weight), odds(-weight)
    assert away == towards.replace("×", "÷")
    assert float(towards.removeprefix("odds × ").replace(",", "")) == pytest.approx(math.exp(weight), abs=0.06)


def test_a_weight_without_bounds_still_fits_on_the_page() -> None:
    assert len(odds(1e300)) < 20
