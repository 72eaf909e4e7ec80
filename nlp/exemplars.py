"""The labelled examples a text is most like, for a person to compare it with.

Examples are TF-IDF vectors over words, pairs of words and concepts, each column multiplied by what it weighs in the
model: texts are alike if the same things decide about them, in any language. As in Sentinel (Roblox 2025), likeness to
examples that alert stands against likeness to others; a person sees both, the score uses neither (docs/decisions/0014).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.assessment import Exemplar, Text
from nlp.features import matrix, prepare, widths
from nlp.model import Examples, Model

_SHOWN = 3
# Two examples this like each other tell a person the same.
_SAME = 0.8
_NEAREST = 20


def remember(model: Model, rows: sparse.csr_matrix, ids: Sequence[str], labels: NDArray[np.int8]) -> Examples:
    """The rows of the training matrix that have an id, as the model keeps them."""
    names = np.array(ids, dtype=np.str_)
    kept = names != ""
    found = rows[kept][:, _columns(model)]
    found.sum_duplicates()
    return Examples(
        ids=names[kept],
        labels=labels[kept],
        bounds=found.indptr.astype(np.int32),
        columns=found.indices.astype(np.min_scalar_type(found.shape[1])),
    )


class Likeness:
    """Finds the examples of a model that a text is like."""

    def __init__(self, model: Model) -> None:
        examples = model.examples
        self._ids, self._labels = examples.ids, examples.labels
        self._columns = _columns(model)
        shape = len(self._ids), len(self._columns)
        ones = np.ones(len(examples.columns), dtype=np.float32)
        rows = sparse.csr_matrix((ones, examples.columns.astype(np.int32), examples.bounds), shape=shape)
        self._heavy = _inverse_frequency(rows) * _weights(model)
        lengths = np.sqrt(rows @ self._heavy**2)
        shrink = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        self._vectors = sparse.csr_matrix(sparse.diags_array(shrink) @ rows @ sparse.diags_array(self._heavy))

    def nearest(self, text: Text) -> tuple[Exemplar, ...]:
        """At most three examples, most alike first, at least one of each label if any of it is alike at all."""
        present = np.isin(self._columns, matrix(prepare([text])).indices)
        vector = np.where(present, self._heavy, np.float32(0))
        alike = self._vectors @ (vector / (np.linalg.norm(vector) or 1))
        chosen = self._told_apart(alike)
        return tuple(Exemplar(str(self._ids[at]), int(self._labels[at]), round(float(alike[at]), 3)) for at in chosen)

    def _told_apart(self, alike: NDArray[np.float32]) -> list[int]:
        """The examples most alike that aren't alike among themselves, most alike first."""
        order = np.argsort(-alike, kind="stable")
        near = np.sort([place for label in (0, 1) for place in np.flatnonzero(self._labels[order] == label)[:_NEAREST]])
        places = order[near.astype(np.int64)]
        labels, free = self._labels[places], alike[places] > 0
        same = (self._vectors[places] @ self._vectors[places].T).toarray() >= _SAME
        chosen: list[int] = []
        while len(chosen) < _SHOWN and free.any():
            first = int(free.argmax())
            chosen.append(first)
            free &= ~same[first]
            free[first] = False
            if len(chosen) == _SHOWN - 1 and len(set(labels[chosen].tolist())) == 1:
                free &= labels != labels[first]
        found: list[int] = places[chosen].tolist()
        return found


def _columns(model: Model) -> NDArray[np.int32]:
    """The columns of the model that are words or concepts; groups of letters would only make likeness blurred."""
    words, letters, _ = widths()
    return model.columns[(model.columns < words) | (model.columns >= words + letters)]


def _weights(model: Model) -> NDArray[np.float32]:
    """(columns,) what each weighs, whichever way, in texts that name a bypass and in others together."""
    chosen = np.isin(model.columns, _columns(model))
    weights: NDArray[np.float32] = np.abs(model.weights[:2, chosen]).sum(axis=0)
    return weights


def _inverse_frequency(rows: sparse.csr_matrix) -> NDArray[np.float32]:
    """(columns,) the smoothed inverse document frequency of scikit-learn's TfidfTransformer."""
    count, width = rows.shape
    idf = np.log((1 + count) / (1 + np.bincount(rows.indices, minlength=width))) + 1
    return idf.astype(np.float32)
