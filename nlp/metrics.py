"""How good scores are, with 95 % intervals; None where a figure isn't defined (pure)."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from nlp.fit import MAX_FPR
from nlp.model import Scores
from nlp.resample import (
    Counts,
    Drawn,
    Labels,
    average_precisions,
    draws,
    interval,
    middle,
    numbered,
    resamples,
    roc_areas,
)

Share = tuple[float, tuple[float, float]]
"""A figure and its interval."""
Drop = tuple[float, tuple[float, float] | None]
"""The same where texts too few, or of one thread, give no interval."""
Flags = NDArray[np.bool_]
Judged = tuple[Scores, float]
"""(texts,) the scores of a model, and its threshold."""

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
_LOOSE_FPR = 0.1
_BINS = 10
_POSTERIORS = 20_000
_AREAS: dict[str, tuple[Callable[[Labels, Scores], float], Callable[[Drawn], Scores]]] = {
    "pr_auc": (average_precision_score, average_precisions),
    "roc_auc": (roc_auc_score, roc_areas),
}


def measure(
    labels: Labels,
    scores: Scores,
    threshold: float,
    seed: int,
    weights: Scores | None = None,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """All figures of a set.

    Shares at the threshold come with Wilson intervals, areas with bootstrap intervals. weights: (texts,) of the
    calibration error alone, where the texts' mix isn't the one the probabilities are for. groups: (texts,) what hangs
    together, such as the thread of each: intervals are then of as many texts as the groups are worth.
    """
    together = numbered(groups, len(labels))
    flagged, positive = scores >= threshold, labels == 1
    hits, false = int((flagged & positive).sum()), int((flagged & ~positive).sum())
    return {
        "n": len(labels),
        "positives": int(positive.sum()),
        "threshold": threshold,
        **named("precision", grouped_share(positive[flagged], together[flagged])),
        **named("recall", grouped_share(flagged[positive], together[positive])),
        **named("fpr", grouped_share(flagged[~positive], together[~positive])),
        "f1": 2 * hits / (hits + false + int(positive.sum())) if positive.any() else None,
        **_areas(labels, scores, together, seed),
        "recall_at_1_percent_fpr": _recall_at(labels, scores, MAX_FPR),
        "recall_at_10_percent_fpr": _recall_at(labels, scores, _LOOSE_FPR),
        "ece": calibration_error(labels, scores, weights),
    }


def share(part: float, whole: float) -> Share | None:
    """part/whole and its Wilson (1927) interval; None of nothing."""
    if not whole:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return p, (max(0.0, middle - half), min(1.0, middle + half))


def grouped_share(marked: Flags, groups: Counts) -> Share | None:
    """The share of the texts that are marked, and its Wilson interval of the texts that the groups are worth."""
    if not len(marked):
        return None
    worth = effective(marked, groups)
    found = share(float(marked.mean()) * worth, worth)
    return found and (float(marked.mean()), found[1])


def effective(marked: Flags, groups: Counts) -> float:
    """How many single texts tell as much of the share as these groups of texts (Korn, Graubard 1998).

    As many as there are groups where all texts are marked or none is, since nothing shows then how alike they are.
    """
    n, p = len(marked), float(marked.mean())
    numbers = np.unique(groups, return_inverse=True)[1]
    many = int(numbers.max()) + 1
    if many == n:
        return n
    if many == 1 or p in (0, 1):
        return many
    sums = np.bincount(numbers, weights=marked - p)
    variance = many / (many - 1) * float(np.square(sums).sum()) / n**2
    few = (_Z / float(t.ppf(0.975, many - 1))) ** 2
    return min(n, max(1.0, few * p * (1 - p) / variance)) if variance else n


def calibration_error(labels: Labels, scores: Scores, weights: Scores | None = None) -> float | None:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    if not len(labels):
        return None
    mass = np.ones(len(labels)) if weights is None else weights
    bins = _binned(scores)
    gaps = [abs(float((mass * (labels - scores))[bins == b].sum())) for b in range(_BINS)]
    return sum(gaps) / float(mass.sum())


def reliability(labels: Labels, scores: Scores, groups: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """What the probabilities say and what is, in the bins of the calibration error; empty bins are left out."""
    bins, together = _binned(scores), numbered(groups, len(labels))
    return [
        {
            "n": int((bins == b).sum()),
            "said": float(scores[bins == b].mean()),
            **named("alerting", grouped_share(labels[bins == b] == 1, together[bins == b])),
        }
        for b in range(_BINS)
        if (bins == b).any()
    ]


def expected(
    labels: Labels,
    scores: Scores,
    threshold: float,
    *,
    base_rate: float,
    seed: int,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """What a threshold brings where a share `base_rate` of the posts alerts: flagged share, precision, recall.

    Recall and false-positive rate are those of the texts; the rest follows by Bayes. Intervals are drawn from Jeffreys'
    posteriors of both (Mossman, Berger 2001), so that no false alarm among few texts isn't taken for never.
    """
    flagged, positive, together = scores >= threshold, labels == 1, numbered(groups, len(labels))
    parts = [(flagged[of], together[of]) for of in (positive, ~positive)]
    recall, fpr = (grouped_share(*part) for part in parts)
    all_flagged = precision = None
    if recall and fpr:
        random = np.random.default_rng(seed)
        point = _bayes(np.array([recall[0]]), np.array([fpr[0]]), base_rate)
        drawn = _bayes(_posterior(random, *parts[0]), _posterior(random, *parts[1]), base_rate)
        all_flagged, precision = ((float(one[0]), middle(many)) for one, many in zip(point, drawn, strict=True))
    return {
        "threshold": threshold,
        **named("flagged", all_flagged),
        **named("precision", None if precision is None or math.isnan(precision[0]) else precision),
        **named("recall", recall),
    }


def at_capacity(
    labels: Labels,
    scores: Scores,
    flagged: float,
    *,
    base_rate: float,
    seed: int,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """`expected` at the lowest threshold that flags at most a share `flagged` of posts, `base_rate` of which alert.

    None throughout where one label is missing.
    """
    if not _both(labels):
        return dict.fromkeys(expected(labels, scores, 1, base_rate=base_rate, seed=seed))
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    recall, fpr = (np.cumsum(labels[order] == label)[last] / int((labels == label).sum()) for label in (1, 0))
    alarms, _ = _bayes(recall, fpr, base_rate)
    within = scores[order][last][alarms <= flagged]
    threshold = float(within[-1]) if len(within) else float(np.nextafter(scores.max(), np.inf))
    return expected(labels, scores, threshold, base_rate=base_rate, seed=seed, groups=groups)


def compare(
    labels: Labels, one: Judged, other: Judged, seed: int, groups: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Areas, recall and false-positive rate of two models on the same texts, and one minus other in the same draws."""
    together = numbered(groups, len(labels))
    (mine, drawn), (theirs, others) = (
        (_points(labels, *judged), _drawn(labels, *judged, together, seed)) for judged in (one, other)
    )
    found = {}
    for name, figure in mine.items():
        against, drop = theirs[name], None
        if figure is not None and against is not None:
            drop = figure - against, interval(drawn[name] - others[name], together)
        found[name] = {"model": figure, "against": against, **named("difference", drop)}
    return found


def lost(before: Scores, after: Scores, seed: int, groups: Sequence[str] | None = None) -> Drop | None:
    """The share of `before` that `after` lacks, texts paired, with its bootstrap interval; None where there is none.

    before, after: (texts,) how often each text was found.
    """
    if not before.sum():
        return None
    together = numbered(groups, len(before))
    drawn = [_ratio(counts, after, before) for counts in resamples(together, seed)]
    return 1 - float(after.sum() / before.sum()), _varying(interval(1 - np.concatenate(drawn), together))


def named(name: str, found: Drop | None) -> dict[str, Any]:
    """A figure and its interval under their names."""
    within = found[1] if found else None
    return {name: found[0] if found else None, f"{name}_95": list(within) if within else None}


def _areas(labels: Labels, scores: Scores, groups: Counts, seed: int) -> dict[str, Any]:
    if not _both(labels):
        return {key: value for name in _AREAS for key, value in named(name, None).items()}
    drawn, found = _drawn_areas(labels, scores, groups, seed), dict[str, Any]()
    for name, (area, _) in _AREAS.items():
        found |= named(name, (float(area(labels, scores)), _varying(interval(drawn[name], groups))))
    return found


def _varying(within: tuple[float, float] | None) -> tuple[float, float] | None:
    """The interval unless all draws agree, as they do where no text goes wrong: that doesn't prove that none will."""
    return within if within and within[0] < within[1] else None


def _drawn_areas(labels: Labels, scores: Scores, groups: Counts, seed: int) -> dict[str, Scores]:
    parts = [[of(drawn) for _, of in _AREAS.values()] for drawn in draws(labels, scores, groups, seed)]
    return dict(zip(_AREAS, (np.concatenate(part) for part in zip(*parts, strict=True)), strict=True))


def _points(labels: Labels, scores: Scores, threshold: float) -> dict[str, float | None]:
    flagged, both = scores >= threshold, _both(labels)
    areas = {name: float(area(labels, scores)) if both else None for name, (area, _) in _AREAS.items()}
    parts = {"recall": flagged[labels == 1], "fpr": flagged[labels == 0]}
    return areas | {name: float(part.mean()) if len(part) else None for name, part in parts.items()}


def _drawn(labels: Labels, scores: Scores, threshold: float, groups: Counts, seed: int) -> dict[str, Scores]:
    """(draws,) of each figure of `_points` that is defined; nan where a draw doesn't define it."""
    flagged = (scores >= threshold).astype(float)
    found = _drawn_areas(labels, scores, groups, seed) if _both(labels) else {}
    for name, label in (("recall", 1), ("fpr", 0)):
        of = (labels == label).astype(float)
        if of.any():
            found[name] = np.concatenate([_ratio(counts, flagged * of, of) for counts in resamples(groups, seed)])
    return found


def _ratio(counts: Counts, part: Scores, whole: Scores) -> Scores:
    """(draws,) part/whole in each; nan of nothing."""
    below = counts @ whole
    return np.where(below > 0, counts @ part / np.where(below > 0, below, 1), np.nan)


def _posterior(random: np.random.Generator, flagged: Flags, groups: Counts) -> Scores:
    """Draws of the share flagged, given these texts."""
    worth = effective(flagged, groups)
    hits = float(flagged.mean()) * worth
    return random.beta(hits + 0.5, worth - hits + 0.5, _POSTERIORS)


def _bayes(recall: Scores, fpr: Scores, base_rate: float) -> tuple[Scores, Scores]:
    """The share of all posts that is flagged, and how many of these alert; nan of none."""
    hits, all_ = base_rate * recall, base_rate * recall + (1 - base_rate) * fpr
    return all_, np.where(all_ > 0, hits / np.where(all_ > 0, all_, 1), np.nan)


def _both(labels: Labels) -> bool:
    return 0 < int((labels == 1).sum()) < len(labels)


def _recall_at(labels: Labels, scores: Scores, limit: float) -> float | None:
    """Recall at the best threshold of this very set whose false-positive rate is at most the limit."""
    if not _both(labels):
        return None
    fpr, recall, _ = roc_curve(labels, scores, drop_intermediate=False)
    return float(recall[fpr <= limit].max())


def _binned(scores: Scores) -> NDArray[np.int64]:
    return np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
