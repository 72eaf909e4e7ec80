"""What the crawler needs from outside. The pipeline implements these on its record; tests on fakes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.mandate import Mandate
from crawler.post import Page, PageKind, Source


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of the frontier that waits to be fetched."""

    url: str
    kind: PageKind
    thread_id: str = ""
    title: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class ThreadState:
    """What the record knows of a thread.

    mark: the board's mark for which the thread was last made due, in the same commit; "" if no board listed it.
    last_page_url: where its newest known posts stand, or the next page that is due.
    revisit_at: when it is due again although its mark stayed the same.
    """

    thread_id: str
    mark: str
    last_page_url: str
    revisit_at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """One fetch as the crawl log keeps it; never the body.

    outcome: "ok", "refused", "not-text", "failed", "login".
    media_bytes: bytes of a non-text body that reached this process before the cut (0 when cut at the headers).
    requests: how many were sent for it: retries and redirects count, and one that was refused may have sent none.
    """

    url: str
    at: datetime
    outcome: str
    status: int = 0
    content_type: str = ""
    bytes: int = 0
    media_bytes: int = 0
    sha256: str = ""
    reason: str = ""
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Capture:
    """What one visited page changes; committed as a whole or not at all.

    page: what the engine read. due: pages to add to the frontier (already known due ones are left as they are).
    threads: thread states to store.
    """

    source_id: str
    visited: DuePage
    fetched: Fetched
    page: Page
    due: tuple[DuePage, ...]
    threads: tuple[ThreadState, ...]


class MandateBook(Protocol):
    """Mandates in force."""

    def live(self, source_id: str, now: datetime) -> Mandate:
        """The verified mandate that covers the source now, read afresh from the record.

        Raises: MandateRefused with one sentence (none, edited, expired, revoked, paused source...).
        """
        ...


class CrawlState(Protocol):
    """The frontier and what was seen, in the record."""

    def begin(self, source: Source, pages: Sequence[DuePage]) -> None:
        """Start or resume a crawl: add the pages as due; those left due by a killed crawl stay."""
        ...

    def due(self, source_id: str, limit: int) -> Sequence[DuePage]:
        """Pages to fetch next, oldest first; index before board before thread."""
        ...

    def threads(self, source_id: str, thread_ids: Sequence[str]) -> dict[str, ThreadState]:
        """Known threads among these ids."""
        ...

    def overdue_threads(self, source_id: str, now: datetime) -> Sequence[ThreadState]:
        """Threads whose revisit is due."""
        ...

    def knows_page(self, source_id: str, url: str) -> bool:
        """Was this page ever visited, or is it due?"""
        ...

    def fetched_since(self, source_id: str, since: datetime) -> int:
        """How many requests were sent since then; the budget of a day counts them all."""
        ...

    def failed(self, source_id: str, page: DuePage, fetched: Fetched, retry: bool) -> None:
        """A page couldn't be had: due again while retry, else set aside with the reason, and its thread not overdue."""
        ...

    def log(self, source_id: str, fetched: Fetched) -> None:
        """Keep one fetch that is no page of the frontier: robots.txt, login, a refused redirect."""
        ...


class PostSink(Protocol):
    """Where what was read goes."""

    def accept(self, capture: Capture) -> int:
        """Commit the capture; returns how many revisions were new. When it returns, nothing of it can be lost."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts a crawl shows while it runs."""

    pages: int = 0
    posts: int = 0
    new_posts: int = 0
    due: int = 0
    refused: int = 0
    failed: int = 0


class ProgressSink(Protocol):
    """Who watches the crawl."""

    def show(self, progress: Progress) -> None: ...
