"""A linear model as plain arrays: one row of weights per head, each with its own calibration (pure).

The same numbers as scikit-learn's LogisticRegression followed by Platt scaling gives. Whether a text alerts is answered
by one of two heads: texts that name a bypass and texts that only hint at one are told by different things.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

NAMED, VEILED = "alerting, named", "alerting, veiled"
Scores = NDArray[np.float64]


class Examples(NamedTuple):
    """Labelled training texts, as sparse rows that say which columns each has; `nlp.exemplars` likens texts to them.

    ids, labels: (examples,); a label is 1 if alerting. bounds: (examples + 1,) where the columns of each begin.
    columns: rising numbers among the columns that are compared.
    """

    ids: NDArray[np.str_]
    labels: NDArray[np.int8]
    bounds: NDArray[np.int32]
    columns: NDArray[np.unsignedinteger]


NO_EXAMPLES = Examples(
    np.zeros(0, dtype="U1"), np.zeros(0, dtype=np.int8), np.zeros(1, dtype=np.int32), np.zeros(0, dtype=np.uint8)
)


@dataclass(frozen=True)
class Model:
    """Weights of the columns that were seen in training.

    heads: what each row of weights answers; NAMED and VEILED come first, then kinds of the taxonomy.
    columns: rising column numbers of the feature matrix. weights: (heads, columns) float32.
    bias, slope, shift: (heads,) float64; p = expit(slope * (w·x + bias) + shift).
    width: columns of the whole feature matrix. examples: what texts can be likened to.
    """

    heads: tuple[str, ...]
    columns: NDArray[np.int32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float64]
    slope: NDArray[np.float64]
    shift: NDArray[np.float64]
    width: int
    examples: Examples = NO_EXAMPLES

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it answers, in the order of the columns of `probabilities` after the first."""
        return self.heads[2:]

    @cached_property
    def wide(self) -> NDArray[np.float32]:
        """(width, heads) the weights of all columns, 0 for those that weren't seen."""
        wide = np.zeros((self.width, len(self.heads)), dtype=np.float32)
        wide[self.columns] = self.weights.T
        return wide

    @cached_property
    def _alerting(self) -> list[NDArray[np.float32]]:
        return [np.ascontiguousarray(column) for column in self.wide[:, :2].T]

    @cached_property
    def _kinds(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.wide[:, 2:])

    def scores(self, rows: sparse.csr_matrix, named: NDArray[np.bool_]) -> Scores:
        """(texts,) calibrated probability of alerting. named: (texts,).

        A vector at a time: much quicker than both at once, as the processor then fetches weights ahead.
        """
        logits = np.stack([rows @ column for column in self._alerting], axis=1).astype(np.float64)
        found = self.calibrated(logits + self.bias[:2], slice(2))
        return np.where(named, found[:, 0], found[:, 1])

    def probabilities(self, rows: sparse.csr_matrix, named: NDArray[np.bool_]) -> Scores:
        """Calibrated probabilities, (texts, 1 + kinds): of alerting, and of each kind. named: (texts,)."""
        kinds = np.asarray(rows @ self._kinds, dtype=np.float64) + self.bias[2:]
        return np.column_stack([self.scores(rows, named), self.calibrated(kinds, slice(2, None))])

    def calibrated(self, logits: Scores, heads: NDArray[np.int64] | slice) -> Scores:
        """Logits of these heads as probabilities, of the same shape."""
        return np.asarray(expit(self.slope[heads] * logits + self.shift[heads]), dtype=np.float64)
