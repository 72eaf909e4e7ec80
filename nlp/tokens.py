"""Many normalized texts as one array of code points, cut into tokens; everything after it counts with numpy (pure).

A loop in Python over the letter groups of a post costs more than all the rest of judging it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Codes = NDArray[np.uint32]

SPACE = 32
_TABLE = 0x20000  # code points from here on are read as the last one here, which is no letter
_OTHER, _LETTER, _HAN, _ALONE = range(4)
_TELLING_MARKS = "?!$€£₿"
_EMOJI = (0x1F300, 0x1FB00)
_HAN_RANGE = (0x2E80, 0xA000)
_STOPS = "!?。！？؟\n"


@dataclass(frozen=True)
class Tokens:
    """Texts side by side, their tokens parted by one space each: " so it is ? 越狱 ok ".

    A token is a word, or one of the characters that stand for themselves: Han, which has no spaces, emoji, "?", "$".
    codes: code points. starts, ends: (tokens,) half-open, in codes. places: (tokens,) where each token begins in the
    joined texts; firsts: (texts + 1,) where each text does, and the end. texts: (tokens,) the text of each.
    sentences: (tokens,) rising number of its sentence; a text begins a new one.
    """

    codes: Codes
    starts: Places
    ends: Places
    places: Places
    firsts: Places
    texts: Places
    sentences: Places

    @cached_property
    def counts(self) -> Places:
        """(texts,) how many tokens each text has."""
        return np.bincount(self.texts, minlength=len(self.firsts) - 1)

    @cached_property
    def string(self) -> str:
        """The codes as a string."""
        return self.codes.tobytes().decode("utf-32-le")


def tokens(texts: Sequence[str]) -> Tokens:
    """The tokens of normalized texts, which hold no lone surrogates."""
    raw = np.frombuffer("\n".join((*texts, "")).encode("utf-32-le"), dtype=np.uint32)
    firsts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    kinds = np.take(_kinds(), raw, mode="clip")
    written = kinds != _OTHER
    parted = written & (kinds == _ALONE)
    parted[:1] |= written[:1]
    parted[1:] |= written[1:] & (kinds[1:] != kinds[:-1])
    sources = np.flatnonzero(written)
    own = parted.take(sources)
    targets = np.cumsum(own) + np.arange(len(own))
    codes = np.full(len(own) + np.count_nonzero(own) + 1, SPACE, dtype=np.uint32)
    codes[targets] = raw.take(sources)
    begins = parted | (kinds == _HAN)
    places = np.flatnonzero(begins)
    starts = targets.take(np.flatnonzero(begins.take(sources)))
    ends = np.append(starts[1:], len(codes))[: len(starts)]
    ends -= codes[ends - 1] == SPACE
    return Tokens(
        codes, starts, ends, places, firsts, _numbered(firsts[1:] - 1, places), _numbered(_stops(raw, kinds), places)
    )


def is_han(char: str) -> bool:
    """Whether the character is written without spaces round it."""
    return bool(char) and bool(_kinds()[min(ord(char), _TABLE - 1)] == _HAN)


def _numbered(bounds: Places, places: Places) -> Places:
    """(places,) how many of the bounds lie before each; both rise."""
    return np.repeat(
        np.arange(len(bounds) + 1),
        np.diff(np.searchsorted(places, bounds, side="right"), prepend=0, append=len(places)),
    )


def _stops(raw: Codes, kinds: NDArray[np.uint8]) -> Places:
    """Where sentences end; the mark itself still belongs to it. A dot inside a word ends none."""
    stops = np.take(_is_stop(), raw, mode="clip")
    stops[:-1] |= (raw[:-1] == ord(".")) & (kinds[1:] == _OTHER)
    return np.flatnonzero(stops)


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    table = np.array([_LETTER if chr(point).isalnum() else _OTHER for point in range(_TABLE)], dtype=np.uint8)
    table[slice(*_HAN_RANGE)] = np.where(table[slice(*_HAN_RANGE)] == _LETTER, _HAN, _OTHER)
    table[slice(*_EMOJI)] = _ALONE
    table[[ord(mark) for mark in _TELLING_MARKS]] = _ALONE
    table[-1] = _OTHER
    return table


@lru_cache(maxsize=1)
def _is_stop() -> NDArray[np.bool_]:
    table = np.zeros(_TABLE, dtype=np.bool_)
    table[[ord(stop) for stop in _STOPS]] = True
    return table
