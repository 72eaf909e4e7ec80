"""Measure a model on a user's labelled texts."""

from pathlib import Path
from typing import Any

import numpy as np

from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.metrics import Labels, measure, share
from nlp.model import Scores
from nlp.rows import LabelledRow, read_rows

_SEED = 7
_BATCH = 500


def evaluate_file(path: Path, classifier: Classifier) -> dict[str, Any]:
    """Figures over all rows {id, text, label, kind, title?} of the file, and the share flagged of each kind.

    Raises: Corrupt: a line can't be used; the message names it.
    """
    rows = list(read_rows(path))
    scores = _scores(rows, classifier)
    labels = np.array([row.label for row in rows], dtype=np.int8)
    return {
        "model": classifier.model_id,
        **measure(labels, scores, classifier.threshold, _SEED),
        "by_kind": _by_kind(rows, labels, scores >= classifier.threshold),
    }


def _scores(rows: list[LabelledRow], classifier: Classifier) -> Scores:
    scores: list[float] = []
    for start in range(0, len(rows), _BATCH):
        batch = [Text(row.text, row.title) for row in rows[start : start + _BATCH]]
        scores += [assessment.score for assessment in classifier.assess(batch)]
    return np.array(scores, dtype=np.float64)


def _by_kind(
    rows: list[LabelledRow], labels: Labels, flagged: np.ndarray[tuple[int], np.dtype[np.bool]]
) -> dict[str, Any]:
    kinds = np.array([row.kind for row in rows], dtype=object)
    found = {}
    for kind in sorted(set(kinds.tolist())):
        of_kind = kinds == kind
        known = share(int(flagged[of_kind].sum()), int(of_kind.sum()))
        found[kind] = {
            "n": int(of_kind.sum()),
            "positives": int(labels[of_kind].sum()),
            "flagged": known[0] if known else None,
            "flagged_95": list(known[1]) if known else None,
        }
    return found
