"""A linear model as plain arrays: one row of weights per head, each with its own calibration (pure).

The same numbers as scikit-learn's LogisticRegression followed by Platt scaling gives.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

MAIN = "alerting"


@dataclass(frozen=True)
class Model:
    """Weights of the columns that were seen in training.

    heads: what each row of weights answers; MAIN is the first. columns: rising column numbers of the feature matrix.
    weights: (heads, columns) float32. bias, slope, shift: (heads,) float64; p = expit(slope * (w·x + bias) + shift).
    width: columns of the whole feature matrix.
    """

    heads: tuple[str, ...]
    columns: NDArray[np.int32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float64]
    slope: NDArray[np.float64]
    shift: NDArray[np.float64]
    width: int

    @cached_property
    def _wide(self) -> NDArray[np.float64]:
        wide = np.zeros((self.width, len(self.heads)))
        wide[self.columns] = self.weights.T
        return wide

    def probabilities(self, rows: sparse.csr_matrix) -> NDArray[np.float64]:
        """Calibrated probabilities, (texts, heads)."""
        logits = np.asarray(rows @ self._wide, dtype=np.float64) + self.bias
        return np.asarray(expit(self.slope * logits + self.shift), dtype=np.float64)
