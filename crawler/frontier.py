"""What to visit next: new, changed, overdue. Pure planning over what the record knows."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from crawler.ports import DuePage, ThreadState
from crawler.post import Page, PageKind, Source, ThreadRef

SOONEST, LATEST = timedelta(days=1), timedelta(days=30)

Plan = tuple[tuple[DuePage, ...], tuple[ThreadState, ...]]
"""Pages to add to the frontier, thread states to store with them."""


def first_pages(source: Source, overdue: tuple[ThreadState, ...]) -> tuple[DuePage, ...]:
    """Where every crawl begins: the board index, and threads whose revisit is due although nobody posted."""
    index = DuePage(source.start_url, PageKind.INDEX)
    return (index, *(DuePage(s.last_page_url, PageKind.THREAD, s.thread_id) for s in overdue if s.last_page_url))


def plan(
    visited: DuePage, page: Page, known: Mapping[str, ThreadState], knows_page: Callable[[str], bool], now: datetime
) -> Plan:
    """What a page leads to.

    An index leads to every board, each time. A board leads to threads that are new, whose mark changed, or that are due
    again; and to its next page if that was never visited or the last thread listed here changed, so that others moved
    there (the first ones may be pinned). A thread leads to its next page; one that changed is read again from its last
    known page on. A thread that another page came for (merged, moved, gone) is looked for again later, not at once.
    """
    is_thread = page.kind is PageKind.THREAD
    due, states = _thread(visited, page, known, now) if is_thread else _list(page, known, knows_page, now)
    return due, states + _missed(visited, states, known, now)


def _list(page: Page, known: Mapping[str, ThreadState], knows_page: Callable[[str], bool], now: datetime) -> Plan:
    boards = [DuePage(board.url, PageKind.BOARD, title=board.title) for board in page.boards]
    due: list[DuePage] = []
    states: list[ThreadState] = []
    for ref in page.threads:
        state = known.get(ref.thread_id)
        start = _where_to_read(ref, state, now)
        if start:
            due.append(DuePage(start, PageKind.THREAD, ref.thread_id, ref.title))
            states.append(_listed(ref, state, now))
    following = page.next_urls[:1]
    moved = not page.threads or page.threads[-1].thread_id in {one.thread_id for one in due}
    if following and (moved or not knows_page(following[0])):
        due.append(DuePage(following[0], PageKind.BOARD, title=page.board_title))
    return (*boards, *due), tuple(states)


def _where_to_read(ref: ThreadRef, state: ThreadState | None, now: datetime) -> str:
    """The page of a listed thread to read now, or "" when nothing suggests that it changed."""
    if state is None or not state.last_page_url:
        return ref.url
    if state.mark != ref.mark:
        return state.last_page_url
    return ref.url if state.revisit_at <= now else ""


def _listed(ref: ThreadRef, state: ThreadState | None, now: datetime) -> ThreadState:
    """The state to keep with the pages now due: they are never lost, so the mark may be kept already."""
    return ThreadState(ref.thread_id, ref.mark, state.last_page_url if state else ref.url, now + SOONEST)


def _thread(visited: DuePage, page: Page, known: Mapping[str, ThreadState], now: datetime) -> Plan:
    thread_id = page.thread_id or visited.thread_id
    following = page.next_urls[:1]
    due = tuple(DuePage(url, PageKind.THREAD, thread_id, page.thread_title or visited.title) for url in following)
    if not thread_id:
        return due, ()
    state = known.get(thread_id)
    last = following[0] if following else visited.url
    return due, (ThreadState(thread_id, state.mark if state else "", last, revisit_at(page, now)),)


def _missed(
    visited: DuePage, found: tuple[ThreadState, ...], known: Mapping[str, ThreadState], now: datetime
) -> tuple[ThreadState, ...]:
    """The state of the thread that was asked for and didn't come, so that it isn't asked for in every crawl."""
    thread_id = visited.thread_id
    if not thread_id or thread_id in {state.thread_id for state in found}:
        return ()
    state = known.get(thread_id)
    return (ThreadState(thread_id, state.mark if state else "", visited.url, now + SOONEST),)


def revisit_at(page: Page, now: datetime) -> datetime:
    """When to look again although the board shows no change: after a quarter of the silence so far, 1 to 30 days."""
    times = [post.published_at for post in page.posts if post.published_at]
    silence = now - max(times) if times else SOONEST
    return now + min(LATEST, max(SOONEST, silence / 4))
