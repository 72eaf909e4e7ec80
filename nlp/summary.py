"""The figures of `nlp.evaluate` in sentences for people: what is measured, what to expect, where it is weak (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

UNDEFINED = "undefined"

_LEAST = 20  # texts below which a slice isn't spoken of
_MOST_SAID = 3
_MUCH_LOST = 0.1
_NAMES = {"pr_auc": "PR-AUC", "roc_auc": "ROC-AUC", "recall": "recall", "fpr": "false-positive rate"}


def number(value: float | None) -> str:
    """Three digits; what isn't defined says so."""
    return UNDEFINED if value is None else f"{value:.3f}"


def with_interval(found: Mapping[str, Any], name: str) -> str:
    """A figure and its 95 % interval."""
    if found[name] is None:
        return UNDEFINED
    bounds = found[f"{name}_95"]
    within = f"{number(bounds[0])} to {number(bounds[1])}" if bounds else f"interval {UNDEFINED}"
    return f"{number(found[name])} ({within})"


def sentences(found: Mapping[str, Any]) -> list[str]:
    """All that was measured, shortly."""
    groups = " and ".join(f"{many} {what}s" for what, many in found["resampled"].items()) or "nothing"
    said = [
        f"{found['model']} on {found['n']} texts, {found['positives']} of them alerting; 95 % intervals by {groups}.",
        f"Ranking: PR-AUC {with_interval(found, 'pr_auc')}, ROC-AUC {with_interval(found, 'roc_auc')}.",
        f"Flagged from {number(found['threshold'])}: precision {with_interval(found, 'precision')}, "
        f"recall {with_interval(found, 'recall')}, false-positive rate {with_interval(found, 'fpr')}.",
    ]
    said += demand_sentences(found["demand"]) if "demand" in found else []
    said += _disguise(found["disguise"]) if "disguise" in found else []
    said += _comparison(found["comparison"]) if "comparison" in found else []
    return [*said, *weak_spots(found)]


def weak_spots(found: Mapping[str, Any]) -> list[str]:
    """The slices that are surely worse than the whole (their intervals leave its figure out), worst first.

    Of each sort of slice at most three, none of fewer than twenty texts.
    """
    weak = [_sentence("Recall is low", one, found["recall"]) for one in _worse(found, "recall")]
    weak += [_sentence("False alarms are frequent", one, found["fpr"]) for one in _worse(found, "fpr")]
    disguise = found.get("disguise", {"forms": {}, "by_language": {}})
    known = {language: one["known"] for language, one in disguise["by_language"].items()}
    weak += [f"Disguise hides words of language {name}: {loss}." for name, loss in _lossy(known)]
    weak += [f"Words are hidden when {name}: {loss}." for name, loss in _lossy(disguise["forms"])]
    return weak or ["No slice is surely worse than the whole."]


def demand_sentences(demand: Mapping[str, Any]) -> list[str]:
    """What to expect where the model is to work, at its threshold and at that of the reviewers' capacity."""
    rate = f"Where {100 * demand['base_rate']:g} % of posts alert"
    said = [f"{rate}, the model's threshold brings {_expected(demand['expected'])}."]
    if "at_capacity" in demand:
        fits = demand["at_capacity"]
        said.append(
            f"{rate} and {demand['capacity']:g} of {demand['volume']:g} posts a day can be looked at, "
            f"the threshold {number(fits['threshold'])} fits: {_expected(fits)}."
        )
    return said


def _worse(found: Mapping[str, Any], figure: str) -> list[tuple[str, int, str, float]]:
    """(slice, texts, figure in words, value) of the slices that are surely worse, worst first."""
    whole, sign = found[figure], -1 if figure == "recall" else 1
    if whole is None:
        return []
    worse = []
    for name, texts, key, one in _slices(found, figure):
        low, high = one[f"{key}_95"] or (0, 1)
        if texts >= _LEAST and (high < whole if figure == "recall" else low > whole):
            worse.append((name, texts, with_interval(one, key), one[key]))
    return sorted(worse, key=lambda slice_: (-sign * slice_[3], slice_[0]))[:_MOST_SAID]


def _slices(found: Mapping[str, Any], figure: str) -> Iterator[tuple[str, int, str, Mapping[str, Any]]]:
    """(name, texts, key of the figure, figures) of each slice that has the figure; kinds have it if of one label."""
    for what, slices in ((key.removeprefix("by_"), value) for key, value in found.items() if key.startswith("by_")):
        for name, one in slices.items():
            positive, texts = one["positives"], one["n"]
            of, others = (positive, texts - positive) if figure == "recall" else (texts - positive, positive)
            if what != "kind" and of:
                yield f"{what} {name}", of, figure, one
            elif of and not others and name:
                yield f"kind {name}", of, "flagged", one


def _sentence(what: str, one: tuple[str, int, str, float], whole: float) -> str:
    name, texts, figure, _ = one
    return f"{what} in {name}: {figure} of {texts} texts, against {number(whole)} over all."


def _lossy(losses: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Where much is lost, most first, and how much in words."""
    much = [(name, one) for name, one in losses.items() if one["n"] >= _LEAST and (one["lost"] or 0) > _MUCH_LOST]
    worst = sorted(much, key=lambda item: -item[1]["lost"])[:_MOST_SAID]
    return [(name, f"{with_interval(one, 'lost')} of the recall is lost") for name, one in worst]


def _expected(found: Mapping[str, Any]) -> str:
    if found["flagged"] is None:
        return f"{UNDEFINED} figures, as one label is missing"
    said = f"{100 * found['flagged']:.3g} % of posts ({_between([100 * bound for bound in found['flagged_95']])})"
    if found["alerts_a_day"] is not None:
        said = f"{found['alerts_a_day']:.3g} alerts a day ({_between(found['alerts_a_day_95'])}), {said}"
    return f"{said}, precision {with_interval(found, 'precision')}, recall {with_interval(found, 'recall')}"


def _between(bounds: Sequence[float]) -> str:
    return " to ".join(f"{bound:.3g}" for bound in bounds)


def _disguise(disguise: Mapping[str, Any]) -> list[str]:
    parts = [f"{name} forms {with_interval(disguise[name], 'lost')}" for name in ("known", "unseen")]
    return [f"Share of recall lost to disguise: {', '.join(parts)}."]


def _comparison(comparison: Mapping[str, Any]) -> list[str]:
    drops = [f"{words} {with_interval(comparison[name], 'difference')}" for name, words in _NAMES.items()]
    return [f"Against {comparison['against']}, this model's figures less that one's: {', '.join(drops)}."]
