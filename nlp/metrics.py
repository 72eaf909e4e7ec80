"""How good scores are, with intervals (pure)."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from nlp.fit import MAX_FPR
from nlp.model import Scores

Labels = NDArray[np.int8]
Drawn = tuple[Scores, Scores]
"""(draws, distinct scores), highest score first: how many positives, and how many negatives, score at least so much."""

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
_DRAWS = 200
_LOOSE_FPR = 0.1
_BINS = 10


def measure(
    labels: Labels, scores: Scores, threshold: float, seed: int, weights: Scores | None = None
) -> dict[str, Any]:
    """All figures of a set; None where one isn't defined, such as recall without positives.

    Shares at the threshold come with 95 % Wilson intervals, areas with 95 % bootstrap intervals. weights: (texts,) of
    the calibration error alone, where the texts' mix isn't the one the probabilities are for.
    """
    flagged, positive = scores >= threshold, labels == 1
    hits = int((flagged & positive).sum())
    false = int((flagged & ~positive).sum())
    positives = int(positive.sum())
    return {
        "n": len(labels),
        "positives": positives,
        "threshold": threshold,
        **_named("precision", share(hits, hits + false)),
        **_named("recall", share(hits, positives)),
        **_named("fpr", share(false, len(labels) - positives)),
        "f1": 2 * hits / (hits + false + positives) if positives else None,
        **_named("pr_auc", _area(average_precision_score, average_precisions, labels, scores, seed)),
        **_named("roc_auc", _area(roc_auc_score, roc_areas, labels, scores, seed)),
        "recall_at_1_percent_fpr": _recall_at(labels, scores, MAX_FPR),
        "recall_at_10_percent_fpr": _recall_at(labels, scores, _LOOSE_FPR),
        "ece": calibration_error(labels, scores, weights),
    }


def share(part: int, whole: int) -> tuple[float, tuple[float, float]] | None:
    """part/whole and its 95 % Wilson (1927) interval; None of nothing."""
    if not whole:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return p, (max(0.0, middle - half), min(1.0, middle + half))


def calibration_error(labels: Labels, scores: Scores, weights: Scores | None = None) -> float | None:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    if not len(labels):
        return None
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    mass = np.ones(len(labels)) if weights is None else weights
    gaps = [abs(float((mass * (labels - scores))[bins == b].sum())) for b in range(_BINS)]
    return sum(gaps) / float(mass.sum())


def _named(name: str, found: tuple[float, tuple[float, float]] | None) -> dict[str, Any]:
    return {name: found[0] if found else None, f"{name}_95": list(found[1]) if found else None}


def _both(labels: Labels) -> bool:
    return 0 < int((labels == 1).sum()) < len(labels)


def _recall_at(labels: Labels, scores: Scores, limit: float) -> float | None:
    """Recall at the best threshold of this very set whose false-positive rate is at most the limit."""
    if not _both(labels):
        return None
    fpr, recall, _ = roc_curve(labels, scores, drop_intermediate=False)
    return float(recall[fpr <= limit].max())


def _area(
    area: Callable[[Labels, Scores], float], drawn: Callable[[Drawn], Scores], labels: Labels, scores: Scores, seed: int
) -> tuple[float, tuple[float, float]] | None:
    if not _both(labels):
        return None
    areas = drawn(draws(labels, scores, seed))
    low, high = np.quantile(areas, (0.025, 0.975)) if len(areas) else (0.0, 1.0)
    return float(area(labels, scores)), (float(low), float(high))


def draws(labels: Labels, scores: Scores, seed: int) -> Drawn:
    """Bootstrap draws (Efron 1979) that hold both labels; at once: one library call each takes minutes."""
    n = len(labels)
    random = np.random.default_rng(seed)
    counts = np.stack([np.bincount(random.integers(0, n, n), minlength=n) for _ in range(_DRAWS)])
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    hits, false = (
        np.add.reduceat(counts[:, order] * (labels[order] == label), starts, axis=1).cumsum(axis=1) for label in (1, 0)
    )
    mixed = (hits[:, -1] > 0) & (false[:, -1] > 0)
    return hits[mixed].astype(float), false[mixed].astype(float)


def average_precisions(drawn: Drawn) -> Scores:
    """Of each draw, as sklearn.metrics.average_precision_score."""
    hits, false = drawn
    precision = hits / np.maximum(hits + false, 1)
    areas: Scores = (np.diff(hits, axis=1, prepend=0) * precision).sum(axis=1) / hits[:, -1]
    return areas


def roc_areas(drawn: Drawn) -> Scores:
    """Of each draw, as sklearn.metrics.roc_auc_score."""
    hits, false = drawn
    height = hits - np.diff(hits, axis=1, prepend=0) / 2
    areas: Scores = (np.diff(false, axis=1, prepend=0) * height).sum(axis=1) / (hits[:, -1] * false[:, -1])
    return areas
