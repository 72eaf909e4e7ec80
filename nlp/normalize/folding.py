"""Folding: one readable character for each way to write it, without looking at the words (pure)."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_HAN = tomllib.loads((_HERE / "han.toml").read_text(encoding="utf-8"))
_TWINS = tomllib.loads((_HERE / "confusables.toml").read_text(encoding="utf-8"))
# Written either way: Ukrainian ґ, Arabic final letters, the apostrophe, traditional Chinese.
_EITHER = str.maketrans("ґىة’" + _HAN["traditional"], "гيه'" + _HAN["simplified"])
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cs"})
_FILLERS = "\u3164\u0640"  # Hangul filler, Arabic tatweel
# Letters that are a Latin one turned, struck through, boxed or otherwise dressed are named after it.
_DRESSED = re.compile(r"(?:.* )?LATIN .*\bLETTER (?:\w+ )*?([A-Z])(?: WITH .*)?")
_LOOKS_LATIN = str.maketrans(_TWINS["characters"], _TWINS["letters"])
_PLAYFUL = _LOOKS_LATIN | str.maketrans(_TWINS["playful"], _TWINS["meant"])
_LATIN_LETTER = re.compile(r"[a-z]")
_LOOKS_CYRILLIC = str.maketrans("aeopcyxkmthbisjr", "аеорсухкмтнвіѕјг")


def fold(text: str) -> str:
    """Casefolded, without accents, points, hamza and invisible characters; one letter for those written either way.

    Compatibility forms (NFKD), dressed Latin letters and the digits of all scripts become the plain ones.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def places(text: str) -> list[int]:
    """For each character of the folded text, the place it comes from."""
    if text.isascii():
        return list(range(len(text)))
    return [place for place, char in enumerate(text) for _ in char.translate(_FOLDS)]


def as_latin(token: str) -> str:
    """The folded token with each character that looks like a Latin letter replaced by it (UTS #39).

    Beside Latin letters, those of playful writing too.
    """
    if token.isascii():
        return token
    return token.translate(_PLAYFUL if _LATIN_LETTER.search(token) else _LOOKS_LATIN)


def as_cyrillic(token: str) -> str:
    """The folded token with each Latin letter that looks like a Cyrillic one replaced by it."""
    return token.translate(_LOOKS_CYRILLIC)


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Ordinary English words and their inflections, folded: what no one needs to repair."""
    lines = (_HERE / "english.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


class _Folds(dict[int, str]):
    """What each code point folds to, worked out when first met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        parts = unicodedata.normalize("NFKD", char).casefold()
        bare = "".join(_plain(part) for part in parts if unicodedata.category(part) not in _UNSEEN)
        self[point] = bare.translate(_EITHER) if char not in _FILLERS else ""
        return self[point]


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    dressed = _DRESSED.fullmatch(unicodedata.name(char, ""))
    return dressed[1].lower() if dressed else char


_FOLDS = _Folds({ord(char): "ϲ" for char in "ϲϹ"})  # the lunate sigma looks like a c, what it decomposes to doesn't
