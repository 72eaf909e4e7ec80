"""What a token may stand for, letter by letter: look-alikes, words turned round, keys that near words share (pure).

Source of the keys: Garbe 2012 (words one error apart are alike once each has lost a letter).
"""

import re
from collections.abc import Iterator

from nlp.normalize.distance import PAIRS, SHAPES

NOT_LETTERS = re.compile(r"[\W\d_]+")
RUN = re.compile(r"(.)\1+")
_MIN_TURNED = 6
_MIN_SEEN = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PAIR = re.compile("|".join(map(re.escape, sorted(PAIRS, key=len, reverse=True))))
_SHAPED = tuple(str.maketrans({char: seen[-last] for char, seen in SHAPES.items()}) for last in (0, 1))
# Letters of like sound taken for one, all vowels and weak letters for another; digits and symbols as what they show.
_SPOKEN = str.maketrans("cqsxzvjeiouyhw0134@1!|€2567$+89", "kkkkkfgaaaaaaaaaaaaaaaakkgtktbg")


def readings(latin: str) -> tuple[str, ...]:
    """Its letters alone, and with those that pairs of characters, digits and symbols look like."""
    paired = _PAIR.sub(lambda match: PAIRS[match.group()], latin)
    if latin.isalpha():
        return (latin,) if paired == latin else (latin, paired)
    reads = (latin, paired, *(form.translate(shape) for form in dict.fromkeys((paired, latin)) for shape in _SHAPED))
    return tuple(dict.fromkeys(NOT_LETTERS.sub("", read) for read in reads))


def turned(word: str) -> Iterator[str]:
    """From behind, in the alphabet from behind, moved along the alphabet (short words by half of it), inside out."""
    yield word[::-1]
    yield word.translate(str.maketrans(_LETTERS, _LETTERS[::-1]))
    for shift in range(1, len(_LETTERS)) if len(word) >= _MIN_TURNED else (13,):
        yield word.translate(str.maketrans(_LETTERS, _LETTERS[shift:] + _LETTERS[:shift]))
    if len(word) >= _MIN_TURNED:
        yield unordered(word)


def unordered(word: str) -> str:
    """A name for all words with these letters, the first and the last in their places."""
    return f"{word[:1]}{''.join(sorted(word[1:-1]))}{word[-1:]} "


def keys(word: str, spare: int) -> list[str]:
    """What words share that are near: all letters but one, the consonants, and these but one if some can be spared."""
    bones = _consonants(word)
    keys = deletions(word)
    if len(bones) >= _MIN_SEEN:
        keys.append(bones)
    if len(bones) >= _MIN_SEEN + spare:
        keys += [bones[:cut] + bones[cut + 1 :] for cut in range(len(bones))]
    return keys


def deletions(word: str) -> list[str]:
    """The word, and all its letters but one: of two words that are one error apart some are equal."""
    return [word, *(word[:cut] + word[cut + 1 :] for cut in range(len(word)))]


def _consonants(word: str) -> str:
    spoken = RUN.sub(r"\1", word.replace("ph", "f").translate(_SPOKEN)).replace("a", "")
    return spoken if spoken.isalpha() else NOT_LETTERS.sub("", spoken)
