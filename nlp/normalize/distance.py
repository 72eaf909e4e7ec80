"""How far a disguised word is from a known one (pure): a weighted Damerau-Levenshtein distance.

What a reader hardly notices costs little: a digit that looks like the letter, a mark in its place, a letter written
twice, a vowel left out, a letter of like sound or from the next key.
Sources: Damerau 1964 (errors); Kernighan, Church and Gale 1990 (errors weighted as in a noisy channel).
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise, permutations

# What digits, symbols and pairs of them look like; the second reading of 1 and its like is an l.
SHAPES = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "tl", "8": "b", "9": "g", "@": "a",
    "$": "s", "!": "il", "|": "il", "+": "t", "€": "e", "£": "l", "(": "c", "<": "c",
}  # fmt: skip
PAIRS = {
    "/\\": "a", "|\\|": "n", "|<": "k", "|)": "d", "|3": "b", "|_": "l", "|_|": "u", "\\/\\/": "w", "\\/": "v",
    "()": "o", "[]": "o", "}{": "h", "><": "x", "vv": "w", "rn": "m", "cl": "d",
}  # fmt: skip
_VOWELS = "aeiouy"
_SOUNDS = ("ckqsxz", "fvw", "gj", "dt", "mn", "bp")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOKS, _WILD, _DOUBLED, _LOST_VOWEL, _VOWEL, _SOUND, _NEAR, _ERROR = 0.1, 0.3, 0.1, 0.3, 0.6, 0.5, 0.8, 0.9


def budget(word: str) -> float:
    """What may be wrong with a word of this length: about one error from 6 letters on, two from 9."""
    return 0.6 if len(word) < 6 else 1.0 if len(word) < 8 else 1.3 if len(word) < 9 else 1.9


def may_cost(shown: str, meant: str) -> float:
    """A bound below the cost, quickly: letters that only one of the two has are lost, or read for another."""
    if not shown.isalpha():
        return 0.0
    lost = set(meant).difference(shown)
    vowels = len(lost.intersection(_VOWELS))
    return max(_LOST_VOWEL * vowels + _SOUND * (len(lost) - vowels), _SOUND * len(set(shown).difference(meant)))


def cost(shown: str, meant: str, limit: float) -> float:
    """The least cost of reading one for the other (Damerau-Levenshtein, weighted); stops above the limit."""
    lost = _losses(meant)
    row = [0.0, *accumulate(lost)]
    before = row
    last = ""
    for seen in shown:
        earlier, before = before, row
        other = _ERROR if seen.isalnum() else _WILD
        extra = _DOUBLED if seen == last or not seen.isalnum() else _ERROR
        left = before[0] + extra
        row = [left]
        for place, char in enumerate(meant):
            diagonal = before[place]
            if seen != char:
                diagonal += _SWAPS.get(seen + char, other)
                if char == last and place and seen == meant[place - 1]:
                    diagonal = min(diagonal, earlier[place - 1] + _NEAR)
            left = min(diagonal, before[place + 1] + extra, left + lost[place])
            row.append(left)
        if min(row) > limit:
            return min(row)
        last = seen
    return row[-1]


@lru_cache(maxsize=4096)
def _losses(meant: str) -> tuple[float, ...]:
    """What it costs to leave out each letter: little for a second one or a vowel."""
    return tuple(
        _DOUBLED if char == before else _LOST_VOWEL if char in _VOWELS else _ERROR
        for before, char in pairwise(" " + meant)
    )


def _swaps() -> Iterator[tuple[str, float]]:
    """What it costs to read one character for another, where that is less than an error; the cheaper ones last."""
    yield from ((pair, _NEAR) for row in _ROWS for one, two in pairwise(row) for pair in (one + two, two + one))
    yield from ((one + two, _VOWEL) for one, two in permutations(_VOWELS, 2))
    yield from ((one + two, _SOUND) for group in _SOUNDS for one, two in permutations(group, 2))
    yield from ((shape + char, _LOOKS) for shape, seen in SHAPES.items() for char in seen)


_SWAPS = dict(_swaps())
