"""Undo obfuscation, keeping a way back to the original (pure).

Every text is folded. Where letters spell a known word once separators, look-alikes or errors are seen through, the word
stands in the readable form; everything else stays as it is. Clean text costs a few operations in C: nothing is looked
at one character or one word at a time but what no list knows.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

from nlp.normalize.folding import as_latin, english, fold, places
from nlp.normalize.words import MAX_CHARS, Repair, Vocabulary

__all__ = ["Normalized", "Normalizer", "fold"]

_MAX_REMEMBERED = 2**17
_TOKEN = re.compile(r"\S+")
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){3,}")
_BLANK = re.compile(r"\s+")
_GAP = re.compile(r"[\W_]+")
_STOP = re.compile(r"(?<=\w)[.!?;:,。！？；：，、]\s|\n\s*\n")

Edit = tuple[int, int, str]


class Normalized:
    """A readable form and the way back, which is only worked out when asked for."""

    __slots__ = ("_edits", "_offsets", "_original", "text")

    def __init__(self, text: str, original: str, edits: tuple[Edit, ...]) -> None:
        self.text = text
        self._original = original
        self._edits = edits
        self._offsets: tuple[int, ...] | None = None

    @property
    def offsets(self) -> tuple[int, ...]:
        """For each character of text, and its end, the place in the original, never falling."""
        if self._offsets is None:
            self._offsets = _offsets(self._original, self._edits)
        return self._offsets

    def map(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that became text[start:end]."""
        if not self._edits and self._original.isascii():
            return start, end
        return self.offsets[start], max(self.offsets[end], self.offsets[start])


class Normalizer:
    """Holds the known words (folded); calling it normalizes a text.

    mistyped: those of them, English ones, that may also be found with errors in them, or turned round.
    """

    def __init__(self, vocabulary: Collection[str], mistyped: Collection[str]) -> None:
        self._vocabulary = Vocabulary(vocabulary, mistyped, english())
        self._patterns = sorted(self._vocabulary.words)
        self._automaton = AhoCorasick(
            [as_latin(word) for word in self._patterns] or ["\0"], matchkind=MatchKind.Standard
        )
        self._fine = set(self._vocabulary.standing)
        self._repairs: dict[str, tuple[Repair, ...]] = {}

    def __call__(self, text: str) -> Normalized:
        folded = fold(text)
        edits = tuple(self._edits(folded))
        return Normalized("".join(_pieces(folded, edits)) if edits else folded, text, edits)

    def _edits(self, text: str) -> list[Edit]:
        """Replacements (start, end, word), in order; of overlapping ones the first kind, then the first in the text."""
        tokens = text.split()
        unknown = set(tokens) - self._fine
        kept: list[Edit] = []
        for found in (self._spelled(text, unknown), self._parted(text), self._tokens(text, tokens, unknown)):
            if not found:
                continue
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

    def _spelled(self, text: str, unknown: Collection[str]) -> list[Edit]:
        """Words spelled letter by letter."""
        if _CONSONANTS.isdisjoint(unknown) and not any(map(_SPELLED.search, unknown)):
            return []
        found = ((run.start(), run.end(), self._as_spelled(run.group())) for run in _SPELLED.finditer(text))
        return [(start, end, words) for start, end, words in found if words is not None]

    def _as_spelled(self, run: str) -> str | None:
        if (words := self._vocabulary.spelled(run.translate(_JOINED))) is not None:
            return words
        core = _BLANK.sub("", run)
        hidden = self._vocabulary.hidden(core) if len(core) <= MAX_CHARS else None
        return hidden[0] if hidden is not None else None

    def _parted(self, text: str) -> list[Edit]:
        """Known words with anything but letters between theirs: there are more of them once all that is taken out."""
        letters = text.translate(_JOINED)
        hits = self._automaton.find_matches_as_indexes(letters, overlapping=True)
        if not hits or len(hits) == len(self._automaton.find_matches_as_indexes(as_latin(text), overlapping=True)):
            return []
        kept = [place for place, char in enumerate(text) if _JOINED[ord(char)] is not None]
        found = ((kept[start], kept[end - 1] + 1, self._patterns[index]) for index, start, end in hits)
        return sorted((edit for edit in found if self._is_parted(text, *edit)), key=lambda edit: (edit[0], -edit[1]))

    def _is_parted(self, text: str, start: int, end: int, word: str) -> bool:
        if end - start == len(word) or not (_is_han(word) or _is_whole(text, start, end)):
            return False
        span = text[start:end]
        pieces = _GAP.split(span)
        if all(len(piece) == 1 for piece in pieces):
            return True
        if _STOP.search(span) or any(map(str.isdecimal, pieces)) or ("'" in span and len(pieces) == 2):
            return False
        return word in self._vocabulary.mistyped or not _BLANK.search(span)

    def _tokens(self, text: str, tokens: Sequence[str], unknown: Collection[str]) -> list[Edit]:
        repairs = {token: found for token in unknown if (found := self._repaired(token))}
        if not repairs:
            return []
        guessing = self._is_english(token for token in tokens if token not in repairs)
        return [
            (match.start() + repair.start, match.start() + repair.end, repair.word)
            for match in _TOKEN.finditer(text)
            for repair in repairs.get(match.group(), ())
            if repair.sure or guessing
        ]

    def _is_english(self, tokens: Iterator[str]) -> bool:
        """Whether most words, if any, are ordinary English: only there is the nearest word a good guess."""
        words = [word for token in tokens if (word := token.strip(".,!?:;()\"'")).isalpha()]
        return 2 * sum(word in english() for word in words) >= len(words)

    def _repaired(self, token: str) -> tuple[Repair, ...]:
        if (known := self._repairs.get(token)) is not None:
            return known
        found = self._vocabulary.repairs(token)
        if found:
            if len(self._repairs) > _MAX_REMEMBERED:
                self._repairs.clear()
            self._repairs[token] = found
        else:
            if len(self._fine) > len(self._vocabulary.standing) + _MAX_REMEMBERED:
                self._fine = set(self._vocabulary.standing)
            self._fine.add(token)
        return found


class _Joined(dict[int, str | None]):
    """Letters and digits as the Latin letters they look like, nothing for all else; worked out when first met."""

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        self[point] = as_latin(char).translate(_DIGITS) if char.isalnum() else None
        return self[point]


_DIGITS = str.maketrans("0134578", "oieastb")
_JOINED = _Joined({ord("@"): "a", ord("$"): "s"})


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _is_han(word: str) -> bool:
    return "\u2e80" <= word[0] <= "\u9fff"


def _pieces(text: str, edits: Collection[Edit]) -> Iterator[str]:
    done = 0
    for start, end, word in edits:
        yield text[done:start]
        yield word
        done = end
    yield text[done:]


def _offsets(original: str, edits: Collection[Edit]) -> tuple[int, ...]:
    found = places(original)
    offsets: list[int] = []
    done = 0
    for start, end, word in edits:
        offsets += found[done:start]
        offsets += [found[start + index * (end - start) // len(word)] for index in range(len(word))]
        done = end
    return (*offsets, *found[done:], len(original))
