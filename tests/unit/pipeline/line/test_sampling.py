"""A few posts a day, nearest the threshold, no author and no copy twice, no source more than half."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.line import sampling
from pipeline.line.sampling import choose, draw
from pipeline.ports import StoredPost
from tests.contract.conftest import NOON
from tests.contract.making import capture, judged, post
from tests.unit.pipeline.line.conftest import House

WORDS = ("heron", "gravel", "violin", "lamp", "quarry", "thistle", "anchor", "meadow", "copper", "harbour")


def text(n: int) -> str:
    """Unlike any other."""
    return f"{WORDS[n % 10]} {n * 7919} {WORDS[n // 10 % 10]} {n * 104729}"


def stored(n: int, author: str, source: str = "board", words: str = "") -> StoredPost:
    """An unflagged post of somebody."""
    made = replace(post(n, words or text(n)), author=author, source_id=source)
    return StoredPost(made, n, NOON, NOON, "t", judged(False), "")


def told(house: House, authors: list[str], first: int = 0) -> None:
    """A post of each, later ones nearer to the threshold."""
    posts = [replace(post(n, text(n)), author=author) for n, author in enumerate(authors, first)]
    with house.record.write() as tx:
        ids = tx.save_capture(capture(*posts), NOON)
        scores = {rev: judged(False, "m1", (n + 1) / 1_000) for n, rev in enumerate(ids, first)}
        tx.save_assessments(scores, NOON)


def drawn(house: House) -> list[str]:
    with house.record.read() as tx:
        return [tx.posts([sample.revision_id])[0].post.author for sample in tx.samples()]


def test_a_day_gets_its_number_and_the_next_day_others(house: House) -> None:
    told(house, [f"author {n}" for n in range(9)])
    assert draw(house.record, "m1", house.clock, 4) == 2, "one source has half of them at most"
    assert sorted(drawn(house)) == ["author 7", "author 8"]
    assert draw(house.record, "m1", house.clock, 4) == 0
    house.clock.go(hours=12)
    assert draw(house.record, "m1", house.clock, 4) == 2
    assert sorted(drawn(house)) == ["author 5", "author 6", "author 7", "author 8"]


def test_a_draw_stands_in_the_log_by_count(house: House) -> None:
    told(house, ["ann"])
    draw(house.record, "m1", house.clock, 4)
    with house.record.read() as tx:
        [event] = tx.audit_of("samples", 9)
    assert (event.actor, event.action, event.details) == ("line", "samples.draw", {"count": 1, "model": "m1"})


def test_none_a_day_draws_nothing(house: House) -> None:
    told(house, ["ann"])
    assert draw(house.record, "m1", house.clock, 0) == 0
    assert drawn(house) == []


def test_one_author_cannot_fill_a_day(house: House) -> None:
    told(house, ["ann", "bob", *["mallory"] * 40])
    assert draw(house.record, "m1", house.clock, 6) == 3
    assert sorted(drawn(house)) == ["ann", "bob", "mallory"]


def test_however_many_are_asked_for_the_posts_looked_through_are_bounded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(house, ["ann", "bob", "cid", "dee", "eve"])
    monkeypatch.setattr(sampling, "_MOST", 3)
    assert draw(house.record, "m1", house.clock, 500) == 3
    assert sorted(drawn(house)) == ["cid", "dee", "eve"]


def test_what_was_drawn_this_morning_counts() -> None:
    pool = [stored(1, "ann"), stored(2, "bob"), stored(3, "cid", words=text(9) + "!")]
    morning = [stored(8, "ann"), stored(9, "dee", words=text(9))]
    assert [post.post.author for post in choose(pool, morning, 3, 9)] == ["bob"]
    assert [post.post.author for post in choose(pool, [], 3, 9)] == ["ann", "bob", "cid"], "the positive control"


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcde"), st.sampled_from("xyz")), max_size=20),
    st.integers(0, 8),
    st.integers(1, 5),
)
def test_no_choice_passes_a_cap(found: list[tuple[int, str, str]], count: int, per_source: int) -> None:
    pool = [stored(n, author, source, text(words)) for n, (words, author, source) in enumerate(found)]
    chosen = choose(pool, [], count, per_source)
    assert len(chosen) <= count
    assert len({(post.post.source_id, post.post.author) for post in chosen}) == len(chosen)
    assert len({post.post.text for post in chosen}) == len(chosen)
    assert all(sum(post.post.source_id == source for post in chosen) <= per_source for source in "xyz")
    assert [post.seq for post in chosen] == sorted(post.seq for post in chosen), "nearest first"
