"""Sealed term lists: found in texts, opened by their key alone, and never said."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.assessment import Span
from nlp.errors import Corrupt
from nlp.sealed import Sealed, open_files, seal_file
from nlp.taxonomy import in_words

NORTH = Sealed({"north": ["Quorvex", "", "tallow lane", "marnib*"]})


def sealed_in(folder: Path, content: str = "Quorvex \n\ntallow lane\n") -> tuple[Path, Path]:
    """A sealed list of these terms, and its key file."""
    terms, key = folder / "terms.txt", folder / "list.key"
    terms.write_text(content)
    return seal_file(terms, key), key


@pytest.mark.parametrize(
    ("text", "marked", "reason"),
    [
        ("Meet me at Quorvex tonight.", "Quorvex", "sealed-term:north:1"),
        ("over by Tallow Lane, ok?", "Tallow Lane", "sealed-term:north:3"),
        ("three marnibbles", "marnibbles", "sealed-term:north:4"),
        ("meet at q.u.o.r.v.e.x tonight", "q.u.o.r.v.e.x", "sealed-term:north:1"),
        ("meet at Quоrvеx tonight", "Quоrvеx", "sealed-term:north:1"),
        ("meet at q\u200buorve\u200bx tonight", "q\u200buorve\u200bx", "sealed-term:north:1"),
    ],
)
def test_a_term_is_marked_by_list_and_line_also_where_it_is_disguised(text: str, marked: str, reason: str) -> None:
    start = text.index(marked)
    assert NORTH.spans([text]) == [(Span(start, start + len(marked), reason),)]


def test_a_term_counts_as_a_whole_word_only() -> None:
    assert NORTH.spans(["quorvexing tallow. Lane", ""]) == [(), ()]


def test_a_term_drawn_out_over_a_whole_text_is_none_and_does_no_harm() -> None:
    assert NORTH.spans([f"tallow{' ' * 70_000}lane"]) == [()]
    assert len(NORTH.spans([f"tallow{' ' * 60_000}lane"])[0]) == 1


def test_more_terms_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(Corrupt, match="70000 sealed terms are too many"):
        Sealed({"north": [f"term{number}" for number in range(70_000)]})


def test_every_text_of_a_batch_gets_its_own_spans() -> None:
    texts = ["Größe zählt. quorvex!", "nothing here", "quorvex quorvex"]
    starts = [[span.start for span in spans] for spans in NORTH.spans(texts)]
    assert starts == [[13], [], [0, 8]]


def test_lists_are_told_apart_and_one_term_may_be_in_two() -> None:
    both = Sealed({"north": ["quorvex"], "south": ["", "quorvex"]})
    assert [span.reason for span in both.spans(["quorvex"])[0]] == ["sealed-term:north:1", "sealed-term:south:2"]


@given(st.lists(st.text(max_size=80), max_size=4))
def test_the_answer_for_a_text_depends_on_no_other(texts: list[str]) -> None:
    together = NORTH.spans([*texts, "quorvex"])
    assert together == [NORTH.spans([text])[0] for text in [*texts, "quorvex"]]
    for text, spans in zip([*texts, "quorvex"], together, strict=True):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_no_lists_find_nothing() -> None:
    assert not Sealed({})
    assert Sealed({}).spans(["anything"]) == [()]


def test_a_sealed_file_shows_no_term_and_opens_with_its_key(tmp_path: Path) -> None:
    sealed, key = sealed_in(tmp_path)
    assert sealed == tmp_path / "terms.sealed"
    assert b"quorvex" not in sealed.read_bytes().lower()
    opened = open_files({"north": (sealed, key)})
    assert [in_words(span.reason) for span in opened.spans(["Quorvex in tallow lane"])[0]] == [
        "Sealed term 1 of the list north",
        "Sealed term 3 of the list north",
    ]
    assert "quorvex" not in repr(opened).lower()


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    _, key = sealed_in(tmp_path)
    made = key.read_bytes()
    sealed, _ = sealed_in(tmp_path)
    assert key.read_bytes() == made
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert open_files({"north": (sealed, key)})


@pytest.mark.parametrize("damage", ["key", "garbled key", "data", "no list", "no key"])
def test_a_wrong_key_or_a_damaged_or_missing_file_is_refused_without_a_word_of_the_list(
    tmp_path: Path, damage: str
) -> None:
    sealed, key = sealed_in(tmp_path)
    (tmp_path / "other").mkdir()
    other = sealed_in(tmp_path / "other")[1]
    content = sealed.read_bytes()
    if damage == "key":
        key = other
    elif damage == "garbled key":
        key.write_text("not a key")
    elif damage == "data":
        sealed.write_bytes(content[:-9])
    else:
        (sealed if damage == "no list" else key).unlink()
    with pytest.raises(Corrupt) as caught:
        open_files({"north": (sealed, key)})
    assert str(tmp_path) in str(caught.value)
    assert "quorvex" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xff\xfe\xff", b"quorvex\n***\n", b"--\n"])
def test_a_file_without_readable_terms_or_with_a_line_of_none_is_refused(tmp_path: Path, content: bytes) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_bytes(content)
    with pytest.raises(Corrupt) as caught:
        seal_file(terms, tmp_path / "list.key")
    assert "quorvex" not in str(caught.value)
    assert not (tmp_path / "terms.sealed").exists()


def test_a_missing_file_and_a_file_that_is_no_key_are_refused(tmp_path: Path) -> None:
    terms, key = tmp_path / "terms.txt", tmp_path / "list.key"
    with pytest.raises(Corrupt):
        seal_file(terms, key)
    terms.write_text("quorvex")
    key.write_text("not a key")
    with pytest.raises(Corrupt, match="no lexicon key"):
        seal_file(terms, key)
