"""What only the embedded index has: a file that can vanish, break or be replaced."""

import fcntl
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.fts_index import FtsIndex
from pipeline.domain.documents import Document
from pipeline.domain.query import parse
from pipeline.errors import BadInput, Unavailable

THEN = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


def doc(document_id: str, text: str = "words about Lumen") -> Document:
    """A post of a made-up forum."""
    return Document(document_id, 1, "src", "t", "p", "A title", "ann", text, "en", THEN, THEN, 0.5, ("asking",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


def test_a_damaged_index_says_so_and_a_rebuild_cures_it(path: Path) -> None:
    index = FtsIndex(path, new=True)
    index.put([doc("a")])
    assert index.search(parse("lumen")).total == 1
    path.write_bytes(b"this was a database once " * 400)
    for call in (lambda: index.search(parse("lumen")), lambda: index.put([doc("b")]), index.versions):
        with pytest.raises(Unavailable, match="nightlight index rebuild"):
            call()
    assert FtsIndex(path, new=True).rebuild([doc("a"), doc("b")]) == 2
    assert index.search(parse("lumen")).total == 2


def test_damage_in_the_middle_of_the_file_is_an_error_not_fewer_results(path: Path) -> None:
    index = FtsIndex(path, new=True)
    index.put([doc(f"d{i}", f"words about Lumen number {i} " + "and more " * 40) for i in range(300)])
    assert index.search(parse("lumen")).total == 300
    with sqlite3.connect(path) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        for page in range(2, pages):
            file.seek(page * size)
            file.write(b"\xff" * size)
    with pytest.raises(Unavailable, match="nightlight index rebuild"):
        index.search(parse("lumen"))
    assert index.rebuild([doc("a")]) == 1
    assert index.search(parse("lumen")).total == 1


def test_an_index_that_vanished_is_an_error_not_an_empty_answer(path: Path) -> None:
    index = FtsIndex(path, new=True)
    index.put([doc("a")])
    for file in path.parent.glob("index.db*"):
        file.unlink()
    with pytest.raises(Unavailable, match="gone"):
        index.search(parse("lumen"))
    with pytest.raises(Unavailable, match="gone"):
        index.put([doc("b")])
    assert index.rebuild([doc("a")]) == 1
    assert index.search(parse("lumen")).total == 1


def test_a_rebuild_made_elsewhere_is_seen_at_once(path: Path) -> None:
    here, elsewhere = FtsIndex(path, new=True), FtsIndex(path, new=True)
    here.put([doc("a")])
    elsewhere.rebuild([doc("b"), doc("c")])
    assert set(here.versions()) == {"b", "c"}


def test_two_rebuilds_at_once_are_refused(path: Path) -> None:
    index = FtsIndex(path, new=True)
    with path.with_name("index.db.rebuild").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="Another rebuild"):
            index.rebuild([doc("a")])
    assert index.rebuild([doc("a")]) == 1


def test_what_is_deleted_leaves_no_trace_in_the_files(path: Path) -> None:
    index = FtsIndex(path, new=True)
    index.put([doc(f"d{i}") for i in range(50)])
    index.put([doc("secret", "the word quixotically is nowhere else")])

    def traces() -> int:
        return sum(b"quixotic" in file.read_bytes() for file in path.parent.glob("index.db*"))

    assert traces() > 0
    index.delete(["secret"])
    assert traces() == 0
    assert len(index.versions()) == 50


def test_an_error_never_repeats_the_search(path: Path) -> None:
    index = FtsIndex(path, new=True)
    path.write_bytes(b"x" * 5_000)
    with pytest.raises(Unavailable) as caught:
        index.search(parse("quixotic"))
    assert "quixotic" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert FtsIndex(tmp_path / "index.db", new=True).versions() == {}
    with pytest.raises(Unavailable, match="can't be used now; check its disk"):
        FtsIndex(tmp_path / "nowhere" / "index.db", new=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.sampled_from("ab \"'()-*:ORANDT^+{}\\%\x00\ud800é😀𝔘"), max_size=30), st.text(max_size=30))
def test_whatever_can_be_parsed_can_be_searched_and_marked(path: Path, query: str, text: str) -> None:
    clean = "".join(c for c in text if not "\ud800" <= c <= "\udfff" and c != "\x00")
    try:
        tree = parse(query)
    except BadInput:
        return
    index = FtsIndex(path, new=True)
    index.put([doc("a", f"ab a {clean} b")])
    for hit in index.search(tree).hits:
        assert all(0 <= start < end <= len(hit.document.text) for start, end in hit.marks)
