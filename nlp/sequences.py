"""Terms of whole tokens, found by hashes: most tokens begin no term, which one look-up tells (pure).

An automaton walks every letter of a text, and that of thousands of terms misses the processor's cache at most steps.
Source: Karp and Rabin 1987 (hashes of all substrings from one pass), over tokens instead of letters.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlp.tokens import SPACE, Places, Tokens, tokens

Hashes = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_TABLE_BITS = 18
_TOP = np.uint64(64 - _TABLE_BITS)


class Sequences:
    """Finds sequences of tokens; they are numbered in the order given."""

    def __init__(self, sequences: Sequence[str]) -> None:
        read = tokens(sequences)
        hashes, lengths = _hashes(read), read.counts
        first = np.searchsorted(read.texts, np.arange(len(sequences)))
        keys = np.zeros(len(sequences), dtype=np.uint64)
        self._begun = np.zeros(2**_TABLE_BITS, dtype=np.bool_)
        for step in range(max(lengths, default=0)):
            longer = np.flatnonzero(lengths > step)
            keys[longer] = keys[longer] * _BASE + hashes[first[longer] + step]
            self._begun[keys[longer] >> _TOP] = True
        self._order: Places = np.argsort(keys, kind="stable").astype(np.int64)
        self._keys = keys[self._order]

    def find(self, read: Tokens) -> Places:
        """(3, hits): the number of the sequence, its first and its last token. Overlapping ones too."""
        found = [np.zeros((3, 0), dtype=np.int64)]
        hashes = _hashes(read) if len(self._keys) else np.zeros(0, dtype=np.uint64)
        first = last = self._may_go_on(hashes)
        own = hashes[first]
        while len(first):
            which, numbers = self._equal(own)
            found.append(np.stack((numbers, first[which], last[which])))
            within = last + 1 < len(hashes)
            longer = own[within] * _BASE + hashes[last[within] + 1]
            begun = self._may_go_on(longer)
            first, last, own = first[within][begun], last[within][begun] + 1, longer[begun]
        return np.concatenate(found, axis=1)

    def _may_go_on(self, own: Hashes) -> Places:
        """Which of these may be the beginning, or the whole, of a sequence: nearly all that are none are told apart."""
        return np.flatnonzero(self._begun.take((own >> _TOP).view(np.int64)))

    def _equal(self, own: Hashes) -> tuple[Places, Places]:
        """(hits,) the place in `own`, and the number of the sequence with that hash; several may have it."""
        low = np.searchsorted(self._keys, own)
        met = np.flatnonzero(self._keys.take(low, mode="clip") == own)
        counts: Places = np.searchsorted(self._keys, own[met], side="right") - low[met]
        which = np.repeat(met, counts)
        again = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self._order[low[which] + again]


def _hashes(read: Tokens) -> Hashes:
    """(tokens,) a polynomial of the code points of each, modulo 2**64, mixed; a space counts nothing."""
    power, inverse = _powers(1 << max(16, len(read.codes).bit_length()))
    sums = np.cumsum((read.codes ^ np.uint32(SPACE)) * power[: len(read.codes)]).take(read.ends - 1)
    own: Hashes = np.diff(sums, prepend=np.uint64(0)) * inverse.take(read.starts)
    return (own ^ (own >> _SHIFT)) * _BASE


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """(size,) powers of the base modulo 2**64, and their inverses."""
    inverse = np.uint64(pow(int(_BASE), -1, 2**64))
    one, two = (np.cumprod(np.full(size, factor), dtype=np.uint64) for factor in (_BASE, inverse))
    return one, two
