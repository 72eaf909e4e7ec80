"""Figures and their intervals, against values worked out by hand or by others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.metrics import (
    at_capacity,
    calibration_error,
    compare,
    effective,
    expected,
    lost,
    measure,
    reliability,
    share,
)

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=40)


def scored(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels, a third of them 1, and scores that tell them a little."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < 1 / 3).astype(np.int8)
    return labels, np.clip(labels * 0.2 + random.random(count) * 0.8, 0, 1)


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
    labels, scores = scored(200, seed=3)
    one, two = measure(labels, scores, 0.5, seed=1), measure(labels, scores, 0.5, seed=1)
    assert one == two
    low, high = one["pr_auc_95"]
    assert 0.5 < low < one["pr_auc"] < high < 1


def test_texts_that_only_repeat_each_other_are_worth_no_more_than_one_of_each() -> None:
    labels, scores = scored(200, seed=4)
    alone = measure(labels, scores, 0.5, seed=1)
    threads = [f"{number:03}" for number in range(200)]
    four = measure(np.repeat(labels, 4), np.repeat(scores, 4), 0.5, seed=1, groups=np.repeat(threads, 4).tolist())
    unaware = measure(np.repeat(labels, 4), np.repeat(scores, 4), 0.5, seed=1)
    for figure in ("recall", "fpr", "precision"):
        assert four[figure] == pytest.approx(alone[figure])
        assert four[f"{figure}_95"] == pytest.approx(alone[f"{figure}_95"], abs=0.02)
        assert np.ptp(unaware[f"{figure}_95"]) < 0.7 * np.ptp(four[f"{figure}_95"])
    assert four["pr_auc_95"] == pytest.approx(alone["pr_auc_95"])
    assert np.ptp(unaware["pr_auc_95"]) < 0.7 * np.ptp(four["pr_auc_95"])


def test_texts_each_in_a_group_of_their_own_are_measured_as_texts_without_groups() -> None:
    labels, scores = scored(50, seed=5)
    groups = [f"{number:02}" for number in range(50)]
    assert measure(labels, scores, 0.5, seed=1, groups=groups) == measure(labels, scores, 0.5, seed=1)


@pytest.mark.parametrize(("threads", "enough"), [(1, False), (4, False), (40, True)])
def test_a_few_threads_give_no_interval_of_areas_and_a_wide_one_of_shares(threads: int, enough: bool) -> None:
    labels, scores = scored(200, seed=5)
    found = measure(labels, scores, 0.5, seed=1, groups=[str(place % threads) for place in range(200)])
    assert found["pr_auc"] is not None
    assert (found["pr_auc_95"] is not None) == enough
    assert (np.ptp(found["recall_95"]) < 0.3) == enough


def test_areas_that_no_draw_changes_have_no_interval() -> None:
    found = measure(*labelled(*[(1, 0.9)] * 9, *[(0, 0.1)] * 9), 0.5, seed=1)
    assert found["pr_auc"] == 1
    assert found["pr_auc_95"] is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=40))
def test_groups_are_worth_between_one_text_and_all_of_them(marked: list[tuple[bool, int]]) -> None:
    flags, groups = np.array([mark for mark, _ in marked]), np.array([group for _, group in marked])
    assert 1 <= effective(flags, groups) <= len(marked)


def test_reliability_counts_every_text_once_and_leaves_empty_bins_out() -> None:
    labels, scores = labelled((0, 0.05), (0, 0.02), (1, 0.55), (0, 0.51), (1, 1.0))
    bins = reliability(labels, scores)
    assert [found["n"] for found in bins] == [2, 2, 1]
    assert [found["alerting"] for found in bins] == [0, 0.5, 1]
    assert [found["said"] for found in bins] == pytest.approx([0.035, 0.53, 1])
    assert bins[0]["alerting_95"][1] > 0.5  # two texts prove little


def test_expectations_at_a_base_rate_follow_bayes() -> None:
    labels = np.repeat(np.array([1, 0], dtype=np.int8), (100, 1000))
    scores = np.concatenate([np.repeat((0.9, 0.1), (60, 40)), np.repeat((0.9, 0.1), (10, 990))])
    found = expected(labels, scores, 0.5, base_rate=0.005, seed=1)
    assert found["recall"] == pytest.approx(0.6)
    assert found["flagged"] == pytest.approx(0.005 * 0.6 + 0.995 * 0.01)
    assert found["precision"] == pytest.approx(0.005 * 0.6 / found["flagged"])
    for figure in ("recall", "flagged", "precision"):
        low, high = found[f"{figure}_95"]
        assert 0 < low < found[figure] < high < 1


def test_no_false_alarm_among_few_texts_isnt_taken_for_never() -> None:
    found = expected(*labelled(*[(1, 0.9)] * 20, *[(0, 0.1)] * 30), 0.5, base_rate=0.01, seed=1)
    assert found["precision"] == 1
    assert found["precision_95"][0] < 0.7


def test_a_threshold_nobody_reaches_has_no_precision() -> None:
    found = expected(*labelled((1, 0.9), (0, 0.1)), 0.95, base_rate=0.01, seed=1)
    assert (found["flagged"], found["recall"]) == (0, 0)
    assert found["precision"] is None
    assert found["precision_95"] is None


@pytest.mark.parametrize("label", [0, 1])
def test_one_label_alone_says_nothing_of_capacity(label: int) -> None:
    found = at_capacity(*labelled((label, 0.9), (label, 0.1)), 0.1, base_rate=0.01, seed=1)
    assert set(found.values()) == {None}


def test_the_threshold_for_a_capacity_is_the_lowest_that_keeps_it() -> None:
    labels, scores = labelled((1, 0.9), (0, 0.8), (1, 0.7), (0, 0.6), (0, 0.5), (0, 0.4))
    # 0.9 flags 0.1 * 1/2 = 0.05, 0.8 flags 0.275, 0.7 flags 0.325, 0.6 flags 0.55
    assert at_capacity(labels, scores, 0.33, base_rate=0.1, seed=1)["threshold"] == 0.7
    assert at_capacity(labels, scores, 0.3, base_rate=0.1, seed=1)["threshold"] == 0.8
    nothing = at_capacity(labels, scores, 0.01, base_rate=0.1, seed=1)
    assert nothing["threshold"] > 0.9
    assert nothing["flagged"] == 0


@settings(max_examples=50)
@given(PAIRS, st.floats(0.001, 1), st.floats(0.001, 1), st.floats(0.01, 0.99))
def test_more_reviewers_never_raise_the_threshold_and_never_get_more_than_they_can_see(
    pairs: list[tuple[int, int]], one: float, two: float, base_rate: float
) -> None:
    labels, scores = labelled((1, 0.33), (0, 0.77), *((label, score / 10) for label, score in pairs))
    fewer, more = (at_capacity(labels, scores, flagged, base_rate=base_rate, seed=1) for flagged in sorted((one, two)))
    assert fewer["threshold"] >= more["threshold"]
    assert fewer["recall"] <= more["recall"]
    assert fewer["flagged"] <= min(one, two) + 1e-12


def test_equal_models_differ_by_nothing_and_better_ones_surely_by_something() -> None:
    labels, scores = scored(300, seed=6)
    better = np.clip(scores + 0.4 * labels, 0, 1)
    same = compare(labels, (scores, 0.5), (scores, 0.5), seed=1)
    other = compare(labels, (better, 0.5), (scores, 0.5), seed=1)
    assert {tuple(found["difference_95"]) for found in same.values()} == {(0, 0)}
    for figure in ("pr_auc", "roc_auc", "recall"):
        low, high = other[figure]["difference_95"]
        assert 0 < low < other[figure]["difference"] < high
        assert other[figure]["difference"] == pytest.approx(other[figure]["model"] - other[figure]["against"])


@settings(max_examples=30)
@given(PAIRS, st.integers(0, 3))
def test_swapped_models_swap_the_sign_of_every_difference(pairs: list[tuple[int, int]], seed: int) -> None:
    labels, scores = labelled(*((label, score / 10) for label, score in pairs))
    one, other = (scores, 0.5), (1 - scores, 0.3)
    there, back = (compare(labels, *both, seed=seed) for both in ((one, other), (other, one)))
    for figure, found in there.items():
        if found["difference"] is None:
            assert back[figure]["difference"] is None
        else:
            assert back[figure]["difference"] == pytest.approx(-found["difference"])
        if found["difference_95"] is not None:
            low, high = back[figure]["difference_95"]
            assert found["difference_95"] == pytest.approx([-high, -low])


def test_models_compared_on_one_label_leave_the_rest_open() -> None:
    labels, scores = labelled((1, 0.9), (1, 0.1), (1, 0.8))
    found = compare(labels, (scores, 0.5), (scores, 0.85), seed=1)
    assert found["recall"]["difference"] == pytest.approx(1 / 3)
    assert found["fpr"]["difference"] is None
    assert found["pr_auc"]["difference"] is None


def test_models_compared_on_nothing_leave_all_open() -> None:
    empty = np.array([], dtype=np.int8), (np.array([]), 0.5), (np.array([]), 0.5)
    assert {found["difference"] for found in compare(*empty, seed=1).values()} == {None}


def test_what_is_lost_is_a_share_of_what_was_found_and_may_be_less_than_nothing() -> None:
    before, after = np.repeat((1.0, 0.0), (40, 60)), np.repeat((1.0, 0.0, 1.0), (30, 60, 10))
    share_lost, within = lost(before, np.repeat((1.0, 0.0), (30, 70)), seed=1) or (None, None)
    assert share_lost == pytest.approx(0.25)
    assert within is not None
    assert 0.05 < within[0] < 0.25 < within[1] < 0.5
    assert (lost(before, after, seed=1) or (None,))[0] == pytest.approx(0)
    assert lost(before, before, seed=1) == (0, None)
    assert lost(np.zeros(3), np.ones(3), seed=1) is None
