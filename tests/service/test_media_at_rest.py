"""After a crawl of a forum full of media there is none in the home folder; the same scan finds what is planted."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.post import Source
from crawler.run import run_crawl
from pipeline.adapters.record.record import SqlRecord
from pipeline.demo.scan import media_at_rest
from pipeline.line.ingest import Ingest
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.crawling import BOARD, INDEX, THREAD
from tests.fakes.raw_server import Served, page, serving

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TEXTUAL = base64.b64encode(PNG)
HOSTILE = (
    THREAD.replace(b"words of ann", b"words of ann <img src='data:image/png;base64," + TEXTUAL + b"'> " + TEXTUAL)
    + b"<img src='/shown.png'><a href='./download/file.php?id=3'>a.pdf</a>"
)
LISTED = BOARD + b'<a class="topictitle" href="./viewtopic.php?f=1&amp;t=8">Second</a>'


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def forum(path: str) -> AsyncIterator[bytes]:
    if path == "/robots.txt":
        yield page(PNG, "text/plain")
    elif path == "/":
        yield page(INDEX)
    elif path.startswith("/viewforum"):
        yield page(LISTED)
    elif path.endswith("t=7"):
        yield page(HOSTILE)
    else:
        yield page(PNG)


@pytest.fixture
def crawled(tmp_path: Path) -> tuple[Served, SqlRecord]:
    record = SqlRecord(f"sqlite:///{tmp_path / 'record.db'}", clock=Clock())
    record.migrate()
    with serving(forum) as served:
        source = Source("forum", "Forum", served.url + "/", "M-1", engine="phpbb")
        asyncio.run(
            run_crawl(
                source,
                book=Book(mandate(served.url)),
                state=record.crawl_state(),
                sink=Ingest(record, Clock()),
                watcher=Memory(),
                home=tmp_path,
                now=now,
            )
        )
    return served, record


def test_no_media_rest_after_a_crawl_and_planted_ones_are_found(
    crawled: tuple[Served, SqlRecord], tmp_path: Path
) -> None:
    served, record = crawled
    with record.read() as tx:
        stored = tx.all_posts(0, 10)
    record.close()
    assert [post.post.text.split(" [")[0] for post in stored] == ["words of ann"], "the crawl did read the forum"
    assert "GET /viewtopic.php?t=8" in served.asked, "the page that is a PNG was asked for"
    assert not [line for line in served.asked if "png" in line or "download" in line]
    assert media_at_rest(tmp_path) == {}
    (tmp_path / "raw.bin").write_bytes(b"x" * 5000 + PNG)
    (tmp_path / "encoded.json").write_bytes(b'{"text": "' + TEXTUAL + b'"}')
    (tmp_path / "address.txt").write_bytes(b"data:image/gif;base64,R0lG")
    with (tmp_path / "record.db").open("ab") as database:
        database.write(PNG)
    assert list(media_at_rest(tmp_path)) == ["address.txt", "encoded.json", "raw.bin", "record.db"]
