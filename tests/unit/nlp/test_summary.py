"""Figures in sentences."""

from typing import Any

import pytest

from nlp.summary import demand_sentences, sentences, weak_spots, with_interval


def figure(
    n: int, positives: int, recall: tuple[float, float, float] | None, fpr: tuple[float, float, float] | None
) -> Any:
    found: dict[str, Any] = {"n": n, "positives": positives}
    for name, known in (("recall", recall), ("fpr", fpr)):
        found[name] = known[0] if known else None
        found[f"{name}_95"] = list(known[1:]) if known else None
    return found


def whole(**slices: Any) -> Any:
    return {**figure(1000, 200, (0.6, 0.55, 0.65), (0.01, 0.005, 0.02)), **slices}


def test_a_figure_that_is_not_defined_says_so() -> None:
    assert with_interval({"recall": None, "recall_95": None}, "recall") == "undefined"
    assert with_interval({"recall": 0.5, "recall_95": None}, "recall") == "0.500 (interval undefined)"
    assert with_interval({"recall": 0.5, "recall_95": [0.25, 0.75]}, "recall") == "0.500 (0.250 to 0.750)"


def test_weak_spots_are_slices_that_are_surely_worse() -> None:
    found = whole(
        by_language={
            "tr": figure(100, 50, (0.2, 0.1, 0.3), (0.0, 0.0, 0.05)),
            "fr": figure(100, 50, (0.5, 0.4, 0.61), (0.1, 0.04, 0.2)),  # may be as good as the whole
            "pt": figure(100, 10, (0.1, 0.0, 0.4), (0.0, 0.0, 0.05)),  # too few
        },
        by_kind={
            "opinion": {"n": 80, "positives": 0, "flagged": 0.2, "flagged_95": [0.12, 0.3]},
            "mixed": {"n": 80, "positives": 40, "flagged": 0.2, "flagged_95": [0.12, 0.3]},
        },
    )
    assert weak_spots(found) == [
        "Recall is low in language tr: 0.200 (0.100 to 0.300) of 50 texts, against 0.600 over all.",
        "False alarms are frequent in kind opinion: 0.200 (0.120 to 0.300) of 80 texts, against 0.010 over all.",
        "False alarms are frequent in language fr: 0.100 (0.040 to 0.200) of 50 texts, against 0.010 over all.",
    ]


def test_a_form_that_hides_words_is_a_weak_spot_and_so_is_a_language() -> None:
    lossy = {"n": 40, "lost": 0.5, "lost_95": [0.3, 0.7]}
    fine = {"n": 40, "lost": 0.01, "lost_95": [0.0, 0.05]}
    disguise = {
        "known": fine,
        "unseen": fine,
        "forms": {"leet": fine, "emoji": lossy, "mixed": {**lossy, "n": 3}},
        "by_language": {"uk": {"known": lossy, "unseen": fine}, "en": {"known": fine, "unseen": lossy}},
    }
    assert weak_spots(whole(disguise=disguise)) == [
        "Disguise hides words of language uk: 0.500 (0.300 to 0.700) of the recall is lost.",
        "Words are hidden when emoji: 0.500 (0.300 to 0.700) of the recall is lost.",
    ]


@pytest.mark.parametrize("found", [whole(), {**figure(0, 0, None, None), "by_kind": {}}])
def test_where_nothing_is_surely_worse_that_is_said(found: Any) -> None:
    assert weak_spots(found) == ["No slice is surely worse than the whole."]


def test_what_a_place_brings_is_told_a_day_where_its_volume_is_known() -> None:
    brings = {
        "threshold": 0.7,
        "flagged": 0.004,
        "flagged_95": [0.002, 0.01],
        "alerts_a_day": 40.0,
        "alerts_a_day_95": [20.0, 100.0],
        "precision": 0.5,
        "precision_95": [0.25, 0.75],
        "recall": 0.4,
        "recall_95": [0.3, 0.5],
    }
    unknown = {**brings, "alerts_a_day": None, "alerts_a_day_95": None}
    place = {"base_rate": 0.005, "volume": 10_000, "capacity": 50}
    own, fits = demand_sentences({**place, "expected": unknown, "at_capacity": brings})
    assert own == (
        "Where 0.5 % of posts alert, the model's threshold brings 0.4 % of posts (0.2 to 1), "
        "precision 0.500 (0.250 to 0.750), recall 0.400 (0.300 to 0.500)."
    )
    assert "50 of 10000 posts a day" in fits
    assert "the threshold 0.700 fits: 40 alerts a day (20 to 100), 0.4 % of posts" in fits
    nothing = dict.fromkeys(brings)
    assert "undefined" in demand_sentences({**place, "expected": nothing})[0]


def test_the_summary_begins_with_what_was_measured_and_ends_with_where_it_is_weak() -> None:
    areas = {"pr_auc": 0.8, "pr_auc_95": [0.7, 0.9], "roc_auc": None, "roc_auc_95": None}
    rest = {"model": "v2-x", "threshold": 0.5, "precision": None, "precision_95": None}
    said = sentences(whole(**areas, **rest, resampled={"thread": 40, "text": 7}))
    assert said[0] == "v2-x on 1000 texts, 200 of them alerting; 95 % intervals by 40 threads and 7 texts."
    assert "PR-AUC 0.800 (0.700 to 0.900), ROC-AUC undefined" in said[1]
    assert said[-1] == "No slice is surely worse than the whole."
