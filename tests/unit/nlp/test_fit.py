"""Fitting, calibrating, and the scorer that must agree with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlp import features
from nlp.assessment import Text
from nlp.corpus.dataset import load
from nlp.fit import MAX_FPR, NAMED_SHARE, RATES, Training, _telling, fit, folds, platt, threshold
from nlp.model import NAMED, VEILED, Model

EXAMPLES = load()[::6]
LABELS = np.array([example.label for example in EXAMPLES], dtype=np.int8)
SELLS = np.array([int("trading" in example.intents) for example in EXAMPLES], dtype=np.int8)


@pytest.fixture(scope="module")
def data() -> Training:
    read = features.prepare([Text(example.text, example.title) for example in EXAMPLES])
    rows = features.matrix(read)
    rows.sum_duplicates()
    return Training(rows, features.widths(), read.named, [example.author for example in EXAMPLES])


def test_our_scorer_agrees_with_scikit_learn(data: Training) -> None:
    model, _ = fit(data, LABELS, {"trading": SELLS}, seed=7)
    rows = data.rows[:, model.columns]
    scaled = rows @ sparse.diags_array(_telling(rows, SELLS))
    linear = LogisticRegression(C=1.0, solver="liblinear", max_iter=1000, random_state=7).fit(scaled, SELLS)
    theirs = 1 / (1 + np.exp(-(model.slope[2] * linear.decision_function(scaled) + model.shift[2])))
    ours = model.probabilities(data.rows, data.named)[:, 1]
    assert len(ours) >= 900
    assert np.ptp(theirs) > 0.5, "scores must differ, or agreement says nothing"
    assert np.abs(ours - theirs).max() < 1e-3


def test_texts_that_name_a_bypass_are_judged_by_their_own_head(data: Training) -> None:
    model, _ = fit(data, LABELS, {}, seed=7)
    assert model.heads == (NAMED, VEILED)
    one, other = (
        model.probabilities(data.rows, np.full(len(LABELS), named, dtype=np.bool_))[:, 0] for named in (True, False)
    )
    both = model.probabilities(data.rows, data.named)[:, 0]
    assert np.array_equal(both, np.where(data.named, one, other))
    assert one.mean() > 2 * other.mean()


def test_columns_that_few_rows_use_are_left_out(data: Training) -> None:
    model, _ = fit(data, LABELS, {}, seed=7)
    assert 0 < len(model.columns) < np.count_nonzero(np.bincount(data.rows.indices))
    assert model.weights.shape == (2, len(model.columns))


def test_rows_without_an_answer_teach_nothing(data: Training) -> None:
    partly = SELLS.copy()
    partly[10:60] = -1
    known = np.flatnonzero(partly >= 0)
    model, _ = fit(data, LABELS, {"trading": partly}, seed=7)
    alone, _ = fit(
        Training(data.rows[known], data.widths, data.named[known], [data.groups[place] for place in known]),
        LABELS[known],
        {"trading": partly[known]},
        seed=7,
    )
    shared, ours, theirs = np.intersect1d(model.columns, alone.columns, return_indices=True)
    assert len(shared) > 1000
    assert np.abs(model.weights[2][ours] - alone.weights[2][theirs]).mean() < 2e-3


def test_a_writer_is_left_out_whole(data: Training) -> None:
    parts = folds(data.groups)
    assert all(len({parts[i] for i, name in enumerate(data.groups) if name == writer}) == 1 for writer in data.groups)
    sizes = np.bincount(parts)
    assert len(sizes) == 5
    assert sizes.max() < 1.5 * sizes.min()


def test_left_out_texts_are_judged_by_a_model_that_has_not_learned_them() -> None:
    """One writer has a word of his own: it is known where he was learned and means nothing where he was left out."""
    random = np.random.default_rng(3)
    dense = random.uniform(size=(400, 4)).round(2)
    labels = (dense[:, 0] + random.normal(size=400) > 0.5).astype(np.int8)
    own = np.arange(400) < 60
    dense[:, 3] = own * labels * 5
    data = Training(
        sparse.csr_matrix(dense), (1, 1, 2), np.ones(400, dtype=np.bool_), [f"w{n // 60}" for n in range(400)]
    )
    data.named[::2] = False
    model, left_out = fit(data, labels, {}, seed=7)
    learned = model.probabilities(data.rows, data.named)[:, 0]
    right = np.where(labels == 1, 1, -1)
    assert (right * (learned - left_out))[own].mean() > 0.05


@pytest.mark.parametrize("rate", [0.02, 0.15, 0.5])
def test_calibrated_probabilities_assume_the_stated_rate(rate: float) -> None:
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], 2000).astype(np.int8)
    logits = random.normal(labels * 2.0, 1.0)
    slope, shift = platt(logits, labels, rate)
    chosen = np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[: int(2000 * rate / (1 - rate))]])
    mean = (1 / (1 + np.exp(-(slope * logits[chosen] + shift)))).mean()
    assert mean == pytest.approx(rate, abs=0.01)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_at_most_the_stated_share_of_the_assumed_negatives_passes(rows: list[tuple[float, bool, bool]]) -> None:
    known = [(0.5, False, True), (0.5, False, False), *rows]
    scores, labels, named = (np.array(column) for column in zip(*known, strict=True))
    flagged = scores >= threshold(scores, labels.astype(np.int8), named.astype(np.bool_))
    negatives = labels == 0
    rates = [flagged[negatives & (named == regime)].mean() for regime in (True, False)]
    masses = [NAMED_SHARE * (1 - RATES[NAMED]), (1 - NAMED_SHARE) * (1 - RATES[VEILED])]
    assert np.average(rates, weights=masses) <= MAX_FPR


def test_a_model_is_plain_arrays() -> None:
    model = Model(
        (NAMED, VEILED),
        np.array([1], np.int32),
        np.array([[2.0], [4.0]], np.float32),
        np.zeros(2),
        np.ones(2),
        np.array([-1.0, -2.0]),
        width=3,
    )
    rows = sparse.csr_matrix([[0.0, 0.5, 9.0], [0.0, 0.0, 0.0], [0.0, 0.5, 9.0]])
    found = model.probabilities(rows, np.array([True, True, False]))
    assert found[:, 0] == pytest.approx([0.5, 1 / (1 + np.e), 0.5])
