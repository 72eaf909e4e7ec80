"""What is visited next: everything once, then only what changed or is due again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier import LATEST, SOONEST, first_pages, plan, revisit_at
from crawler.ports import DuePage, ThreadState
from crawler.post import BoardRef, Page, PageKind, Post, Source, ThreadRef

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE = "http://forum.example"
INDEX = DuePage(f"{HERE}/", PageKind.INDEX)
BOARD = DuePage(f"{HERE}/b1", PageKind.BOARD)
THREAD = DuePage(f"{HERE}/t1", PageKind.THREAD, "t1", "Title")


def row(number: int, mark: str = "5") -> ThreadRef:
    return ThreadRef(f"t{number}", f"{HERE}/t{number}", f"Title {number}", mark)


def state(number: int, mark: str = "5", revisit: datetime = NOW + timedelta(days=1)) -> ThreadState:
    return ThreadState(f"t{number}", mark, f"{HERE}/t{number}?page=3", revisit)


def board(*rows: ThreadRef, following: tuple[str, ...] = ()) -> Page:
    return Page("phpbb", PageKind.BOARD, threads=rows, next_urls=following)


def planned(
    visited: DuePage, page: Page, states: Iterable[ThreadState] = (), pages: Iterable[str] = ()
) -> tuple[list[str], list[ThreadState]]:
    """URLs that become due, states to store."""
    known = {one.thread_id: one for one in states}
    due, kept = plan(visited, page, known, set(pages).__contains__, NOW)
    return [one.url for one in due], list(kept)


def test_a_crawl_begins_at_the_index_and_at_threads_whose_revisit_is_due() -> None:
    source = Source("forum", "Forum", INDEX.url, "M-1")
    unread = replace(state(2), last_page_url="")
    assert first_pages(source, (state(1), unread)) == (
        INDEX,
        DuePage(f"{HERE}/t1?page=3", PageKind.THREAD, "t1"),
    )


def test_an_index_leads_to_every_board_each_time() -> None:
    boards = (BoardRef("1", f"{HERE}/b1", "One"), BoardRef("2", f"{HERE}/b2", "Two"))
    page = Page("phpbb", PageKind.INDEX, boards=boards)
    for pages in ((), (f"{HERE}/b1", f"{HERE}/b2")):
        assert planned(INDEX, page, pages=pages)[0] == [f"{HERE}/b1", f"{HERE}/b2"]


def test_a_new_thread_is_read_from_its_first_page() -> None:
    due, states = planned(BOARD, board(row(1)))
    assert due == [f"{HERE}/t1"]
    assert states[0].mark == "5"
    assert states[0].revisit_at > NOW


def test_a_thread_that_changed_is_read_from_its_last_known_page() -> None:
    due, states = planned(BOARD, board(row(1, "6"), row(2)), [state(1), state(2)])
    assert due == [f"{HERE}/t1?page=3"]
    assert [(one.thread_id, one.mark, one.last_page_url) for one in states] == [("t1", "6", f"{HERE}/t1?page=3")]


def test_a_thread_that_did_not_change_is_left_alone() -> None:
    assert planned(BOARD, board(row(1), row(2)), [state(1), state(2)]) == ([], [])


def test_a_thread_whose_revisit_is_due_is_read_although_it_did_not_change() -> None:
    due, _ = planned(BOARD, board(row(1), row(2)), [state(1, revisit=NOW), state(2)])
    assert due == [f"{HERE}/t1"]


def test_the_next_page_of_a_board_is_asked_for_until_nothing_is_new() -> None:
    second = f"{HERE}/b1?page=2"
    unchanged, changed = (
        board(row(1), row(2), following=(second,)),
        board(row(1, "6"), row(2, "6"), following=(second,)),
    )
    partly = board(row(1, "6"), row(2), following=(second,))
    pinned = board(row(1), row(2, "6"), following=(second,))
    states = [state(1), state(2)]
    assert second in planned(BOARD, unchanged, states)[0], "it was never visited"
    assert second not in planned(BOARD, unchanged, states, [second])[0]
    assert second not in planned(BOARD, partly, states, [second])[0]
    assert second in planned(BOARD, changed, states, [second])[0]
    assert second in planned(BOARD, pinned, states, [second])[0]


def test_a_thread_leads_to_its_next_page_and_then_ends() -> None:
    second = f"{HERE}/t1?page=2"
    first = Page("phpbb", PageKind.THREAD, thread_id="t1", next_urls=(second, f"{HERE}/t1?page=3"))
    due, _ = plan(THREAD, first, {}, lambda url: False, NOW)
    assert [(page.url, page.kind, page.thread_id) for page in due] == [(second, PageKind.THREAD, "t1")]
    last = Page("phpbb", PageKind.THREAD, thread_id="t1")
    due_after, states = planned(replace(THREAD, url=second), last, [state(1, "6")])
    assert due_after == []
    assert [(one.mark, one.last_page_url) for one in states] == [("6", second)]


def test_a_thread_that_led_elsewhere_is_looked_for_again_later() -> None:
    overdue = state(1, revisit=NOW - timedelta(days=1))
    merged = Page("phpbb", PageKind.THREAD, thread_id="t2")
    for page in (Page("phpbb", PageKind.INDEX), board(row(2)), merged):
        _, states = planned(THREAD, page, [overdue, state(2)])
        [kept] = [one for one in states if one.thread_id == "t1"]
        assert (kept.mark, kept.last_page_url) == (overdue.mark, THREAD.url)
        assert kept.revisit_at > NOW
    _, [listed] = planned(THREAD, board(row(1, "6")), [overdue])
    assert listed.mark == "6", "a list that shows it says more"


def post(age: timedelta) -> Post:
    return Post("forum", "t1", "1", "ann", "words", HERE, NOW, published_at=NOW - age)


@given(st.timedeltas(timedelta(0), timedelta(days=4000)), st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_the_longer_a_thread_is_silent_the_later_it_is_looked_at_again(one: timedelta, other: timedelta) -> None:
    shorter, longer = sorted((one, other))
    pages = [Page("phpbb", PageKind.THREAD, posts=(post(longer), post(age))) for age in (shorter, longer)]
    sooner, later = (revisit_at(page, NOW) for page in pages)
    assert NOW + SOONEST <= sooner <= later <= NOW + LATEST


def test_a_time_in_the_future_delays_nothing() -> None:
    page = Page("phpbb", PageKind.THREAD, posts=(post(timedelta(days=-400)),))
    assert revisit_at(page, NOW) == NOW + SOONEST
