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
from nlp.fit import MAX_FPR, RATE, Head, fit, platt, threshold
from nlp.model import MAIN, Model

EXAMPLES = load()[::4]
LABELS = np.array([example.label for example in EXAMPLES], dtype=np.int8)


@pytest.fixture(scope="module")
def rows() -> sparse.csr_matrix:
    return features.matrix([features.prepare(Text(example.text, example.title)) for example in EXAMPLES])


def test_our_scorer_agrees_with_scikit_learn(rows: sparse.csr_matrix) -> None:
    model = fit(rows[::2], rows[1::2], [Head(MAIN, LABELS[::2], LABELS[1::2])], seed=7)
    train, held = rows[::2][:, model.columns], rows[1::2][:, model.columns]
    linear = LogisticRegression(C=1.0, solver="liblinear", max_iter=1000, random_state=7).fit(train, LABELS[::2])
    share = LABELS[1::2].mean()
    weights = np.where(LABELS[1::2] == 1, RATE / share, (1 - RATE) / (1 - share))
    logits = linear.decision_function(held)[:, None]
    scaled = LogisticRegression(C=1e3).fit(logits, LABELS[1::2], sample_weight=weights)
    theirs = scaled.predict_proba(linear.decision_function(rows[:, model.columns])[:, None])[:, 1]
    ours = model.probabilities(rows)[:, 0]
    assert len(ours) >= 900
    assert np.ptp(theirs) > 0.5, "scores must differ, or agreement says nothing"
    assert np.abs(ours - theirs).max() < 1e-6


def test_columns_that_one_row_uses_are_left_out(rows: sparse.csr_matrix) -> None:
    model = fit(rows[::2], rows[1::2], [Head(MAIN, LABELS[::2], LABELS[1::2])], seed=7)
    assert 0 < len(model.columns) < np.count_nonzero(np.bincount(rows.indices))
    assert model.weights.shape == (1, len(model.columns))


def test_rows_without_an_answer_teach_nothing(rows: sparse.csr_matrix) -> None:
    partly = LABELS[::2].copy()
    partly[10:60] = -1
    known = np.flatnonzero(partly >= 0)
    model = fit(rows[::2], rows[1::2], [Head(MAIN, partly, LABELS[1::2])], seed=7)
    alone = LogisticRegression(C=1.0, solver="liblinear", max_iter=1000).fit(
        rows[::2][known][:, model.columns], partly[known]
    )
    assert np.abs(model.weights[0] - alone.coef_[0]).max() < 1e-3


def test_calibrated_probabilities_assume_the_stated_rate() -> None:
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], 2000).astype(np.int8)
    logits = random.normal(labels * 2.0, 1.0)
    slope, shift = platt(logits, labels)
    chosen = np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[: int(2000 * RATE / (1 - RATE))]])
    mean = (1 / (1 + np.exp(-(slope * logits[chosen] + shift)))).mean()
    assert mean == pytest.approx(RATE, abs=0.01)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=300))
def test_at_most_the_stated_share_of_negatives_passes_the_threshold(pairs: list[tuple[float, bool]]) -> None:
    scores = np.array([0.5, *(score for score, _ in pairs)])
    labels = np.array([0, *(int(label) for _, label in pairs)], dtype=np.int8)
    flagged = scores >= threshold(scores, labels)
    assert flagged[labels == 0].mean() <= MAX_FPR


def test_a_model_is_plain_arrays() -> None:
    model = Model(
        (MAIN,),
        np.array([1], np.int32),
        np.array([[2.0]], np.float32),
        np.zeros(1),
        np.ones(1),
        np.array([-1.0]),
        width=3,
    )
    found = model.probabilities(sparse.csr_matrix([[0.0, 0.5, 9.0], [0.0, 0.0, 0.0]]))
    assert found[:, 0] == pytest.approx([0.5, 1 / (1 + np.e)])
