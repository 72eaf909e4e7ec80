"""Undo obfuscation, keeping a way back to the original (pure).

Every text is folded. Where letters spell a known word once separators, look-alikes or errors are seen through, the word
stands in the readable form; everything else stays as it is. Clean text costs a few operations in C: nothing is looked
at one character or one word at a time but what no list knows.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache, partial
from itertools import repeat

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from nlp.normalize.folding import english, fold, places
from nlp.normalize.words import MAX_ENDING, SPELLED, Edit, Vocabulary, replaced

__all__ = ["Normalized", "Normalizer", "fold"]

_MAX_REMEMBERED_BYTES = 2**24
_ENTRY_BYTES = 128
_MAX_STRANGE = 0.6
_TOKEN = re.compile(r"\S+")
_MIN_PARTED = 6
# Kinds of tokens: words that tell English, single letters or digits, other words that stand for themselves, those with
# nothing to repair, those with nothing to repair in other text or in English text, those with a repair, those that
# still have to be looked at, those never met.
_STANDS, _SINGLE, _FOREIGN, _FINE, _FINE_FOREIGN, _FINE_ENGLISH, _ODD, _STRANGE, _NEW = range(9)
_SPELLED = bytes([_SINGLE] * 4)
_MAX_SINGLE = 3
_HAN = re.compile(r"[\u2e80-\u9fff]")
_GAP = re.compile(r"[\W_]+")
_BETWEEN = bytes(code for code in range(128) if not chr(code).isalnum())
# A single letter and marks, without blanks.
_LETTER_BEFORE = re.compile(r"(?<![^\W_])[^\W_](?:[^\w\s]|_){1,3}$")
_LETTER_AFTER = re.compile(r"(?:[^\w\s]|_){1,3}[^\W_](?![^\W_])")
_STOP = re.compile(r"(?<=\w)[.!?;:,。！？；：，、]\s|\n\s*\n")


class Normalized:
    """A readable form and the way back, which is only worked out when asked for."""

    __slots__ = ("_edits", "_offsets", "_original", "text")

    def __init__(self, text: str, original: str, edits: Sequence[Edit]) -> None:
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

    mistyped: those of them, English ones, that may also be found with many errors in them. ordinary: words besides
    English ones that stand for themselves. stems: what known words of other languages begin with.
    """

    def __init__(
        self,
        vocabulary: Collection[str],
        mistyped: Collection[str],
        ordinary: Collection[str] = (),
        *,
        stems: Collection[str] = (),
    ) -> None:
        self._vocabulary = Vocabulary(vocabulary, mistyped, english().union(ordinary), stems)
        self._tells_english = english().union(mistyped)
        self._stems = {stem for stem in stems if len(stem) >= _MIN_PARTED} - self._vocabulary.words
        long = (word for word in self._vocabulary.words if len(word) >= _MIN_PARTED - (not word.isascii()))
        self._patterns = sorted({*long, *filter(_is_han, self._vocabulary.words), *self._stems})
        self._automaton = BytesAhoCorasick(
            [word.encode() for word in self._patterns], matchkind=MatchKind.Standard, implementation=Implementation.DFA
        )
        self._forget()

    def _forget(self) -> None:
        self._held = 0
        self._kinds: dict[str, int] = {}
        self._repairs: dict[tuple[str, bool], tuple[Edit, ...]] = {}

    def __call__(self, text: str) -> Normalized:
        if self._held > _MAX_REMEMBERED_BYTES:
            self._forget()
        folded = fold(text)
        edits = self._edits(folded)
        return Normalized(replaced(folded, edits) if edits else folded, text, edits)

    def _edits(self, text: str) -> Sequence[Edit]:
        """Replacements (start, end, word), in order; of overlapping ones the first kind, then the first in the text."""
        tokens, met = text.split(), self._kinds
        kinds = bytes(map(met.get, tokens, repeat(_NEW)))
        if _NEW in kinds:
            kinds = _settled(tokens, kinds, met, _NEW, self._first_kind)
        known = kinds.count(_STANDS) + kinds.count(_SINGLE)
        # The nearest short word is a good guess only where most others are ordinary English.
        is_english = len(tokens) - known <= max(1, _MAX_STRANGE * len(tokens))
        for unsettled in (_STRANGE, _FINE_FOREIGN if is_english else _FINE_ENGLISH):
            if unsettled in kinds:
                kinds = _settled(tokens, kinds, met, unsettled, partial(self._second_kind, is_english=is_english))
        found = self._parted(text)
        if _SPELLED in kinds:
            found = [*self._spelled(text), *found]
        if _ODD in kinds:
            found += self._tokens(text, kinds, is_english)
        return _apart(found) if found else ()

    def _first_kind(self, token: str) -> int:
        self._held += _ENTRY_BYTES + 2 * len(token)
        if token in self._vocabulary.standing:
            return _SINGLE if len(token) == 1 else _STANDS if token in self._tells_english else _FOREIGN
        return _SINGLE if len(token) <= _MAX_SINGLE and len(_GAP.sub("", token)) == 1 else _STRANGE

    def _second_kind(self, token: str, is_english: bool) -> int:
        if found := self._vocabulary.repairs(token, is_english):
            self._repairs[token, is_english] = found
            return _ODD
        if self._kinds[token] != _STRANGE:
            return _FINE
        return _FINE_ENGLISH if is_english else _FINE_FOREIGN

    def _repaired(self, token: str, is_english: bool) -> tuple[Edit, ...]:
        """The repairs of an odd token, which may be odd in one kind of text only."""
        if (found := self._repairs.get((token, is_english))) is None:
            found = self._repairs[token, is_english] = self._vocabulary.repairs(token, is_english)
        return found

    def _spelled(self, text: str) -> Iterator[Edit]:
        """Words spelled letter by letter."""
        for run in SPELLED.finditer(text):
            if (words := self._vocabulary.spelled(run.group())) is not None:
                yield run.start(), run.end(), words

    def _parted(self, text: str) -> list[Edit]:
        """Known words with blanks, or marks and blanks, between their letters: without these there are more of them."""
        written = text.encode()
        joined = (
            written.translate(None, _BETWEEN)
            if text.isascii() or not _HAN.search(text)
            else _GAP.sub("", text).encode()
        )
        hits = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        if not hits or len(hits) == len(plain := self._automaton.find_matches_as_indexes(written, overlapping=True)):
            return []
        more = Counter(hit[0] for hit in hits) - Counter(hit[0] for hit in plain)
        words = map(self._patterns.__getitem__, more)
        found = [
            (*match.span(), word) for word in words for match in _with_gaps(word, word in self._stems).finditer(text)
        ]
        return sorted((edit for edit in found if self._is_parted(text, *edit)), key=lambda edit: (edit[0], -edit[1]))

    def _is_parted(self, text: str, start: int, end: int, word: str) -> bool:
        """Whether it is in parts that belong together: no sentence ends between, no letters go on beside them."""
        span = text[start:end]
        if len(span) == len(word) or _STOP.search(span) or ("'" in span and len(span) == len(word) + 1):
            return False
        gap = _GAP.search(text, end)
        pieces = text[start : gap.start() if gap else None].split()
        if word not in self._vocabulary.mistyped and self._vocabulary.stand(pieces):
            return False
        return not (_LETTER_BEFORE.search(text, max(0, start - 5), start) or _LETTER_AFTER.match(text, end))

    def _tokens(self, text: str, kinds: bytes, is_english: bool) -> Iterator[Edit]:
        for match, kind in zip(_TOKEN.finditer(text), kinds, strict=True):
            if kind == _ODD:
                for start, end, word in self._repaired(match.group(), is_english):
                    yield match.start() + start, match.start() + end, word


@lru_cache(maxsize=4096)
def _with_gaps(word: str, is_stem: bool) -> re.Pattern[str]:
    """The word with anything but letters between its letters, as a whole word or stem where the script has such."""
    pattern = r"[\W_]*".join(map(re.escape, word))
    ending = rf"[^\W\d_]{{0,{MAX_ENDING}}}" if is_stem else ""
    return re.compile(pattern if _is_han(word) else rf"(?<![^\W_]){pattern}(?={ending}(?![^\W_]))")


def _settled(
    tokens: Sequence[str], kinds: bytes, met: dict[str, int], unsettled: int, settle: Callable[[str], int]
) -> bytes:
    """The kinds of the tokens, each one that is unsettled looked at."""
    for token in {token for token, kind in zip(tokens, kinds, strict=True) if kind == unsettled}:
        met[token] = settle(token)
    return bytes(map(met.__getitem__, tokens))


def _apart(edits: Sequence[Edit]) -> list[Edit]:
    """Those that overlap no earlier one of the sequence, in the order of the text."""
    kept: list[Edit] = []
    for edit in edits:
        place = bisect_left(kept, edit)
        if (not place or kept[place - 1][1] <= edit[0]) and (place == len(kept) or edit[1] <= kept[place][0]):
            kept.insert(place, edit)
    return kept


def _is_han(word: str) -> bool:
    return "\u2e80" <= word[0] <= "\u9fff"


def _offsets(original: str, edits: Collection[Edit]) -> tuple[int, ...]:
    found = places(original)
    offsets: list[int] = []
    done = 0
    for start, end, word in edits:
        offsets += found[done:start]
        offsets += [found[start + index * (end - start) // len(word)] for index in range(len(word))]
        done = end
    return (*offsets, *found[done:], len(original))
