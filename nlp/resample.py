"""Bootstrap draws of scored texts (Efron 1979), many at once: one library call each takes minutes (pure).

Texts that hang together, such as those of a thread, are drawn together (Field, Welsh 2007): drawn singly, they would
make every figure look surer than it is.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.model import Scores

Labels = NDArray[np.int8]
Counts = NDArray[np.int64]
Drawn = tuple[Scores, Scores]
"""(draws, distinct scores), highest score first: how many positives, and how many negatives, score at least so much."""

DRAWS = 500
_AT_ONCE = 2_000_000  # counts in memory
# Draws from fewer groups than this hardly differ, and say so little as if it were much (Cameron, Gelbach, Miller 2008).
_FEWEST = 5
_TAILS = (0.025, 0.975)


def numbered(groups: Sequence[str] | None, texts: int) -> Counts:
    """(texts,) the number of each text's group; each text is its own where there are none."""
    if groups is None:
        return np.arange(texts)
    return np.asarray(np.unique(np.array(groups, dtype=np.str_), return_inverse=True)[1], dtype=np.int64)


def resamples(groups: Counts, seed: int) -> Iterator[Counts]:
    """(draws, texts) how often each draw holds each text, in parts; DRAWS in all, the same for a seed.

    groups: (texts,) numbers from 0, of at least one text.
    """
    random, many = np.random.default_rng(seed), int(groups.max()) + 1
    step = max(1, _AT_ONCE // len(groups))
    for start in range(0, DRAWS, step):
        picks = [random.integers(0, many, many) for _ in range(min(step, DRAWS - start))]
        yield np.stack([np.bincount(pick, minlength=many) for pick in picks])[:, groups]


def interval(values: Scores, groups: Counts) -> tuple[float, float] | None:
    """The middle 95 % of the draws that have a value; None where there are too few groups to draw from."""
    known = values[~np.isnan(values)]
    if not len(known) or groups.max() < _FEWEST - 1:
        return None
    return middle(known)


def middle(values: Scores) -> tuple[float, float]:
    """The bounds of the middle 95 %."""
    low, high = np.quantile(values, _TAILS)
    return float(low), float(high)


def draws(labels: Labels, scores: Scores, groups: Counts, seed: int) -> Iterator[Drawn]:
    """The resamples, counted by score, in parts."""
    yield from (_counted(counts, labels, scores) for counts in resamples(groups, seed))


def undrawn(labels: Labels, scores: Scores) -> Drawn:
    """The texts themselves in the form of one draw."""
    return _counted(np.ones((1, len(labels)), dtype=np.int64), labels, scores)


def average_precisions(drawn: Drawn) -> Scores:
    """Of each draw, as sklearn.metrics.average_precision_score; nan where a draw lacks a label."""
    hits, false = drawn
    precision = hits / np.maximum(hits + false, 1)
    return _mixed(drawn, (np.diff(hits, axis=1, prepend=0) * precision).sum(axis=1) / np.maximum(hits[:, -1], 1))


def roc_areas(drawn: Drawn) -> Scores:
    """Of each draw, as sklearn.metrics.roc_auc_score; nan where a draw lacks a label."""
    hits, false = drawn
    height = hits - np.diff(hits, axis=1, prepend=0) / 2
    area = (np.diff(false, axis=1, prepend=0) * height).sum(axis=1)
    return _mixed(drawn, area / np.maximum(hits[:, -1] * false[:, -1], 1))


def precisions_at(drawn: Drawn, recalls: Scores) -> Scores:
    """(draws, recalls) precision at the highest score that reaches each recall; nan where a draw has no positive."""
    found = np.full((len(drawn[0]), len(recalls)), np.nan)
    for row, (hits, false) in enumerate(zip(*drawn, strict=True)):
        if hits[-1]:
            places = np.searchsorted(hits, recalls * hits[-1] - 1e-9)
            found[row] = hits[places] / np.maximum(hits[places] + false[places], 1)
    return found


def _counted(counts: Counts, labels: Labels, scores: Scores) -> Drawn:
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    ordered = counts[:, order]
    hits, all_ = (
        np.add.reduceat(part, starts, axis=1).cumsum(axis=1).astype(np.float64)
        for part in (ordered * (labels[order] == 1), ordered)
    )
    return hits, all_ - hits


def _mixed(drawn: Drawn, values: Scores) -> Scores:
    hits, false = drawn
    return np.where((hits[:, -1] > 0) & (false[:, -1] > 0), values, np.nan)
