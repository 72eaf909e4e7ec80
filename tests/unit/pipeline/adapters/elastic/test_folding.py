"""Which letters count as the same: SQLite's tokenizer is the judge."""

import sqlite3
import unicodedata

import pytest

from pipeline.adapters.elastic.folding import table, words

LETTERS = [
    letter
    for letter in map(chr, range(0x80, 0x3000))
    if unicodedata.category(letter)[0] in "LN"
    and all(unicodedata.ucd_3_2_0.category(char) != "Cn" for char in letter + letter.lower())
]
"""Those that SQLite's older tables know, in both cases."""


@pytest.fixture(scope="module")
def tokens() -> dict[str, list[str]]:
    """What SQLite makes of each letter, and of each mark between two letters."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(text, tokenize='unicode61 remove_diacritics 2')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
    marks = [chr(code) for code in range(0x300, 0x370)]
    texts = [*LETTERS, *(f"a{mark}b" for mark in marks)]
    db.executemany("INSERT INTO t (rowid, text) VALUES (?, ?)", enumerate(texts))
    found: dict[str, list[str]] = {text: [] for text in texts}
    for term, number in db.execute("SELECT term, doc FROM v ORDER BY doc, offset"):
        found[texts[number]].append(term)
    db.close()
    return found


def test_letters_fold_as_in_the_embedded_index(tokens: dict[str, list[str]]) -> None:
    assert len(LETTERS) > 4_000
    assert {letter for letter in LETTERS if words(letter) != tokens[letter]} == {"Ǡ", "ǡ"}


def test_marks_are_dropped_or_part_words_as_in_the_embedded_index(tokens: dict[str, list[str]]) -> None:
    marked = [text for text in tokens if len(text) == 3]
    assert [text for text in marked if words(text) != tokens[text]] == []
    assert sum(value == "" for value in table().values()) == 25


def test_words_are_found_in_any_text() -> None:
    assert words("It's «Ünïcode_2» — 3.14 \N{ROBOT FACE}x") == ["it", "s", "unicode", "2", "3", "14", "x"]
    assert words("… !") == []
