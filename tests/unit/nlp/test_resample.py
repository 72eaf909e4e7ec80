"""Bootstrap draws, against the library that counts one draw at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from nlp.resample import (
    DRAWS,
    average_precisions,
    draws,
    interval,
    numbered,
    precisions_at,
    resamples,
    roc_areas,
    undrawn,
)

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=2, max_size=30)


def labelled(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in pairs], dtype=np.int8), np.array([score / 6 for _, score in pairs])


@settings(max_examples=40)
@given(PAIRS, st.integers(0, 5))
def test_areas_of_all_draws_at_once_equal_those_of_the_library(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, scores = labelled(pairs)
    (drawn,) = draws(labels, scores, numbered(None, len(labels)), seed)
    random = np.random.default_rng(seed)
    picks = [random.integers(0, len(labels), len(labels)) for _ in range(5)]
    for pick, precision, area in zip(picks, average_precisions(drawn), roc_areas(drawn), strict=False):
        if 0 < labels[pick].sum() < len(labels):
            assert precision == pytest.approx(average_precision_score(labels[pick], scores[pick]))
            assert area == pytest.approx(roc_auc_score(labels[pick], scores[pick]))
        else:
            assert np.isnan(precision)
            assert np.isnan(area)


@given(PAIRS)
def test_precision_at_a_recall_is_that_of_the_library_at_the_highest_score_that_reaches_it(
    pairs: list[tuple[int, int]],
) -> None:
    labels, scores = labelled([(1, 3), *pairs])
    precision, recall, _ = precision_recall_curve(labels, scores)
    wanted = np.linspace(0.01, 1, 25)
    places = [int(np.flatnonzero(recall[:-1] >= at - 1e-9)[-1]) for at in wanted]
    assert precisions_at(undrawn(labels, scores), wanted)[0] == pytest.approx(precision[places])


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=30), st.integers(0, 5))
def test_a_group_is_drawn_whole_and_as_many_groups_as_there_are(groups: list[str], seed: int) -> None:
    numbers = numbered(groups, len(groups))
    (counts,) = resamples(numbers, seed)
    assert counts.shape == (DRAWS, len(groups))
    firsts = [groups.index(group) for group in groups]
    assert (counts == counts[:, firsts]).all()
    assert (counts[:, sorted(set(firsts))].sum(axis=1) == len(set(groups))).all()


def test_many_texts_are_drawn_in_parts_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = numbered(None, 7)
    (whole,) = resamples(numbers, 3)
    monkeypatch.setattr("nlp.resample._AT_ONCE", 200)
    parts = list(resamples(numbers, 3))
    assert len(parts) > 10
    assert (np.concatenate(parts) == whole).all()


def test_an_interval_needs_values_and_enough_groups() -> None:
    values = np.append(np.arange(101.0), np.nan)
    assert interval(values, numbered(None, 5)) == (2.5, 97.5)
    assert interval(values, numbered(["one", "two"] * 5, 10)) is None
    assert interval(np.array([np.nan]), numbered(None, 5)) is None
