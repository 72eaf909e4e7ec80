"""Term lists by concept, and where their terms stand in texts.

Terms are folded as texts are and matched over normalized text. They count only as whole tokens; those with an open
ending, in Chinese, which parts no words, and in Arabic, which writes particles with the word, are matched by letters
(Aho-Corasick).
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from nlp.normalize import fold
from nlp.normalize.folding import english
from nlp.sequences import Sequences
from nlp.tokens import Places, Tokens, is_han, tokens

TERMS = Path(__file__).parent / "terms.toml"
_MAX_ENDING = 8
# Words for a bypass are too new for any list of English.
BYPASS = ("jailbreak", "uncensored")
# The concepts whose words people disguise.
DISGUISED = ("jailbreak", "uncensored", "safeguard", "evade")
_TELLING_PARTS = ("jailbreak", "safeguard")
_ENDINGS = ("e", "s", "es", "d", "ed", "er", "ers", "ing", "ings", "ion", "ions", "ship")
_COINED_ENDINGS = ("s", "es", "ed", "er", "ing", "ion", "ions")
_PARTED = re.compile(r"[ -]")
_MIN_VOCABULARY_CHARS = 5
_MAX_BEFORE = 4
_MAX_LENGTH = MAX_CONCEPTS = 0xFFFF
# "and", "so", "with", "for", "like" before the article or alone; "to the" writes its article short.
_BEFORE = {w + a for w in ("", "و", "ف", "ب", "ل", "ك", "وب", "ول") for a in ("", "ال")} | {"لل", "ولل", "هال", "عال"}
_ARABIC = range(0x0620, 0x064B)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in normalized text: half-open offsets and the concept it stands for."""

    start: int
    end: int
    concept: str


@dataclass(frozen=True, slots=True)
class Hits:
    """Terms found in many texts, by text and start, of those the longest first; all arrays are (hits,).

    starts, ends: half-open, in the joined texts. concepts: number of the concept, in the order of the lexicon.
    """

    starts: Places
    ends: Places
    concepts: Places


class Lexicon:
    """Terms by concept; "stem*" also takes up to eight letters of ending."""

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        pairs = [(fold(term), concept) for concept, listed in terms.items() for term in listed]
        patterns = list(_patterns([term for term, _ in pairs]))
        # a term without letters or telling signs stands nowhere
        pairs = [pair for pair, pattern in zip(pairs, patterns, strict=True) if pattern]
        patterns = list(filter(None, patterns))
        self.concepts = tuple(terms)
        self._stems = [(term.rstrip("*"), term.endswith("*"), concept) for term, concept in pairs]
        number = {concept: place for place, concept in enumerate(self.concepts)}
        self._concepts = np.array([number[concept] for _, concept in pairs], dtype=np.int64)
        self._open = np.array([is_open for _, is_open, _ in self._stems], dtype=np.bool_)
        self._before = np.array([pattern.startswith(" ") for pattern in patterns], dtype=np.int64)
        self._after = np.array([pattern.endswith(" ") for pattern in patterns], dtype=np.int64)
        whole = (self._before & self._after).astype(np.bool_)
        self._whole, self._inside = np.flatnonzero(whole), np.flatnonzero(~whole)
        self._sequences = Sequences([patterns[term] for term in self._whole])
        self._automaton = AhoCorasick([patterns[term] for term in self._inside]) if len(self._inside) else None

    def find(self, text: str) -> list[Hit]:
        """Every term in the normalized text, by start; overlapping ones too."""
        hits = self.find_many(tokens([text]))
        rows = zip(hits.starts.tolist(), hits.ends.tolist(), hits.concepts.tolist(), strict=True)
        return [Hit(start, end, self.concepts[concept]) for start, end, concept in rows]

    def find_many(self, read: Tokens) -> Hits:
        """The same of many texts at once. A term never reaches over the end of a sentence."""
        terms, first, last = np.concatenate((self._find_whole(read), self._find_inside(read)), axis=1)
        lengths = read.places[last] + read.ends[last] - read.starts[last] - read.places[first]
        kept = (read.sentences[first] == read.sentences[last]) & (lengths <= _MAX_LENGTH)
        return _in_order(read.places[first[kept]], lengths[kept], self._concepts[terms[kept]])

    def _find_whole(self, read: Tokens) -> Places:
        """(3, hits): term, first and last token of terms that are whole tokens."""
        numbers, first, last = self._sequences.find(read)
        return np.stack((self._whole[numbers], first, last))

    def _find_inside(self, read: Tokens) -> Places:
        """The same of terms that may begin or end inside a token."""
        if self._automaton is None:
            return np.zeros((3, 0), dtype=np.int64)
        matches = self._automaton.find_matches_as_indexes(read.string, overlapping=True)
        flat = np.fromiter(chain.from_iterable(matches), dtype=np.int64, count=3 * len(matches))
        numbers, starts, ends = flat.reshape(-1, 3).T
        terms = self._inside[numbers]
        starts, ends = starts + self._before[terms], ends - self._after[terms]
        first, last = (np.searchsorted(read.starts, places, side="right") - 1 for places in (starts, ends - 1))
        rest = read.ends[last] - ends
        kept = (rest <= np.where(self._open[terms], _MAX_ENDING, 0)) & _may_begin(read, first, starts)
        return np.stack((terms, first, last))[:, kept]

    def parts(self) -> frozenset[str]:
        """Every word of every term: none of them is another word in disguise."""
        return frozenset(part for stem, _, _ in self._stems for part in _PARTED.split(stem))

    def words(self, concepts: Iterable[str]) -> frozenset[str]:
        """The words of these concepts that are long enough to be known when disguised.

        Open ones with the endings English gives them; parts of a phrase only where they belong to the subject alone.
        """
        chosen = set(concepts)
        found = {
            word
            for stem, is_open, concept in self._stems
            if concept in chosen and (" " not in stem or concept in _TELLING_PARTS)
            for word in _forms(stem, is_open, concept)
        }
        return frozenset(word for word in found if len(word) >= (2 if is_han(word[0]) else _MIN_VOCABULARY_CHARS))

    def stems(self, concepts: Iterable[str]) -> frozenset[str]:
        """The open single words of these concepts that are long enough to be known when disguised."""
        chosen = set(concepts)
        return frozenset(
            stem
            for stem, is_open, concept in self._stems
            if is_open and concept in chosen and stem.isalpha() and len(stem) >= _MIN_VOCABULARY_CHARS
        )

    def whole(self, words: Sequence[str], concepts: Iterable[str]) -> frozenset[str]:
        """Those of the folded words that are, from end to end, a term of these concepts with or without an ending."""
        read = tokens(words)
        hits, chosen = self.find_many(read), [self.concepts.index(concept) for concept in concepts]
        texts = np.searchsorted(read.firsts, hits.starts, side="right") - 1
        lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))[texts]
        whole = (hits.ends - hits.starts == lengths) & np.isin(hits.concepts, chosen)
        return frozenset(words[place] for place in texts[whole].tolist() if len(words[place]) >= _MIN_VOCABULARY_CHARS)


@lru_cache
def plain(language: str = "") -> Lexicon:
    """The lexicon that ships with the package: the terms of all languages, or those of one."""
    concepts = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    chosen = {name: [terms[own] for own in terms if language in ("", own)] for name, terms in concepts.items()}
    return Lexicon({name: [term for listed in lists for term in listed] for name, lists in chosen.items()})


def _forms(stem: str, is_open: bool, concept: str) -> Iterator[str]:
    parts = [part for part in _PARTED.split(stem) if part.isalpha()]
    yield from parts
    if is_open and parts:
        yield from (word for ending in _ENDINGS if (word := parts[-1] + ending) in english())
    if is_open and stem.isalpha() and concept in BYPASS:
        yield from (stem + ending for ending in (*_COINED_ENDINGS, *(("e",) if stem.endswith("at") else ())))


def _patterns(terms: Sequence[str]) -> Iterator[str]:
    """Each term as it stands among tokens, with the spaces round it but for those it may lack; "" for no tokens."""
    read = tokens([term.rstrip("*") for term in terms])
    bounds = np.searchsorted(read.texts, np.arange(len(terms) + 1)).tolist()
    for term, first, stop in zip(terms, bounds, bounds[1:], strict=False):
        found = read.string[read.starts[first] - 1 : read.ends[stop - 1] + 1] if first < stop else ""
        if found and (is_han(found[1]) or ord(found[1]) in _ARABIC):
            found = found[1:]
        yield found[:-1] if found and (term.endswith("*") or is_han(found[-2])) else found


def _in_order(starts: Places, lengths: Places, concepts: Places) -> Hits:
    """Each once, by start, of those the longest first: sorted as one number each, which is quickest."""
    keys = np.sort((starts << 32) | ((_MAX_LENGTH - lengths) << 16) | concepts)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    starts = keys >> 32
    return Hits(starts, starts + _MAX_LENGTH - (keys >> 16 & _MAX_LENGTH), keys & 0xFFFF)


def _may_begin(read: Tokens, first: Places, starts: Places) -> NDArray[np.bool_]:
    """Whether a term may begin there: at a token, or behind the particles that Arabic writes with the word."""
    before = starts - read.starts[first]
    allowed: NDArray[np.bool_] = before == 0
    for place in np.flatnonzero((before > 0) & (before <= _MAX_BEFORE)).tolist():
        particles = read.codes[read.starts[first[place]] : starts[place]]
        allowed[place] = "".join(map(chr, particles.tolist())) in _BEFORE
    return allowed
