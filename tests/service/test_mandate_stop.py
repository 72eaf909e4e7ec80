"""A mandate that ends stops a running crawl within five seconds, whatever the crawl is waiting for."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.mandate import Mandate
from crawler.run import Outcome
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.crawling import INDEX, run
from tests.fakes.raw_server import Served, page, serving

LIMIT_S = 5.0


def revoke(book: Book) -> None:
    book.mandate = None


def expire(book: Book) -> None:
    assert book.mandate is not None
    book.mandate = replace(book.mandate, valid_until=now() - timedelta(seconds=1))


async def dripping(path: str) -> AsyncIterator[bytes]:
    """robots.txt and the index come; the board comes byte by byte for a minute."""
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 600\r\n\r\n"
        for _ in range(600):
            await asyncio.sleep(0.1)
            yield b"a"


async def silent(path: str) -> AsyncIterator[bytes]:
    """The board never gets an answer."""
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        await asyncio.sleep(60)
        yield b""


async def quick(path: str) -> AsyncIterator[bytes]:
    yield page(INDEX if path == "/" else b"", "text/html" if path == "/" else "text/plain")


def stopped_crawl(
    served: Served, home: Path, end: Callable[[Book], None], requests: int, **changes: object
) -> tuple[Outcome, float]:
    """Crawl, end the mandate once so many requests have arrived; returns the outcome and the seconds until the end."""
    live: Mandate = mandate(served.url, **changes)
    book, ended = Book(live), []

    def watch() -> None:
        while len(served.heads) < requests:
            time.sleep(0.02)
        time.sleep(0.3)
        end(book)
        ended.append(time.monotonic())

    watcher = threading.Thread(target=watch)
    watcher.start()
    outcome = run(served.url + "/", Memory(), home, book=book)
    watcher.join(10)
    return outcome, time.monotonic() - ended[0]


@pytest.mark.parametrize("answer", [dripping, silent])
@pytest.mark.parametrize("end", [revoke, expire])
def test_an_ended_mandate_cuts_a_download_under_way(
    tmp_path: Path, answer: Callable[[str], AsyncIterator[bytes]], end: Callable[[Book], None]
) -> None:
    with serving(answer) as served:
        outcome, seconds = stopped_crawl(served, tmp_path, end, requests=3)
        asked = len(served.heads)
        time.sleep(0.5)
        assert len(served.heads) == asked == 3
    assert seconds < LIMIT_S
    assert "mandate" in outcome.stopped.lower()
    assert outcome.pages == 1, "what was accepted before stays"


def test_an_ended_mandate_cuts_the_wait_between_two_requests(tmp_path: Path) -> None:
    with serving(quick) as served:
        outcome, seconds = stopped_crawl(served, tmp_path, revoke, requests=1, delay_s=600)
        assert served.asked == ["GET /robots.txt"]
    assert seconds < LIMIT_S
    assert "revoked" in outcome.stopped
