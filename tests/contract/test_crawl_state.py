"""crawler.ports.CrawlState and save_capture: the frontier survives, and every page comes to an end."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from crawler.ports import DuePage, ThreadState
from crawler.post import PageKind, Source
from pipeline.ports import Record
from tests.contract.conftest import NOON, SetClock
from tests.contract.making import SOURCE, capture, fetched, page_of, post

HERE = Source(SOURCE, "Tallow Lane", "http://forum.example/", "m1")
INDEX = DuePage("http://forum.example/", PageKind.INDEX)
BOARD = DuePage("http://forum.example/b1", PageKind.BOARD)


def visit(record: Record, page: DuePage, due: Sequence[DuePage] = (), states: Sequence[ThreadState] = ()) -> None:
    """Commit a visit of this page at noon."""
    taken = replace(capture(due=tuple(due), states=tuple(states)), visited=page)
    with record.write() as tx:
        tx.save_capture(taken, NOON)


def due(record: Record) -> list[str]:
    """URLs that wait."""
    return [page.url for page in record.crawl_state().due(SOURCE, 10)]


def test_index_comes_before_boards_before_threads(record: Record, clock: SetClock) -> None:
    record.crawl_state().begin(HERE, [page_of("t1")])
    clock.go(seconds=1)
    record.crawl_state().begin(HERE, [BOARD, page_of("t0"), INDEX])
    assert due(record) == [INDEX.url, BOARD.url, page_of("t1").url, page_of("t0").url]
    assert record.crawl_state().due(SOURCE, 2)[1] == BOARD
    assert record.crawl_state().due("other", 10) == []


def test_a_visited_page_is_done_and_what_it_names_is_due(record: Record) -> None:
    state = record.crawl_state()
    state.begin(HERE, [INDEX])
    visit(record, INDEX, due=[BOARD, INDEX])
    assert due(record) == [BOARD.url]
    assert state.knows_page(SOURCE, INDEX.url)
    assert state.knows_page(SOURCE, BOARD.url)
    assert not state.knows_page(SOURCE, "http://forum.example/unknown")
    assert not state.knows_page("other", INDEX.url)


def test_what_a_killed_crawl_left_due_stays_due(record: Record) -> None:
    state = record.crawl_state()
    state.begin(HERE, [INDEX])
    visit(record, INDEX, due=[BOARD, page_of("t1")])
    state.begin(HERE, [INDEX])
    assert due(record) == [INDEX.url, BOARD.url, page_of("t1").url]


def test_a_page_that_is_due_keeps_its_place_and_its_attempts(record: Record, clock: SetClock) -> None:
    state = record.crawl_state()
    state.begin(HERE, [BOARD])
    state.failed(SOURCE, BOARD, fetched(BOARD.url, outcome="failed"), retry=True)
    visit(record, INDEX, due=[BOARD])
    state.begin(HERE, [BOARD])
    assert due(record) == [], "its wait isn't cut short"
    clock.go(seconds=5)
    assert state.due(SOURCE, 10)[0].attempts == 1


def test_a_failing_page_waits_longer_each_time_and_is_then_set_aside(record: Record, clock: SetClock) -> None:
    state = record.crawl_state()
    state.begin(HERE, [BOARD])
    waits = []
    for _ in range(2):
        [page] = state.due(SOURCE, 10)
        state.failed(SOURCE, page, fetched(page.url, clock.now(), "failed"), retry=True)
        before = clock.now()
        while not due(record):
            clock.go(seconds=1)
        waits.append((clock.now() - before).total_seconds())
    assert waits == [5, 60]
    [page] = state.due(SOURCE, 10)
    state.failed(SOURCE, page, fetched(page.url, clock.now(), "failed", reason="no answer"), retry=True)
    clock.go(days=30)
    assert due(record) == []
    with record.read() as tx:
        assert tx.source_health(SOURCE, clock.now()).failed_pages == 1
        assert tx.fetches(SOURCE, 1)[0].reason == "no answer"


def test_a_page_that_is_no_use_trying_again_is_set_aside_at_once(record: Record, clock: SetClock) -> None:
    state = record.crawl_state()
    state.begin(HERE, [BOARD])
    state.failed(SOURCE, BOARD, fetched(BOARD.url, outcome="not-text"), retry=False)
    clock.go(minutes=10)
    assert due(record) == []
    assert not state.knows_page(SOURCE, BOARD.url), "else a board's second page would be forgotten for ever"
    visit(record, INDEX, due=[BOARD])
    assert due(record) == [], "a board that lists it again doesn't bring it back the same day"
    state.begin(HERE, [BOARD])
    assert due(record) == [BOARD.url], "a crawl that begins with it does"


def test_a_page_that_was_done_can_become_due_again_and_starts_afresh(record: Record) -> None:
    visit(record, BOARD)
    visit(record, INDEX, due=[BOARD])
    assert record.crawl_state().due(SOURCE, 10) == [BOARD]


def test_threads_are_known_once_their_state_was_stored(record: Record) -> None:
    state = record.crawl_state()
    read = ThreadState("t1", "5 replies", "http://forum.example/t1?page=2", NOON + timedelta(days=7))
    with record.write() as tx:
        tx.save_capture(capture(post(1, thread="t2"), thread="t2"), NOON)
        tx.save_capture(capture(post(1), states=(read,)), NOON)
    assert state.threads(SOURCE, ["t1", "t2", "t3"]) == {"t1": read}
    assert state.threads("other", ["t1"]) == {}
    assert state.overdue_threads(SOURCE, NOON) == []
    assert state.overdue_threads(SOURCE, NOON + timedelta(days=7)) == [read]
    after = replace(read, mark="6 replies", revisit_at=NOON + timedelta(days=14))
    with record.write() as tx:
        tx.save_capture(capture(post(1), states=(after,)), NOON)
        assert tx.thread(SOURCE, "t1")[0].thread_title == "Title of t1"
    assert state.threads(SOURCE, ["t1"]) == {"t1": after}


def test_a_thread_whose_page_was_set_aside_is_not_overdue_in_every_crawl(record: Record, clock: SetClock) -> None:
    state, gone, other = record.crawl_state(), page_of("t1"), "t2"
    states = [ThreadState(name, "5", page_of(name).url, NOON - timedelta(days=1)) for name in ("t1", other)]
    visit(record, INDEX, due=[gone], states=states)

    def overdue() -> list[str]:
        return [found.thread_id for found in state.overdue_threads(SOURCE, clock.now())]

    state.failed(SOURCE, gone, fetched(gone.url, outcome="failed"), retry=True)
    assert overdue() == ["t1", other], "it is tried again"
    state.failed(SOURCE, gone, fetched(gone.url, outcome="failed"), retry=False)
    assert overdue() == [other]
    clock.go(seconds=24 * 3600)
    assert overdue() == [other, "t1"]


def test_the_budget_of_a_day_counts_every_request_and_no_other(record: Record) -> None:
    state = record.crawl_state()
    assert state.fetched_since(SOURCE, NOON) == 0
    state.log(SOURCE, fetched(at=NOON - timedelta(seconds=1), requests=50))
    state.log(SOURCE, fetched(outcome="refused", requests=0))
    state.log(SOURCE, fetched(outcome="refused", requests=2))
    visit(record, INDEX)
    state.failed(SOURCE, BOARD, fetched(BOARD.url, outcome="failed", requests=4), retry=True)
    assert state.fetched_since(SOURCE, NOON) == 7
    assert state.fetched_since("other", NOON) == 0


def test_every_fetch_is_in_the_log(record: Record) -> None:
    robots = fetched("http://forum.example/robots.txt", media_bytes=7, sha256="ab" * 32)
    record.crawl_state().log(SOURCE, robots)
    visit(record, INDEX)
    with record.read() as tx:
        log = tx.fetches(SOURCE, 10)
    assert len(log) == 2
    assert log[1] == robots


def test_a_capture_that_is_not_committed_leaves_the_page_due(record: Record) -> None:
    state = record.crawl_state()
    state.begin(HERE, [page_of("t1")])

    def dying() -> None:
        with record.write() as tx:
            tx.save_capture(capture(post(1)), NOON)
            raise RuntimeError

    with suppress(RuntimeError):
        dying()
    assert due(record) == [page_of("t1").url]
    visit(record, page_of("t1"))
    assert due(record) == []
