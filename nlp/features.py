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
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize as unit_rows

from nlp.assessment import Span, Text
from nlp.lexicon import Hit, plain
from nlp.normalize import Normalized, Normalizer
from nlp.rules import BYPASS, gate, match

# Raised when the same text gives other numbers than before: models trained earlier no longer fit.
VERSION = 4
WORD_COLUMNS = 2**17
CHAR_COLUMNS = 2**17
CONCEPT_COLUMNS = 2**14
COLUMNS = WORD_COLUMNS + CHAR_COLUMNS + CONCEPT_COLUMNS

# A word, or in Chinese, which doesn't part them, a character.
_WORD = r"[\u2e80-\u9fff]|[^\W\u2e80-\u9fff]+"
_BREAK = re.compile(r"[.!?。！？؟\n]+|$")
_ASKED = frozenset("?？؟")
_CORE = frozenset({"jailbreak", "uncensored", "safeguard", "evade", "access", "disguise"})
_CONTEXT = frozenset({"jailbreak", "uncensored", "safeguard", "ai", "phone", "trade"})
_DISGUISED = ("jailbreak", "uncensored", "safeguard", "evade")
_NEAR_CHARS = 40
_MAX_CONTEXT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text made ready once for all blocks: normalized, its term hits, its rule matches (offsets into `read.text`)."""

    read: Normalized
    hits: tuple[Hit, ...]
    rules: tuple[Span, ...]
    around: frozenset[str]

    @property
    def named(self) -> bool:
        """Whether the text names a bypass, or all that makes one."""
        return gate(self.hits)


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    """The normalizer that knows the words people disguise."""
    return Normalizer(plain().words(_DISGUISED), plain("en").words(BYPASS))


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
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def named(prepared: Sequence[Prepared]) -> NDArray[np.bool_]:
    """(texts,) which of them name a bypass."""
    return np.array([item.named for item in prepared], dtype=np.bool_)


def _concepts(prepared: Sequence[Prepared]) -> sparse.csr_matrix:
    hasher = FeatureHasher(CONCEPT_COLUMNS, input_type="string", alternate_sign=False)
    rows = hasher.transform(sorted(set(_names(item))) for item in prepared)
    rows.data = np.minimum(rows.data, 1.0)
    return sparse.csr_matrix(unit_rows(rows))


def _names(item: Prepared) -> Iterator[str]:
    """Concepts, pairs of them in sentence and post, neighbours, rules, and what title and quotes add.

    Pairs count only with a concept of the subject in them; all others would drown these.
    """
    seen = {hit.concept for hit in item.hits}
    yield from seen
    for sentence in _sentences(item):
        present = sorted(set(sentence))
        yield from (f"{one}+{two}" for one, two in product(present, present) if one < two and {one, two} & _CORE)
        yield from (f"{one}>{two}" for one, two in pairwise(sentence) if {one, two} & _CORE)
    yield from (f"post:{one}+{two}" for one, two in product(seen & _CORE, seen))
    yield from _near(item.hits)
    yield from (f"rule:{span.reason}" for span in item.rules)
    yield from (f"around:{concept}" for concept in item.around)
    yield from (f"around:{one}+{two}" for one, two in product(item.around, seen) if two in _CORE)


def _near(hits: Sequence[Hit]) -> Iterator[str]:
    """What stands close before and after each name of a bypass."""
    for place, hit in enumerate(hits):
        if hit.concept not in BYPASS:
            continue
        for step in (-1, 1):
            other = place + step
            while 0 <= other < len(hits) and abs(hits[other].start - hit.start) < _NEAR_CHARS:
                yield f"near:{hit.concept}{'<' if step < 0 else '>'}{hits[other].concept}"
                other += step


def _sentences(item: Prepared) -> Iterator[list[str]]:
    """The concepts of each sentence that has any, in order; a question ends with the concept "asked"."""
    hits = iter(item.hits)
    hit = next(hits, None)
    for stop in _BREAK.finditer(item.read.text):
        sentence = []
        while hit is not None and hit.start < max(stop.start(), 1):
            sentence.append(hit.concept)
            hit = next(hits, None)
        if sentence:
            yield [*sentence, "asked"] if not _ASKED.isdisjoint(stop.group()) else sentence


def _damped(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Logarithmic counts in rows of length 1, so that a long post is no louder than a short one."""
    rows.data = np.log1p(rows.data)
    return sparse.csr_matrix(unit_rows(rows))


@lru_cache(maxsize=1)
def _words() -> HashingVectorizer:
    return HashingVectorizer(
        n_features=WORD_COLUMNS,
        ngram_range=(1, 2),
        token_pattern=_WORD,
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
