"""Measure a model on labelled texts: over all, by slice, under disguise, at the reviewers' capacity, beside another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.features import prepare
from nlp.language import identify
from nlp.metrics import Flags, at_capacity, compare, expected, grouped_share, lost, measure, named
from nlp.model import Scores
from nlp.perturb import FORMS, KNOWN, UNSEEN, disguise
from nlp.resample import Labels, numbered
from nlp.rows import LabelledRow, read_rows

SEED = 7
_BATCH = 500
_LENGTHS = {"up to 80": 80, "81 to 300": 300, "301 to 1000": 1000, "1001 and more": None}
_TOGETHER = ("thread", "writer", "source")


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled rows and what a model says of them; all of the same order.

    groups: what hangs together. slices: by what → the name of each row's slice.
    """

    model: str
    threshold: float
    rows: Sequence[LabelledRow]
    labels: Labels
    scores: Scores
    groups: Sequence[str]
    slices: Mapping[str, Sequence[str]]

    @property
    def flagged(self) -> Flags:
        """(rows,) which the model flags."""
        return self.scores >= self.threshold


@dataclass(frozen=True, slots=True)
class Demand:
    """Where the model is to work.

    base_rate: share of alerting posts, above 0 and below 1. volume: posts a day. capacity: alerts a day that the
    reviewers can look at; needs the volume.
    """

    base_rate: float
    volume: float | None = None
    capacity: float | None = None


def read_files(files: Sequence[Path]) -> dict[str, list[LabelledRow]]:
    """The rows of each file, by its name. Raises: Corrupt: a file or a line can't be used; the message names it."""
    alone = len({file.name for file in files}) == len(files)
    return {file.name if alone else str(file): list(read_rows(file)) for file in files}


def judge(files: Mapping[str, Sequence[LabelledRow]], classifier: Classifier) -> Judged:
    """The rows of all files, judged."""
    rows = [row for some in files.values() for row in some]
    return Judged(
        model=classifier.model_id,
        threshold=classifier.threshold,
        rows=rows,
        labels=np.array([row.label for row in rows], dtype=np.int8),
        scores=_scores(classifier, [Text(row.text, row.title) for row in rows]),
        groups=[_together(row, place)[1] for place, row in enumerate(rows)],
        slices={
            "file": [name for name, some in files.items() for _ in some],
            "language": [row.language or identify(row.text) for row in rows],
            "length": [_length(row.text) for row in rows],
            "bypass": ["named" if is_named else "hinted" for is_named in _named(rows)],
        },
    )


def figures(judged: Judged) -> dict[str, Any]:
    """Figures over all rows and of each slice, and the share flagged of each kind."""
    return {
        "model": judged.model,
        "resampled": _resampled(judged),
        **_measured(judged, np.ones(len(judged.rows), dtype=np.bool_)),
        "by_kind": _by_kind(judged),
        **{
            f"by_{what}": {name: _measured(judged, np.array(names) == name) for name in sorted(set(names), key=_order)}
            for what, names in judged.slices.items()
        },
    }


def demanded(judged: Judged, demand: Demand) -> dict[str, Any]:
    """What to expect at the model's threshold, and at the lowest one that the reviewers' capacity allows."""
    how: dict[str, Any] = {"base_rate": demand.base_rate, "seed": SEED, "groups": judged.groups}
    found = {"expected": expected(judged.labels, judged.scores, judged.threshold, **how)}
    if demand.capacity is not None and demand.volume is not None:
        fits = demand.capacity / demand.volume
        found["at_capacity"] = at_capacity(judged.labels, judged.scores, fits, **how)
    return {
        "base_rate": demand.base_rate,
        "volume": demand.volume,
        "capacity": demand.capacity,
        **{name: {**one, **_a_day(one, demand.volume)} for name, one in found.items()},
    }


def compared(judged: Judged, against: Judged) -> dict[str, Any]:
    """Both models on the same rows, each at its own threshold; difference: the first one's figure minus the other's."""
    one, other = ((each.scores, each.threshold) for each in (judged, against))
    return {"against": against.model, **compare(judged.labels, one, other, SEED, judged.groups)}


def disguised(judged: Judged, classifier: Classifier) -> dict[str, Any]:
    """The share of recall that is lost when words of bypass, safeguard and evasion are written in each disguise.

    Of the alerting rows that a disguise changes. "known" forms are undone on purpose, "unseen" ones serve for testing.
    """
    places = np.flatnonzero(judged.labels == 1)
    rows, groups = [judged.rows[place] for place in places.tolist()], np.array(judged.groups, dtype=np.str_)[places]
    counts = np.array([_disguised(rows, judged.flagged[places], form, classifier) for form in FORMS])
    languages = np.array(judged.slices["language"], dtype=np.str_)[places]
    return {
        **_losses(counts, groups.tolist()),
        "forms": {form: _loss(counts[[place]], groups.tolist()) for place, form in enumerate(FORMS)},
        "by_language": {
            language: _losses(counts[:, :, languages == language], groups[languages == language].tolist())
            for language in sorted(set(languages.tolist()))
        },
    }


def _disguised(rows: Sequence[LabelledRow], flagged: Flags, form: str, classifier: Classifier) -> Scores:
    """(3, rows) which the form changes, and which of these are flagged before and after."""
    texts = [Text(disguise(row.text, form), row.title) for row in rows]
    changed = np.array([text.text != row.text for text, row in zip(texts, rows, strict=True)], dtype=np.bool_)
    after = np.zeros(len(rows), dtype=np.bool_)
    after[changed] = (
        _scores(classifier, [texts[place] for place in np.flatnonzero(changed).tolist()]) >= classifier.threshold
    )
    return np.array([changed, changed & flagged, after], dtype=np.float64)


def _losses(counts: Scores, groups: Sequence[str]) -> dict[str, Any]:
    """Of known and of unseen forms. counts: (forms, 3, rows)."""
    forms = list(FORMS)
    return {
        name: _loss(counts[[forms.index(form) for form in some]], groups)
        for name, some in (("known", KNOWN), ("unseen", UNSEEN))
    }


def _loss(counts: Scores, groups: Sequence[str]) -> dict[str, Any]:
    changed, before, after = counts.sum(axis=0)
    texts = int(changed.sum())
    return {
        "n": texts,
        "recall": float(before.sum() / texts) if texts else None,
        "recall_disguised": float(after.sum() / texts) if texts else None,
        **named("lost", lost(before, after, SEED, groups)),
    }


def _scores(classifier: Classifier, texts: Sequence[Text]) -> Scores:
    parts = [classifier.scores(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    return np.array([score for part in parts for score in part], dtype=np.float64)


def _named(rows: Sequence[LabelledRow]) -> list[bool]:
    parts = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
    return [bool(is_named) for part in parts for is_named in prepare([Text(row.text) for row in part]).named]


def _together(row: LabelledRow, place: int) -> tuple[str, str]:
    """By what the row hangs together with others, and the name of its group; where nothing is said, it is alone."""
    what = next((what for what in _TOGETHER if getattr(row, what)), "text")
    return what, f"{what} {getattr(row, what) if what in _TOGETHER else place}"


def _resampled(judged: Judged) -> dict[str, int]:
    """How many groups of each sort the intervals rest on."""
    found = dict.fromkeys(judged.groups)
    sorts = [group.split(" ", 1)[0] for group in found]
    return {what: sorts.count(what) for what in (*_TOGETHER, "text") if what in sorts}


def _length(text: str) -> str:
    return next(name for name, most in _LENGTHS.items() if most is None or len(text) <= most)


def _order(name: str) -> tuple[int, str]:
    """Lengths rise; all else goes by name."""
    return (list(_LENGTHS).index(name) if name in _LENGTHS else -1), name


def _measured(judged: Judged, of: Flags) -> dict[str, Any]:
    groups = [judged.groups[place] for place in np.flatnonzero(of).tolist()]
    return measure(judged.labels[of], judged.scores[of], judged.threshold, SEED, groups=groups)


def _by_kind(judged: Judged) -> dict[str, Any]:
    kinds, together = (
        np.array([row.kind for row in judged.rows], dtype=np.object_),
        numbered(judged.groups, len(judged.rows)),
    )
    found = {}
    for kind in sorted(set(kinds.tolist())):
        of = kinds == kind
        found[kind] = {
            "n": int(of.sum()),
            "positives": int(judged.labels[of].sum()),
            **named("flagged", grouped_share(judged.flagged[of], together[of])),
        }
    return found


def _a_day(found: Mapping[str, Any], volume: float | None) -> dict[str, Any]:
    share, within = found["flagged"], found["flagged_95"]
    known = None if volume is None or share is None else (share * volume, (within[0] * volume, within[1] * volume))
    return named("alerts_a_day", known)
