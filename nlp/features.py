"""From a text to numbers: hashed words, hashed letter groups, and which concepts stand together.

The third block is what carries over to talk unlike the corpus: "looking for" beside "uncensored" means the same in any
forum.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

import numpy as np
from scipy import sparse
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize as unit_rows

from nlp.assessment import Span, Text
from nlp.lexicon import Hit, plain
from nlp.normalize import Normalized, Normalizer
from nlp.rules import gate, match

# Raised when the same text gives other numbers than before: models trained earlier no longer fit.
VERSION = 1
WORD_COLUMNS = 2**17
CHAR_COLUMNS = 2**17
CONCEPT_COLUMNS = 2**14
COLUMNS = WORD_COLUMNS + CHAR_COLUMNS + CONCEPT_COLUMNS
WEIGHTS = (1.0, 0.7, 1.5)

_BREAK = re.compile(r"[.!?\n]+")
_CONTEXT = frozenset({"jailbreak", "uncensored", "safeguard", "ai", "phone", "trade"})
_DISGUISED = ("jailbreak", "uncensored", "safeguard", "evade")
_MAX_CONTEXT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text made ready once for all blocks: normalized, its term hits, its rule matches (offsets into `read.text`)."""

    read: Normalized
    hits: tuple[Hit, ...]
    rules: tuple[Span, ...]
    around: frozenset[str]


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    """The normalizer that knows the words people disguise."""
    return Normalizer(plain().words(_DISGUISED))


def prepare(text: Text) -> Prepared:
    """Normalize and match one text; its title and quotes count only as concepts around it."""
    read = normalizer()(text.text)
    hits = tuple(plain().find(read.text))
    rules = match(read.text, hits) if gate(hits) else ()
    around = normalizer()(f"{text.title}\n{text.quoted}"[:_MAX_CONTEXT_CHARS]).text
    return Prepared(read, hits, rules, frozenset(hit.concept for hit in plain().find(around)) & _CONTEXT)


def matrix(prepared: Sequence[Prepared]) -> sparse.csr_matrix:
    """One row per text, COLUMNS wide."""
    texts = [item.read.text for item in prepared]
    blocks = (_damped(_words().transform(texts)), _damped(_chars().transform(texts)), _concepts(prepared))
    weighted = [block * weight for block, weight in zip(blocks, WEIGHTS, strict=True)]
    return sparse.csr_matrix(sparse.hstack(weighted, format="csr"))


def _concepts(prepared: Sequence[Prepared]) -> sparse.csr_matrix:
    hasher = FeatureHasher(CONCEPT_COLUMNS, input_type="string", alternate_sign=False)
    rows = hasher.transform(sorted(set(_names(item))) for item in prepared)
    rows.data = np.minimum(rows.data, 1.0)
    return sparse.csr_matrix(unit_rows(rows))


def _names(item: Prepared) -> Iterator[str]:
    """Concepts, pairs of them in one sentence, neighbours in order, rules, and what title and quotes add."""
    seen = {hit.concept for hit in item.hits}
    yield from seen
    for sentence in _sentences(item):
        present = sorted({hit.concept for hit in sentence})
        yield from (f"{one}+{two}" for one, two in product(present, present) if one < two)
        yield from (f"{one.concept}>{two.concept}" for one, two in pairwise(sentence))
    yield from (f"rule:{span.reason}" for span in item.rules)
    yield from (f"around:{concept}" for concept in item.around)
    yield from (f"around:{one}+{two}" for one, two in product(item.around, seen))


def _sentences(item: Prepared) -> Iterator[list[Hit]]:
    stops = [found.start() for found in _BREAK.finditer(item.read.text)]
    sentence: list[Hit] = []
    place = 0
    for hit in item.hits:
        if place < len(stops) and hit.start > stops[place]:
            yield sentence
            sentence = []
            while place < len(stops) and hit.start > stops[place]:
                place += 1
        sentence.append(hit)
    yield sentence


def _damped(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Logarithmic counts in rows of length 1, so that a long post is no louder than a short one."""
    rows.data = np.log1p(rows.data)
    return sparse.csr_matrix(unit_rows(rows))


@lru_cache(maxsize=1)
def _words() -> HashingVectorizer:
    return HashingVectorizer(
        n_features=WORD_COLUMNS,
        ngram_range=(1, 2),
        token_pattern=r"(?u)\w+",  # noqa: S106 - a pattern, not a password
        lowercase=False,
        alternate_sign=False,
        norm=None,
    )


@lru_cache(maxsize=1)
def _chars() -> HashingVectorizer:
    return HashingVectorizer(
        n_features=CHAR_COLUMNS,
        analyzer="char_wb",
        ngram_range=(3, 5),
        lowercase=False,
        alternate_sign=False,
        norm=None,
    )
