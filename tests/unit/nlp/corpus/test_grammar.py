"""The slot grammar is deterministic, fills every slot and refuses what it doesn't know."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.corpus.grammar import digest, expand
from nlp.corpus.names import MAKERS
from nlp.corpus.source import frames
from nlp.errors import Corrupt

LEXICON = {"pet": ["cat", "dog", "newt"], "title": ["Lounge"]}


def test_a_text_without_slots_expands_to_itself() -> None:
    assert expand("nothing to fill, [removed]", LEXICON, 5) == ["nothing to fill, [removed]"]


def test_alternatives_and_lexicon_slots_give_all_their_texts() -> None:
    found = expand("{a|my} {pet}", LEXICON, 50)
    assert sorted(found) == ["a cat", "a dog", "a newt", "my cat", "my dog", "my newt"]


def test_slots_inside_alternatives_are_filled() -> None:
    assert set(expand("{{pet}|{pet} two}", {"pet": ["cat"]}, 9)) == {"cat", "cat two"}


def test_an_unknown_slot_is_refused_by_name() -> None:
    with pytest.raises(Corrupt, match="no slot named 'horse'"):
        expand("a {horse}", LEXICON, 1)


@given(st.sampled_from(sorted(MAKERS)), st.integers(1, 8), st.text(alphabet="abc ", max_size=20))
def test_expansion_is_deterministic_distinct_and_complete(slot: str, count: int, rest: str) -> None:
    frame = f"{rest}x {{{slot}}} and {{{slot}}}"
    found = expand(frame, LEXICON, count)
    assert found == expand(frame, LEXICON, count)
    assert 1 <= len(set(found)) == len(found) <= count
    assert not any("{" in text for text in found)


def test_a_digest_keeps_its_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")


FILE = """
author = "x"
language = "en"
split = "{split}"
each = 1
register = false
[[group]]
labels = []
posts = ["Lamps :: is it bright?", "no title: here"]
"""


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "lexicon.toml").write_text('[en]\ntitle = ["Lounge"]\n', encoding="utf-8")
    (tmp_path / "x.toml").write_text(FILE.format(split="train"), encoding="utf-8")
    return tmp_path


def read(folder: Path) -> list[tuple[str, str]]:
    (folder / "texts").mkdir()
    (folder / "x.toml").rename(folder / "texts" / "x.toml")
    return [(f.title, f.text) for f in frames(folder / "texts", folder / "lexicon.toml")]


def test_a_title_stands_before_the_double_colon(texts: Path) -> None:
    assert read(texts) == [("Lamps", "is it bright?"), ("", "no title: here")]


@pytest.mark.parametrize("broken", [FILE.format(split="somewhere"), FILE.replace('author = "x"', ""), "author = "])
def test_a_file_that_can_not_be_used_is_named(texts: Path, broken: str) -> None:
    (texts / "x.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(Corrupt, match=r"x\.toml can't be read"):
        read(texts)
