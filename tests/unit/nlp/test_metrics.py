"""Figures and their intervals, against values worked out by hand or by others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from nlp.metrics import average_precisions, calibration_error, draws, measure, roc_areas, share


def labelled(*pairs: tuple[int, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in pairs], dtype=np.int8), np.array([score for _, score in pairs])


def test_shares_at_the_threshold() -> None:
    labels, scores = labelled((1, 0.9), (1, 0.2), (0, 0.8), (0, 0.1), (0, 0.3), (1, 0.7))
    found = measure(labels, scores, 0.5, seed=1)
    assert (found["n"], found["positives"]) == (6, 3)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["fpr"] == pytest.approx(1 / 3)
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["recall_at_1_percent_fpr"] == pytest.approx(1 / 3)


def test_wilson_interval_of_a_known_share() -> None:
    # Newcombe 1998, table I: 81 of 263.
    found = share(81, 263)
    assert found is not None
    assert found[1] == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert share(0, 0) is None


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_lies_in_its_interval(part: int, more: int) -> None:
    found = share(part, part + more)
    assert found is not None
    value, (low, high) = found
    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1


def test_calibration_error_of_sure_and_wrong_is_one_and_of_right_is_none() -> None:
    assert calibration_error(*labelled((0, 1.0), (1, 0.0))) == pytest.approx(1.0)
    assert calibration_error(*labelled((1, 1.0), (0, 0.0))) == pytest.approx(0.0)
    assert calibration_error(*labelled((1, 0.55), (0, 0.55))) == pytest.approx(0.05)
    assert calibration_error(*labelled((1, 0.2), (0, 0.2)), np.array([1.0, 4.0])) == pytest.approx(0.0)


@pytest.mark.parametrize("label", [0, 1])
def test_one_sided_sets_leave_undefined_figures_open(label: int) -> None:
    found = measure(*labelled((label, 0.9), (label, 0.1)), 0.5, seed=1)
    assert found["pr_auc"] is None
    assert found["roc_auc"] is None
    assert found["recall_at_1_percent_fpr"] is None
    assert found["recall_at_10_percent_fpr"] is None
    assert (found["recall"] is None) == (label == 0)
    assert (found["fpr"] is None) == (label == 1)


def test_an_empty_set_has_no_figures() -> None:
    found = measure(np.array([], dtype=np.int8), np.array([]), 0.5, seed=1)
    assert found["n"] == 0
    assert {name for name, value in found.items() if value is not None} == {"n", "positives", "threshold"}


def test_areas_come_with_intervals_that_hold_them_and_repeat_with_the_seed() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 2, 200).astype(np.int8)
    scores = np.clip(labels * 0.2 + random.random(200) * 0.8, 0, 1)
    one, two = measure(labels, scores, 0.5, seed=1), measure(labels, scores, 0.5, seed=1)
    assert one == two
    low, high = one["pr_auc_95"]
    assert 0.5 < low < one["pr_auc"] < high < 1


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=2, max_size=30), st.integers(0, 5))
def test_areas_of_all_draws_at_once_equal_those_of_the_library(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, scores = labelled(*((label, score / 6) for label, score in pairs))
    drawn = draws(labels, scores, seed)
    random = np.random.default_rng(seed)
    picks = [random.integers(0, len(labels), len(labels)) for _ in range(200)]
    mixed = [pick for pick in picks if 0 < labels[pick].sum() < len(labels)]
    assert len(drawn[0]) == len(mixed)
    for index in range(min(3, len(mixed))):
        pick = mixed[index]
        assert average_precisions(drawn)[index] == pytest.approx(average_precision_score(labels[pick], scores[pick]))
        assert roc_areas(drawn)[index] == pytest.approx(roc_auc_score(labels[pick], scores[pick]))
