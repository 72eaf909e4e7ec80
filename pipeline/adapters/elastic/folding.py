"""Which letters are the same in a search: case and the diacritics of Latin letters don't count, as in SQLite's
`unicode61 remove_diacritics 2`, so that both indexes find the same.

Elasticsearch does it in its analyzer, from the rules made here; only beginnings of words, which it doesn't analyze, are
folded by us.
"""

import unicodedata
from functools import cache
from itertools import groupby

_LATIN_END = 0x2C00
"""No Latin letter with a diacritic, and no letter whose case folds in an unusual way, is far beyond."""


@cache
def table() -> dict[int, str]:
    """Code point → what it counts as, where that isn't its plain lower case; dropped marks become ""."""
    folded = {code: _folded(chr(code)) for code in range(0x80, _LATIN_END) if not unicodedata.combining(chr(code))}
    unusual = {code: to for code, to in folded.items() if to != chr(code).lower()}
    marks = {mark for code, to in unusual.items() if to.isascii() for mark in _decomposed(chr(code))[1:]}
    return unusual | {ord(mark): "" for mark in marks}


def rules() -> list[str]:
    """The table in the notation of Elasticsearch's `mapping` character filter."""
    return [f"\\u{code:04x} => {to}" for code, to in sorted(table().items())]


def words(text: str) -> list[str]:
    """The words of a text as the analyzer makes them: folded runs of letters and digits."""
    plain = "".join(char.lower() for char in text.translate(table()))
    return ["".join(run) for is_word, run in groupby(plain, _is_word_char) if is_word]


def _is_word_char(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LN" or category == "Co"


def _folded(char: str) -> str:
    lower = char.casefold() if len(char.casefold()) == 1 else char.lower()[0]
    parts = _decomposed(lower)
    is_latin = parts[0].isascii() and parts[0].isalpha() and all(map(unicodedata.combining, parts[1:]))
    return parts[0] if is_latin else lower


def _decomposed(char: str) -> str:
    return unicodedata.normalize("NFD", char)
