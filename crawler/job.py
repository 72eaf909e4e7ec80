"""One crawl: everything its parts share, handed over through Scrapy's crawler object."""

import secrets
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
from crawler.pace import Pace
from crawler.ports import CrawlState, MandateBook, PostSink, Progress, ProgressSink
from crawler.post import Source

Fetch = Callable[[Request], Awaitable[Response]]
"""Downloads one page through Scrapy's middlewares and our handler."""

DEADLINE_S = {"direct": 30.0, "tor": 60.0}
"""Seconds for a whole download, whatever drips in meanwhile."""


async def _nowhere(fetch: Fetch) -> None:
    """Until a walk is set, a crawl visits nothing."""


@dataclass(slots=True)
class Job:
    """Mutable only in what happens during the crawl.

    stopped: why no further request may be made, or "". deadline_s: for one whole download.
    sent: requests that left, counted by the download handler.
    robots: what robots.txt asks, when the mandate says to obey it.
    pace, socks_password: one of each, because Scrapy makes a download handler for each scheme.
    cuts: what ends the connections of each of these handlers.
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
    pace: Pace = field(default_factory=Pace)
    socks_password: str = field(default_factory=secrets.token_hex)
    cuts: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    walk: Callable[[Fetch], Awaitable[None]] = field(default=_nowhere)

    async def cut(self) -> None:
        """End every connection at once, also in the middle of a page."""
        for cut in self.cuts:
            await cut()


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
