"""Fit the heads on training rows and calibrate them on writers left out in turn (scikit-learn; pure but for time)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlp.model import NAMED, VEILED, Model, Scores

# What is assumed of the texts judged: how many name a bypass, and how many alert of those that do and of the others.
# The corpus has far more that hint without a name than any board does, so its own shares would mislead.
NAMED_SHARE = 0.15
RATES = {NAMED: 0.5, VEILED: 0.02}
RATE = 0.15
MAX_FPR = 0.01
# How heavy each block of columns is (words, letters, concepts) in texts of each regime. Where a bypass is named, what
# stands beside it tells, and much else is chance; where it is only hinted at, any word may tell.
_HEAVY = {NAMED: (0.5, 0.3, 0.7), VEILED: (2.0, 1.0, 1.5)}
_TELLING = 0.6
_ONE_SEEN = 1.0
_LEAST = 0.1
_FOLDS = 5
_STRENGTH = 1.0
_MIN_ROWS = 5
_TOLERANCE = 0.001
_PLATT_STRENGTH = 1e3


@dataclass(frozen=True, slots=True)
class Training:
    """What is learned from.

    rows: (texts, width), none negative. widths: columns of each of its blocks. named: (texts,) whether each names a
    bypass. groups: the writer of each, whose texts are left out together.
    """

    rows: sparse.csr_matrix
    widths: Sequence[int]
    named: NDArray[np.bool_]
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Head:
    """One question and how it fares: (texts,) logits of a model that never saw the text's writer; nan if unanswered."""

    weights: NDArray[np.float64]
    bias: float
    left_out: Scores


def fit(
    data: Training, alerting: NDArray[np.int8], kinds: dict[str, NDArray[np.int8]], seed: int
) -> tuple[Model, Scores]:
    """A calibrated model, and the probability of alerting it gives each text when its writer is left out.

    alerting, kinds: (texts,) answers of 0 or 1; of kinds -1 where a row has none. Columns of few rows are left out.
    """
    columns = np.flatnonzero(np.bincount(data.rows.indices, minlength=data.rows.shape[1]) >= _MIN_ROWS).astype(np.int32)
    rows, parts = data.rows[:, columns], folds(data.groups)
    heavy = [np.repeat(np.array(_HEAVY[regime]), data.widths)[columns] for regime in (NAMED, VEILED)]
    main = _head(_by_regime(rows, data.named, heavy), alerting, parts, seed)
    heads = [_head(rows, answers, parts, seed) for answers in kinds.values()]
    scales = [
        platt(main.left_out[chosen], alerting[chosen], RATES[name])
        for name, chosen in ((NAMED, data.named), (VEILED, ~data.named))
    ]
    scales += [
        platt(head.left_out[answers >= 0], answers[answers >= 0], RATE)
        for head, answers in zip(heads, kinds.values(), strict=True)
    ]
    weights, bias = _regimes(main, heavy)
    slope, shift = zip(*scales, strict=True)
    model = Model(
        heads=(NAMED, VEILED, *kinds),
        columns=columns,
        weights=np.array([*weights, *(head.weights for head in heads)], dtype=np.float32),
        bias=np.array([*bias, *(head.bias for head in heads)]),
        slope=np.array(slope),
        shift=np.array(shift),
        width=data.rows.shape[1],
    )
    which = (~data.named).astype(int)
    return model, model.calibrated(main.left_out, which)


def folds(groups: Sequence[str]) -> NDArray[np.int64]:
    """The fold of each text; a writer's texts share it, and the folds are about equally large."""
    sizes = np.zeros(_FOLDS, dtype=int)
    placed: dict[str, int] = {}
    for group, count in sorted(Counter(groups).items(), key=lambda item: (-item[1], item[0])):
        placed[group] = int(sizes.argmin())
        sizes[placed[group]] += count
    return np.array([placed[group] for group in groups])


def platt(logits: Scores, labels: NDArray[np.int8], rate: float) -> tuple[float, float]:
    """Slope and shift that turn logits into probabilities (Platt 1999), as if a share of `rate` were positive.

    The corpus holds far more alerting texts than a forum does; unweighted, every probability would be too high.
    """
    share = float(labels.mean())
    rate = min(rate, share)
    weights = np.where(labels == 1, rate / share, (1 - rate) / (1 - share))
    scaled = LogisticRegression(C=_PLATT_STRENGTH).fit(logits[:, None], labels, sample_weight=weights)
    return float(scaled.coef_[0, 0]), float(scaled.intercept_[0])


def assumed(labels: NDArray[np.int8], named: NDArray[np.bool_]) -> Scores:
    """(texts,) weights under which the texts are as is assumed: NAMED_SHARE of them named, RATES of those alerting."""
    weights = np.zeros(len(labels))
    for regime, share, rate in (
        (named, NAMED_SHARE, RATES[NAMED]),
        (~named, 1 - NAMED_SHARE, RATES[VEILED]),
    ):
        for label, mass in ((1, share * rate), (0, share * (1 - rate))):
            chosen = regime & (labels == label)
            weights[chosen] = mass / max(int(chosen.sum()), 1)
    return weights


def threshold(scores: Scores, labels: NDArray[np.int8], named: NDArray[np.bool_]) -> float:
    """The lowest score from which at most MAX_FPR of the negatives would be flagged, were the texts as is assumed."""
    negatives, weights = scores[labels == 0], assumed(labels, named)[labels == 0]
    order = np.argsort(-negatives, kind="stable")
    flagged = np.cumsum(weights[order]) / weights.sum()
    first = int(np.argmax(flagged > MAX_FPR))
    return float(np.nextafter(negatives[order][first], np.inf))


def _by_regime(
    rows: sparse.csr_matrix, named: NDArray[np.bool_], heavy: Sequence[NDArray[np.float64]]
) -> sparse.csr_matrix:
    """Each column three times: shared, of texts that name a bypass, of those that don't (Daumé 2007); a bias of each.

    What the two have in common is learned from both, and the slang of the one teaches the other nothing false.
    """
    chosen = [sparse.diags_array(regime.astype(float)) for regime in (named, ~named)]
    own = [of @ rows @ sparse.diags_array(scale) for of, scale in zip(chosen, heavy, strict=True)]
    biases = sparse.csr_matrix(np.stack([named, ~named], axis=1).astype(float))
    return sparse.csr_matrix(sparse.hstack([own[0] + own[1], *own, biases], format="csr"))


def _regimes(main: Head, heavy: Sequence[NDArray[np.float64]]) -> tuple[list[NDArray[np.float64]], list[float]]:
    """The weights and biases of the texts that name a bypass, and of those that don't."""
    shared, *own, biases = np.split(main.weights, np.cumsum([len(heavy[0])] * 3))
    weights = [scale * (shared + part) for scale, part in zip(heavy, own, strict=True)]
    return weights, [main.bias + float(bias) for bias in biases]


def _head(rows: sparse.csr_matrix, answers: NDArray[np.int8], parts: NDArray[np.int64], seed: int) -> Head:
    left_out = np.full(len(answers), np.nan)
    known = answers >= 0
    for part in range(_FOLDS):
        held = known & (parts == part)
        if held.any():
            weights, bias = _linear(rows[known & ~held], answers[known & ~held], seed)
            left_out[held] = rows[held] @ weights + bias
    return Head(*_linear(rows[known], answers[known], seed), left_out)


def _linear(rows: sparse.csr_matrix, answers: NDArray[np.int8], seed: int) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of a logistic regression where telling columns grow more easily (after Wang, Manning 2012)."""
    scale = _telling(rows, answers)
    linear = LogisticRegression(
        C=_STRENGTH, solver="liblinear", dual=True, tol=_TOLERANCE, max_iter=1000, random_state=seed
    )
    linear.fit(rows @ sparse.diags_array(scale), answers)
    return linear.coef_[0] * scale, float(linear.intercept_[0])


def _telling(rows: sparse.csr_matrix, answers: NDArray[np.int8]) -> NDArray[np.float64]:
    """(columns,) how far a column's share among the answers 1 is from that among the answers 0, damped; about 1."""
    one, other = (np.asarray(rows[answers == answer].sum(axis=0)).ravel() + _ONE_SEEN for answer in (1, 0))
    ratio = np.abs(np.log(one / one.sum()) - np.log(other / other.sum())) + _LEAST
    scale: NDArray[np.float64] = (ratio / ratio.mean()) ** _TELLING
    return scale
