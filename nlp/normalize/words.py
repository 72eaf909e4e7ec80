"""Which known word a disguised one is (pure): exact disguises first, then the nearest word as in a noisy channel.

Few ways of disguise have a rule of their own. What counts is what a reader still sees: symbols and digits stand for
letters they look like or for any letter, vowels matter less than consonants, letters that sound alike or lie side by
side are near, and a word may be turned round or moved along the alphabet. A word that is ordinary as it stands is never
touched.
Sources: Damerau 1964 (errors); Kernighan, Church and Gale 1990 (noisy channel); Garbe 2012 (candidates by deletions).
"""

import html
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from nlp.normalize.folding import as_cyrillic, as_latin

MAX_CHARS = 40
_MIN_CHARS = 5
_MIN_TURNED = 6
_MIN_SEEN = 3
_MAX_CLITIC = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_AROUND = ".,!?'\"`:;-_~<>()[]{}«»“”…،؟؛。，！？、"
_PIECE = re.compile(r"[^\W_]+")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_TAG = re.compile(r"<[^<>]+>|\[/?\w+\]")
_RUN = re.compile(r"(.)\1+")
# Parts of a longer token that may each be a disguised word.
_PART = re.compile(r"[^\s/,;:()\[\]{}<>\"“”«»=&|'\-]+")
_MAX_WORD = 20
_SHORT = frozenset((
    "a", "i", "an", "any", "and", "are", "as", "at", "be", "but", "by", "can", "do", "for", "get", "go", "got",
    "has", "he", "how", "if", "in", "is", "it", "its", "me", "my", "no", "not", "now", "of", "on", "one", "or",
    "out", "so", "the", "to", "two", "up", "us", "was", "way", "we", "who", "why", "yes", "you",
))  # fmt: skip
_BEFORE = frozenset(("anti", "de", "non", "over", "pre", "re", "self", "un"))
_AFTER = frozenset(
    ("able", "d", "e", "ed", "er", "ers", "es", "ing", "in", "ion", "ions", "ish", "ly", "ment", "r", "rs", "s", "ship")
)
_SHAPES = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "tl", "8": "b", "9": "g", "@": "a",
    "$": "s", "!": "il", "|": "il", "+": "t", "€": "e", "£": "l", "(": "c", "<": "c",
}  # fmt: skip
_READINGS = tuple(str.maketrans({char: seen[-last] for char, seen in _SHAPES.items()}) for last in (0, 1))
_VOWELS = frozenset("aeiouy")
_SOUNDS = {char: group for group in ("ckqsxz", "fvw", "gj", "dt", "mn", "bp") for char in group}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {pair for row in _ROWS for one, two in pairwise(row) for pair in (one + two, two + one)}
# Letters of like sound taken for one, all vowels and weak letters for another; digits and symbols as what they show.
_SPOKEN = str.maketrans("cqsxzvjeiouyhw0134@1!|€2567$+89", "kkkkkfgaaaaaaaaaaaaaaaakkgtktbg")
_LOOKS, _WILD, _DOUBLED, _LOST_VOWEL, _VOWEL, _SOUND, _NEAR, _ERROR = 0.1, 0.3, 0.1, 0.3, 0.6, 0.5, 0.8, 0.9


@dataclass(frozen=True, slots=True)
class Repair:
    """A known word at a place of a token. sure: found by its letters; otherwise it is the nearest known word."""

    start: int
    end: int
    word: str
    sure: bool


class Vocabulary:
    """The known words, folded, and the ways back to them.

    words: found where their letters are hidden, not changed. mistyped: those also found with errors or turned round.
    ordinary: words that stand for themselves.
    """

    def __init__(self, words: Collection[str], mistyped: Collection[str], ordinary: frozenset[str]) -> None:
        self.words = frozenset(words)
        self.mistyped = frozenset(word for word in self.words.intersection(mistyped) if word.isascii())
        self.standing = ordinary | self.words
        self._turned: dict[str, str] = {}
        self._near: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(self.mistyped):
            self._by_length[len(word)].append(word)
            self._turned.update(dict.fromkeys(_turned(word), word))
            for key in _keys(word):
                self._near[key].append(word)

    def repairs(self, token: str) -> tuple[Repair, ...]:
        """Where known words hide in a folded token without blanks; none if it stands for itself."""
        core = token.strip(_AROUND)
        if "://" in core or core.strip(_AROUND + "*") in self.standing or self._stands(core):
            return ()
        start = token.find(core)
        if len(core) <= MAX_CHARS and not self._holds_known(core) and (found := self.hidden(core)) is not None:
            return (Repair(start, start + len(core), *found),)
        return tuple(
            Repair(start + part.start() + inner.start, start + part.start() + inner.end, inner.word, inner.sure)
            for part in _PART.finditer(core)
            if part.group() != core
            for inner in self.repairs(part.group())
        )

    def hidden(self, core: str) -> tuple[str, bool] | None:
        """The word that these characters hide, and whether that is sure; None if they hide none."""
        if (seen := _as_shown(core)) != core and seen in self.standing:
            return seen, True
        latin = as_latin(core)
        mixed = latin != core and _is_latin(core, latin)
        if mixed and latin in self.standing:
            return latin, True
        if latin != core and (cyrillic := as_cyrillic(core)) in self.words:
            return cyrillic, True
        readings = dict.fromkeys(_NOT_LETTERS.sub("", read) for read in (latin, *map(latin.translate, _READINGS)))
        if (word := next(filter(None, map(self._exactly, readings)), None) or self._starred(latin)) is not None:
            return word, True
        if mixed or core.isascii() or _is_latin(core, latin):
            word = self._nearest(latin) or self._nearest(next(reversed(readings)))
        if word is not None:
            return word, not core.isalpha()
        return (latin, True) if mixed and latin.isalpha() and len(latin) >= _MIN_CHARS else None

    def spelled(self, letters: str) -> str | None:
        """The fewest ordinary words that these letters spell, blanks between; None unless one of them is long."""
        best: list[list[str] | None] = [[]]
        for end in range(1, len(letters) + 1):
            starts = range(max(0, end - _MAX_WORD), end)
            ways = [
                [*way, letters[start:end]]
                for start in starts
                if (way := best[start]) is not None and self._is_piece(letters[start:end])
            ]
            best.append(min(ways, key=len, default=None))
        words = best[-1]
        return " ".join(words) if words and max(map(len, words)) >= _MIN_CHARS else None

    def _is_piece(self, letters: str) -> bool:
        return letters in _SHORT if len(letters) < _MIN_CHARS - 1 else letters in self.standing

    def _exactly(self, letters: str) -> str | None:
        if letters in self.words:
            return letters
        return self._turned.get(letters) or self._turned.get(_unordered(letters))

    def _holds_known(self, core: str) -> bool:
        """Whether a part of it is a known word already, so that only its other parts may hide one."""
        return not core.isalpha() and not self.words.isdisjoint(_PIECE.findall(core))

    def _stands(self, core: str) -> bool:
        """Whether to leave it: ordinary, a known word with an ending, too short, or made of such pieces."""
        if len(core) < _MIN_CHARS - 1 or core in self.standing:
            return True
        if core.isalpha():
            return self._is_derived(core)
        if "'" in core:
            return all(
                len(piece) <= _MAX_CLITIC or piece in self.standing or piece[:-1] in self.standing
                for piece in core.split("'")
            )
        pieces = _PIECE.findall(core)
        long = [piece for piece in pieces if len(piece) > 1 and not piece.isdecimal()]
        return "*" not in core and bool(long or core.isdecimal()) and all(piece in self.standing for piece in long)

    def _is_derived(self, core: str) -> bool:
        """Whether it is a known word with a usual beginning or ending."""
        for cut in range(_MIN_CHARS, len(core)):
            if core[cut:] in _AFTER and core[:cut] in self.words:
                return True
        return any(core.startswith(before) and core[len(before) :] in self.words for before in _BEFORE)

    def _starred(self, core: str) -> str | None:
        """The word of that length with a letter for each mark; at least half of it must be seen."""
        letters = sum(char.isalpha() for char in core)
        if letters == len(core) or letters * 2 < len(core) or letters < _MIN_SEEN:
            return None
        pattern = re.compile("".join(char if char.isalpha() else "." for char in core))
        return next((word for word in self._by_length.get(len(core), ()) if pattern.fullmatch(word)), None)

    def _nearest(self, core: str) -> str | None:
        """The known word that is least wrong, the first of the alphabet among equals; None if all are too far."""
        candidates = {word for key in _keys(core) for word in self._near.get(key, ())}
        costs = ((_cost(core, word, _budget(word)), word) for word in candidates)
        best = min((pair for pair in costs if pair[0] <= _budget(pair[1])), default=None)
        return best[1] if best is not None else None


def _as_shown(core: str) -> str:
    """Without what a page doesn't show: tags in the word are gone, references are characters."""
    return html.unescape(_TAG.sub("", core)) if "&" in core or "<" in core or "[" in core else core


def _is_latin(core: str, latin: str) -> bool:
    """Whether it has a Latin letter, and no letter that doesn't look like one."""
    return any("a" <= char <= "z" for char in core) and all(char.isascii() for char in latin if char.isalpha())


def _turned(word: str) -> Iterator[str]:
    """From behind, in the alphabet from behind, moved along the alphabet (short words by half of it), inside out."""
    yield word[::-1]
    yield word.translate(str.maketrans(_LETTERS, _LETTERS[::-1]))
    for shift in range(1, len(_LETTERS)) if len(word) >= _MIN_TURNED else (13,):
        yield word.translate(str.maketrans(_LETTERS, _LETTERS[shift:] + _LETTERS[:shift]))
    if len(word) >= _MIN_TURNED:
        yield _unordered(word)


def _unordered(word: str) -> str:
    """A name for all words with these letters, the first and the last in their places."""
    return f"{word[:1]}{''.join(sorted(word[1:-1]))}{word[-1:]} "


def _keys(word: str) -> Iterator[str]:
    """What words share that are near: letters and consonants, all of them or all but one."""
    for form in (f"{word} ", _consonants(word)):
        if len(form) >= _MIN_SEEN:
            yield form
        if len(form) > _MIN_SEEN:
            yield from {form[:cut] + form[cut + 1 :] for cut in range(len(form))}


def _consonants(word: str) -> str:
    spoken = _RUN.sub(r"\1", word.replace("ph", "f").translate(_SPOKEN)).replace("a", "")
    return spoken if spoken.isalpha() else _NOT_LETTERS.sub("", spoken)


def _budget(word: str) -> float:
    """What may be wrong with a word of this length: about one error from 6 letters on, two from 9."""
    return 0.6 if len(word) < 6 else 1.0 if len(word) < 8 else 1.3 if len(word) < 9 else 1.9


def _cost(shown: str, meant: str, budget: float) -> float:
    """The least cost of reading one for the other (Damerau-Levenshtein, weighted); stops above the budget."""
    before: list[float] = []
    row = [0.0]
    for place, char in enumerate(meant):
        row.append(row[-1] + _lost(meant, place, char))
    for number, seen in enumerate(shown):
        earlier, before = before, row
        extra = _extra(shown, number, seen)
        row = [before[0] + extra]
        for place, char in enumerate(meant):
            cost = min(
                before[place] + _swapped(seen, char), before[place + 1] + extra, row[-1] + _lost(meant, place, char)
            )
            if number and place and seen == meant[place - 1] and shown[number - 1] == char and seen != char:
                cost = min(cost, earlier[place - 1] + _NEAR)
            row.append(cost)
        if min(row) > budget:
            return min(row)
    return row[-1]


def _swapped(seen: str, meant: str) -> float:
    if seen == meant:
        return 0.0
    if meant in _SHAPES.get(seen, ""):
        return _LOOKS
    if not seen.isalpha():
        return _ERROR if seen.isdecimal() else _WILD
    if seen in _VOWELS and meant in _VOWELS:
        return _VOWEL
    if meant in _SOUNDS.get(seen, ""):
        return _SOUND
    return _NEAR if seen + meant in _BESIDE else _ERROR


def _extra(shown: str, place: int, seen: str) -> float:
    if not seen.isalnum() or (place and shown[place - 1] == seen):
        return _DOUBLED
    return _ERROR


def _lost(meant: str, place: int, char: str) -> float:
    if place and meant[place - 1] == char:
        return _DOUBLED
    return _LOST_VOWEL if char in _VOWELS else _ERROR
