"""Undo obfuscation, keeping a map back to the original (pure).

Always: NFKC and casefold per character, accents, zero-width and other format characters dropped, look-alike letters
inside Latin words. Only where the result is a known word, so that ordinary text stays as it is: leet, separators inside
a word, stars for letters, repeated letters, one typing error.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

# Cyrillic and Greek letters that look like Latin ones, casefolded (subset of Unicode TR39 confusables).
_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһкмтвнпгԛԝαεορυχικνητβγωϲ",
    "aeopcyxijsdhkmtbhnrqwaeopuxiknhtbywc",
)
_LEET = str.maketrans("013457@$!|8€", "oieastasi" + "lbe")
_TOKEN = re.compile(r"[^\s,;:()\[\]{}<>\"“”«»]+")
_SPACED = re.compile(r"(?<!\w)\w(?:[ .\-_*·|/~]+\w){3,}(?!\w)")
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
    """Holds the known words (casefolded, without accents); calling it normalizes a text."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._words = frozenset(vocabulary)
        self._typos = {variant: word for word in sorted(self._words) for variant in _typos(word)}
        self._repair = lru_cache(maxsize=65536)(self._repaired)

    def __call__(self, text: str) -> Normalized:
        if text.isascii():
            folded, places = text.lower(), None
        else:
            folded, places = _fold(text)
        edits = list(self._edits(folded))
        if not edits:
            offsets = None if places is None else (*places, len(text))
            return Normalized(folded, offsets, len(text))
        return _apply(folded, places or list(range(len(folded))), edits, len(text))

    def _edits(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Replacements (start, end, word), in order, not overlapping."""
        spaced = [(m.start(), m.end(), _SEPARATORS.sub("", m.group())) for m in _SPACED.finditer(text)]
        taken = [edit for edit in spaced if self._known(edit[2]) is not None]
        edits = [(start, end, self._known(word) or word) for start, end, word in taken]
        busy = [(start, end) for start, end, _ in edits]
        for match in _TOKEN.finditer(text):
            token = match.group()
            if len(token) > _MAX_TOKEN_CHARS or token in self._words:
                continue
            repaired = self._repair(token)
            if repaired is not None and not any(s < match.end() and match.start() < e for s, e in busy):
                edits.append((match.start() + repaired[0], match.start() + repaired[1], repaired[2]))
        return iter(sorted(edits))

    def _repaired(self, token: str) -> tuple[int, int, str] | None:
        """Where in the token a known word hides, and which; None if the token stays as it is."""
        latin = _latin(token)
        core = latin.strip(".,!?'*-_~")
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
        return self._typos.get(candidate)

    def _starred(self, core: str) -> str | None:
        pattern = re.compile("".join("." if char in "*#_" else re.escape(char) for char in core))
        letters = sum(char.isalpha() for char in core)
        if letters * 2 < len(core):
            return None
        return next((word for word in sorted(self._words) if pattern.fullmatch(word)), None)


def _fold(text: str) -> tuple[str, list[int]]:
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        folded = _fold_char(char)
        chars.append(folded)
        places.extend([place] * len(folded))
    return "".join(chars), places


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    if unicodedata.category(char) in ("Cf", "Mn", "Me", "Cs") or char == "\u3164":
        return ""
    decomposed = unicodedata.normalize("NFKD", char).casefold()
    bare = "".join(part for part in decomposed if unicodedata.category(part) not in ("Mn", "Cf"))
    return "и" if char in "йЙ" else bare.replace("’", "'")


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


def _typos(word: str) -> Iterator[str]:
    """All forms one deletion, swap, substitution or insertion away that keep the first letter; none for short words."""
    if len(word) < _MIN_TYPO_CHARS or not word.isascii():
        return
    for cut in range(1, len(word)):
        head, tail = word[:cut], word[cut:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail[1:]
            yield head + letter + tail
