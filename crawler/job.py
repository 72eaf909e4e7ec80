"""One crawl: everything its parts share, handed over through Scrapy's crawler object."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from protego import Protego
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errors import Misconfigured
from crawler.extract import Extractor
from crawler.ports import CrawlState, MandateBook, PostSink, Progress, ProgressSink
from crawler.post import Source

Fetch = Callable[[Request], Awaitable[Response]]
"""Downloads one page through Scrapy's middlewares and our handler."""

DEADLINE_S = {"direct": 30.0, "tor": 60.0}
"""Seconds for a whole download, whatever drips in meanwhile."""


async def _nowhere(fetch: Fetch) -> None:
    """Until a walk is set, a crawl visits nothing."""


async def _nothing_open() -> None:
    """Until there is a download handler, no connection is there to cut."""


@dataclass(slots=True)
class Job:
    """Mutable only in what happens during the crawl.

    stopped: why no further request may be made, or "". deadline_s: for one whole download.
    sent: requests that left, counted by the download handler.
    robots: what robots.txt asks, when the mandate says to obey it.
    cut: ends every connection at once, also in the middle of a page; set by the download handler.
    """

    source: Source
    book: MandateBook
    state: CrawlState
    sink: PostSink
    extractor: Extractor
    watcher: ProgressSink
    home: Path
    now: Callable[[], datetime]
    socks_url: str = ""
    deadline_s: float = DEADLINE_S["tor"]
    stopped: str = ""
    sent: int = 0
    progress: Progress = field(default_factory=Progress)
    media_bytes: int = 0
    robots: Protego | None = None
    cut: Callable[[], Awaitable[None]] = field(default=_nothing_open)
    walk: Callable[[Fetch], Awaitable[None]] = field(default=_nowhere)


class JobCrawler(Crawler):
    """Scrapy's crawler object with the job it works on."""

    def __init__(self, spider: type[Spider], settings: dict[str, Any], job: Job) -> None:
        super().__init__(spider, settings)
        self.job = job


def job_of(crawler: Crawler) -> Job:
    """The job of a running crawl. Raises: Misconfigured when Scrapy was started some other way: nothing is fetched."""
    if not isinstance(crawler, JobCrawler):
        raise Misconfigured("A crawl needs its job; start it with: nightlight crawl SOURCE")
    return crawler.job
