"""No byte of media: responses are cut at their headers or first bytes, and nothing of them stays anywhere."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from crawler.post import Account
from crawler.textonly import MAX_BODY, NotText
from tests.fakes.crawl import Book, Memory, mandate
from tests.fakes.crawling import BOARD, INDEX, THREAD, run
from tests.fakes.raw_server import page, serving

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16
BIG = 8 * 1024 * 1024
KERNEL = 5 * 1024 * 1024
"""What buffers of two sockets may swallow before a sender notices that nobody reads."""


def head(content_type: str, *more: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "Connection: close", *more]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def pages(path: str, thread: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A forum of one thread, whose page is this."""
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    elif path.startswith("/viewforum"):
        yield page(BOARD)
    else:
        async for chunk in thread:
            yield chunk


async def endless(content_type: str, first: bytes, *more: str) -> AsyncIterator[bytes]:
    yield head(content_type, *more)
    yield first
    for _ in range(BIG // 65536):
        await asyncio.sleep(0.001)
        yield b"\x00" * 65536


@pytest.mark.parametrize("content_type", ["image/png", "video/mp4", "application/octet-stream", "", "text/css"])
def test_a_response_that_is_no_text_is_cut_at_its_headers(tmp_path: Path, content_type: str) -> None:
    memory = Memory()
    with serving(lambda path: pages(path, endless(content_type, PNG))) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    [topic] = [path for path in served.sent if path.startswith("/viewtopic")]
    [fetched] = [fetched for fetched in memory.fetches if "viewtopic" in fetched.url]
    assert fetched.outcome == "not-text"
    assert (fetched.media_bytes, outcome.media_bytes) == (0, 0)
    assert served.sent[topic] < KERNEL, "the sender noticed that nobody reads"
    assert memory.posts == {}


def test_a_png_that_claims_to_be_html_is_stopped_at_its_first_bytes(tmp_path: Path) -> None:
    memory = Memory()
    with serving(lambda path: pages(path, endless("text/html", PNG))) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    [fetched] = [fetched for fetched in memory.fetches if "viewtopic" in fetched.url]
    assert fetched.outcome == "not-text"
    assert 0 < fetched.media_bytes <= 128 * 1024
    assert outcome.media_bytes == fetched.media_bytes
    assert memory.posts == {}


@pytest.mark.parametrize("path", ["/robots.txt", "/login"])
def test_media_in_place_of_robots_txt_or_a_login_page_are_counted_too(tmp_path: Path, path: str) -> None:
    async def planted(asked: str) -> AsyncIterator[bytes]:
        if asked == path:
            yield page(PNG)
        else:
            yield page(INDEX if asked == "/" else b"")

    memory = Memory()
    (tmp_path / "secret").write_text("pw")
    with serving(planted) as served:
        account = Account("ann", "secret", served.url + "/login", "a.logout") if path == "/login" else None
        book = Book(mandate(served.url, login_path="/login", account="ann"))
        with nullcontext() if account is None else pytest.raises(NotText):
            outcome = run(served.url + "/", memory, tmp_path, book=book, account=account)
            assert outcome.media_bytes == len(PNG)
    [cut] = [fetched for fetched in memory.fetches if fetched.outcome == "not-text"]
    assert (cut.url, cut.media_bytes) == (served.url + path, len(PNG))


async def packed(body: bytes) -> AsyncIterator[bytes]:
    yield page(body, "text/html", "200 OK", "Content-Encoding: gzip")


def test_a_png_inside_gzip_is_stopped_too(tmp_path: Path) -> None:
    memory = Memory()
    with serving(lambda path: pages(path, packed(gzip.compress(PNG)))) as served:
        run(served.url + "/", memory, tmp_path)
    assert [fetched.outcome for fetched in memory.fetches if "viewtopic" in fetched.url] == ["not-text"]


def test_text_inside_gzip_is_read(tmp_path: Path) -> None:
    memory = Memory()
    with serving(lambda path: pages(path, packed(gzip.compress(THREAD)))) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    assert [post.text for post in memory.posts.values()] == ["words of ann"]
    assert (outcome.posts, outcome.media_bytes) == (1, 0)


def test_a_gzip_bomb_is_cut_at_the_limit(tmp_path: Path) -> None:
    squeeze = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    bomb = b"".join(squeeze.compress(b"a" * 2**20) for _ in range(100)) + squeeze.flush()
    memory = Memory()
    with serving(lambda path: pages(path, packed(bomb))) as served:
        run(served.url + "/", memory, tmp_path)
    [fetched] = [fetched for fetched in memory.fetches if "viewtopic" in fetched.url]
    assert (fetched.outcome, fetched.media_bytes) == ("not-text", 0)
    assert str(MAX_BODY) in fetched.reason
