"""Has the talk moved away from what the model learned? Scores against earlier ones, words against known ones (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from nlp.train import corpus_rows

LEAST = 100
"""Scores on either side below which nothing is said."""

_BINS = 10
_EMPTY = 0.5
"""What a bin counts as that is empty on one side: a part of one score."""
# As the model reads: a word, or in Chinese, which doesn't part them, a character.
_WORD = re.compile(r"[\u2e80-\u9fff]|[^\W\d_\u2e80-\u9fff]+")


def stability_index(before: Sequence[float], now: Sequence[float]) -> float | None:
    """Population stability index of scores over tenths of the earlier ones; None with fewer than LEAST on a side.

    Usually read as: below 0.1 steady, above 0.25 changed. Source: Siddiqi 2006, Credit Risk Scorecards, chapter 9.
    """
    if min(len(before), len(now)) < LEAST:
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1], method="inverted_cdf"))
    counts = np.stack(
        [np.bincount(np.searchsorted(edges, part, side="right"), minlength=len(edges) + 1) for part in (before, now)]
    )
    filled = np.maximum(counts[:, counts.any(axis=0)], _EMPTY)
    old, new = filled / filled.sum(axis=1, keepdims=True)
    return float(((new - old) * np.log(new / old)).sum())


@dataclass(slots=True)
class Unknown:
    """How many words were counted, and how many of them aren't known; the texts needn't be kept."""

    words: int = 0
    unknown: int = 0

    def count(self, text: str, known: frozenset[str]) -> None:
        """The words of one more text."""
        words = words_of(text)
        self.words += len(words)
        self.unknown += sum(word not in known for word in words)

    @property
    def share(self) -> float | None:
        """Of the words that aren't known; None where there is no word."""
        return self.unknown / self.words if self.words else None


def words_of(text: str) -> list[str]:
    """Its words in order, without case and numbers."""
    return _WORD.findall(text.casefold())


@cache
def corpus_words() -> frozenset[str]:
    """Every word the corpus teaches with."""
    return frozenset(word for row in corpus_rows() if row.split == "train" for word in words_of(row.text.text))
