"""Fit the heads on training rows and calibrate them on rows held back (scikit-learn; pure but for time)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nlp.model import Model

RATE = 0.15
MAX_FPR = 0.01
_STRENGTH = 1.0
_MIN_ROWS = 2
_PLATT_STRENGTH = 1e3


@dataclass(frozen=True, slots=True)
class Head:
    """One question: (texts,) answers of 0 or 1, -1 where a row has none."""

    name: str
    train: NDArray[np.int8]
    held: NDArray[np.int8]


def fit(train: sparse.csr_matrix, held: sparse.csr_matrix, heads: Sequence[Head], seed: int) -> Model:
    """A calibrated model of all heads; columns that fewer than two training rows use are left out."""
    columns = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]) >= _MIN_ROWS).astype(np.int32)
    fitted = [_head(train[:, columns], held[:, columns], head, seed) for head in heads]
    weights, bias, slope, shift = zip(*fitted, strict=True)
    return Model(
        heads=tuple(head.name for head in heads),
        columns=columns,
        weights=np.array(weights, dtype=np.float32),
        bias=np.array(bias),
        slope=np.array(slope),
        shift=np.array(shift),
        width=train.shape[1],
    )


def _head(
    train: sparse.csr_matrix, held: sparse.csr_matrix, head: Head, seed: int
) -> tuple[NDArray[np.float64], float, float, float]:
    known = head.train >= 0
    linear = LogisticRegression(C=_STRENGTH, solver="liblinear", max_iter=1000, random_state=seed).fit(
        train[known], head.train[known]
    )
    asked = head.held >= 0
    slope, shift = platt(linear.decision_function(held[asked]), head.held[asked])
    return linear.coef_[0], float(linear.intercept_[0]), slope, shift


def platt(logits: NDArray[np.float64], labels: NDArray[np.int8]) -> tuple[float, float]:
    """Slope and shift that turn logits into probabilities (Platt 1999), as if a share of RATE were positive.

    The corpus holds far more alerting texts than a forum does; unweighted, every probability would be too high.
    """
    share = float(labels.mean())
    rate = min(RATE, share)
    weights = np.where(labels == 1, rate / share, (1 - rate) / (1 - share))
    scaled = LogisticRegression(C=_PLATT_STRENGTH).fit(logits[:, None], labels, sample_weight=weights)
    return float(scaled.coef_[0, 0]), float(scaled.intercept_[0])


def threshold(scores: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    """The lowest score from which at most MAX_FPR of the negatives would be flagged."""
    negatives = np.sort(scores[labels == 0])[::-1]
    allowed = int(MAX_FPR * len(negatives))
    return float(np.nextafter(negatives[allowed], np.inf))
