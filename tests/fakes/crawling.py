"""One crawl of a small source, for tests that look at what goes over the wire."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from crawler.post import Account, Source
from crawler.run import Outcome, run_crawl
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.raw_server import page

INDEX = b'<body id="phpbb" class="section-index"><a class="forumtitle" href="./viewforum.php?f=1">Board</a></body>'
BOARD = (
    b'<body id="phpbb" class="section-viewforum"><a class="topictitle" href="./viewtopic.php?f=1&amp;t=7">Thread</a>'
    b'<a href="ucp.php?mode=login">Login</a></body>'
)
THREAD = (
    b'<body id="phpbb" class="section-viewtopic"><h2 class="topic-title">Thread</h2>'
    b'<div id="p11" class="post"><div class="postbody"><p class="author">by <a class="username">ann</a> '
    b'&raquo; <time datetime="2026-11-01T10:00:00+00:00">1 Nov</time></p>'
    b'<div class="content">words of ann</div></div></div></body>'
)


async def forum(path: str) -> AsyncIterator[bytes]:
    """The pages of that source, with a robots.txt that allows all."""
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        yield page(BOARD if "viewforum" in path else THREAD)


def source(url: str, account: Account | None = None, source_id: str = "forum") -> Source:
    """A source at this address."""
    return Source(source_id, "Forum", url, "M-1", engine="phpbb", account=account)


def run(url: str, memory: Memory, home: Path, *, book: Book | None = None, **options: Any) -> Outcome:
    """Crawl it under a mandate for its origin."""
    origin = "/".join(url.split("/")[:3])
    book = book or Book(mandate(origin))
    account = options.pop("account", None)
    here = source(url, account, options.pop("source_id", "forum"))
    return asyncio.run(
        run_crawl(here, book=book, state=memory, sink=memory, watcher=memory, home=home, now=now, **options)
    )
