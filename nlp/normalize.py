"""Undo obfuscation, keeping a map back to the original (pure).

Always: NFKC and casefold per character, accents, zero-width and other format characters dropped, look-alike letters
inside Latin words. Only where the result is a known word, so that ordinary text stays as it is: leet, separators inside
a word, stars for letters, repeated letters, one typing error.
"""

import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Cyrillic and Greek letters that look like Latin ones, casefolded (subset of Unicode TR39 confusables).
_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһкмтвнпгԛԝαεορυχικνητβγωϲ",
    "aeopcyxijsdhkmtbhnrqwaeopuxiknhtbywc",
)
# Written either way: Turkish i without its dot, Ukrainian ґ, Arabic final letters, the apostrophe, traditional Chinese.
_HAN = tomllib.loads((Path(__file__).parent / "han.toml").read_text(encoding="utf-8"))
_EITHER = str.maketrans("ıґىة’" + _HAN["traditional"], "iгيه'" + _HAN["simplified"])
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cs"})
_FILLERS = "\u3164\u0640"  # Hangul filler, Arabic tatweel
_LEET = str.maketrans("013457@$!|8€", "oieastasi" + "lbe")
_TOKEN = re.compile(r"[^\s,;:()\[\]{}<>\"“”«»]+")
_SPACED = re.compile(r"(?<!\w)\w(?:[ .,\-_*·|/~]+\w){3,}(?!\w)")
# Two words that may be one: the second is only looked at, since it may also begin the next pair.
_SPLIT = re.compile(r"\b(\w{2,20})(?= (\w{2,20})\b)")
_AROUND = ".,!?'*-_~،؟؛。，！？、"
_SEPARATORS = re.compile(r"[\W_]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MIN_TYPO_CHARS = 8
_MAX_TOKEN_CHARS = 40


@dataclass(frozen=True, slots=True)
class Normalized:
    """A readable form and the way back.

    offsets: for each character of text, and its end, the place in the original, never falling; None where text has the
    places of the original.
    """

    text: str
    offsets: tuple[int, ...] | None
    original_length: int

    def map(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that became text[start:end]."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], max(self.offsets[end], self.offsets[start])


class Normalizer:
    """Holds the known words (casefolded, without accents); calling it normalizes a text.

    mistyped: those of them that no ordinary word resembles, so that a typing error may be undone.
    """

    def __init__(self, vocabulary: Collection[str], mistyped: Collection[str]) -> None:
        self._words = frozenset(vocabulary)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(self._words):
            self._by_length[len(word)].append(word)
        self._shortened: dict[str, str] = {}
        for word in sorted(self._words.intersection(mistyped)):
            if len(word) >= _MIN_TYPO_CHARS and word.isascii():
                self._shortened.update(dict.fromkeys(_shortened(word), word))
        self._repair = lru_cache(maxsize=65536)(self._repaired)

    def __call__(self, text: str) -> Normalized:
        if text.isascii():
            folded, places = text.lower(), None
        else:
            folded, places = fold(text), _places(text)
        edits = self._edits(folded)
        if not edits:
            offsets = None if places is None else (*places, len(text))
            return Normalized(folded, offsets, len(text))
        return _apply(folded, places or list(range(len(folded))), edits, len(text))

    def _edits(self, text: str) -> list[tuple[int, int, str]]:
        """Replacements (start, end, word), in order; of overlapping ones the first, spaced-out words before others."""
        kept: list[tuple[int, int, str]] = []
        for found in (self._spaced(text), self._split(text), self._tokens(text)):
            busy = kept.copy()
            end = 0
            for edit in found:
                place = bisect_left(busy, edit)
                before = max(end, busy[place - 1][1] if place else 0)
                if before <= edit[0] and (place == len(busy) or edit[1] <= busy[place][0]):
                    kept.append(edit)
                    end = edit[1]
            kept.sort()
        return kept

    def _spaced(self, text: str) -> Iterator[tuple[int, int, str]]:
        for match in _SPACED.finditer(text):
            if (word := self._known(_SEPARATORS.sub("", match.group()))) is not None:
                yield match.start(), match.end(), word

    def _split(self, text: str) -> Iterator[tuple[int, int, str]]:
        for match in _SPLIT.finditer(text):
            if (word := match[1] + match[2]) in self._words:
                yield match.start(1), match.end(2), word

    def _tokens(self, text: str) -> Iterator[tuple[int, int, str]]:
        for match in _TOKEN.finditer(text):
            token = match.group()
            if len(token) <= _MAX_TOKEN_CHARS and token not in self._words and (found := self._repair(token)):
                yield match.start() + found[0], match.start() + found[1], found[2]

    def _repaired(self, token: str) -> tuple[int, int, str] | None:
        """Where in the token a known word hides, and which; None if the token stays as it is."""
        latin = _latin(token)
        core = latin.strip(_AROUND)
        start = latin.find(core)
        word = core if core in self._words else self._hidden(core)
        if word is not None:
            return (start, start + len(core), word) if word != token[start : start + len(core)] else None
        return (0, len(token), latin) if latin != token else None

    def _hidden(self, core: str) -> str | None:
        if len(core) < 4:
            return None
        if any(mark in core for mark in "*#_") and (word := self._starred(core)) is not None:
            return word
        joined = _SEPARATORS.sub("", core)
        for candidate in (joined, _SEPARATORS.sub("", core.translate(_LEET))):
            if (word := self._known(candidate)) is not None:
                return word
        return None

    def _known(self, candidate: str) -> str | None:
        if candidate in self._words:
            return candidate
        single = re.sub(r"(.)\1+", r"\1", candidate)
        if single in self._words and re.search(r"(.)\1\1", candidate):
            return single
        return self._mistyped(candidate)

    def _mistyped(self, candidate: str) -> str | None:
        if len(candidate) < _MIN_TYPO_CHARS - 1:
            return None
        found = (self._shortened.get(form) for form in _shortened(candidate))
        return next((word for word in found if word is not None and _one_error(word, candidate)), None)

    def _starred(self, core: str) -> str | None:
        pattern = re.compile("".join("." if char in "*#_" else re.escape(char) for char in core))
        letters = sum(char.isalpha() for char in core)
        if letters * 2 < len(core):
            return None
        return next((word for word in self._by_length.get(len(core), ()) if pattern.fullmatch(word)), None)


def fold(text: str) -> str:
    """Casefolded, without accents, points, hamza and invisible characters; one letter for those written either way."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def _places(text: str) -> list[int]:
    """For each character of the folded text, the place it comes from."""
    return [place for place, char in enumerate(text) for _ in char.translate(_FOLDS)]


class _Folds(dict[int, str]):
    """What each code point folds to, worked out when first met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        decomposed = unicodedata.normalize("NFKD", char).casefold()
        bare = "".join(part for part in decomposed if unicodedata.category(part) not in _UNSEEN)
        self[point] = bare.translate(_EITHER) if char not in _FILLERS else ""
        return self[point]


_FOLDS = _Folds()


def _latin(token: str) -> str:
    """The token with look-alikes replaced, if it has a Latin letter and every other letter looks like one."""
    if token.isascii() or not any("a" <= char <= "z" for char in token):
        return token
    latin = token.translate(_CONFUSABLE)
    return latin if all(char.isascii() or not char.isalpha() for char in latin) else token


def _apply(text: str, places: list[int], edits: list[tuple[int, int, str]], length: int) -> Normalized:
    parts: list[str] = []
    offsets: list[int] = []
    done = 0
    for start, end, word in edits:
        parts += [text[done:start], word]
        offsets += places[done:start]
        offsets += [places[start + index * (end - start) // len(word)] for index in range(len(word))]
        done = end
    parts.append(text[done:])
    offsets += places[done:]
    return Normalized("".join(parts), (*offsets, length), length)


def _shortened(word: str) -> Iterator[str]:
    """The word, and all forms of it that lack one letter other than the first."""
    yield word
    yield from (word[:cut] + word[cut + 1 :] for cut in range(1, len(word)))


def _one_error(one: str, two: str) -> bool:
    """Whether words, alike once each lost a letter, differ by one substitution, swap, insertion or deletion."""
    if len(one) != len(two):
        return True
    wrong = [place for place in range(len(one)) if one[place] != two[place]]
    if len(wrong) != 2:
        return len(wrong) == 1
    first, second = wrong
    return second == first + 1 and one[first] == two[second] and one[second] == two[first]
