"""Runs one crawl in this process, watched: a mandate that ends stops it within seconds."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner

from crawler.errors import Refused
from crawler.extract import Extractor
from crawler.job import DEADLINE_S, Fetch, Job, JobCrawler
from crawler.mandate import Mandate
from crawler.ports import CrawlState, MandateBook, PostSink, ProgressSink
from crawler.post import Source
from crawler.settings import scrapy_settings
from crawler.spider import ForumSpider, Walk

WATCH_S = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crawl did. stopped: why it ended before everything due was visited, or ""."""

    pages: int
    posts: int
    new_posts: int
    refused: int
    failed: int
    media_bytes: int
    stopped: str


async def run_crawl(
    source: Source,
    *,
    book: MandateBook,
    state: CrawlState,
    sink: PostSink,
    watcher: ProgressSink,
    home: Path,
    now: Callable[[], datetime],
    socks_url: str = "",
    deadline_s: float | None = None,
) -> Outcome:
    """Crawl a source until nothing is due.

    Raises: MandateRefused before anything is sent when no mandate is in force; Unavailable when the source can't be
        reached; Misconfigured for a set-up that can't work. What was accepted before stays accepted.
    """
    _silence()
    mandate = book.live(source.id, now())
    route = mandate.scope(source.id).route
    extractor = Extractor()
    job = Job(source, book, state, sink, extractor, watcher, home, now, socks_url, deadline_s or DEADLINE_S[route])
    try:
        await _walk_in_scrapy(job, mandate)
    finally:
        await extractor.close()
    done = job.progress
    return Outcome(done.pages, done.posts, done.new_posts, done.refused, done.failed, job.media_bytes, job.stopped)


def _silence() -> None:
    """Libraries' own messages quote addresses; ours, made by whoever runs the crawl, hold ids and counts."""
    for name in ("scrapy", "twisted", "aiohttp", "protego"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())


async def _walk_in_scrapy(job: Job, mandate: Mandate) -> None:
    failure: list[Exception] = []

    async def walk(fetch: Fetch) -> None:
        try:
            await _watched(job, Walk(job, mandate, fetch))
        except Exception as error:  # Scrapy would log and swallow it; it is raised below
            failure.append(error)

    job.walk = walk
    settings = scrapy_settings()
    await AsyncCrawlerRunner(settings).crawl(JobCrawler(ForumSpider, settings, job))
    if not failure:
        return
    if not isinstance(failure[0], Refused) or not (job.stopped or job.progress.pages):
        raise failure[0]
    job.stopped = job.stopped or str(failure[0])


async def _watched(job: Job, walk: Walk) -> None:
    """Walk, and stop walking when the mandate no longer allows it, even in the middle of a page.

    Raises: what the walk raises; what asking for the mandate raises, if that isn't its refusal.
    """
    walking = asyncio.create_task(walk.run())
    try:
        while not (await asyncio.wait([walking], timeout=WATCH_S))[0]:
            job.book.live(job.source.id, job.now())
    except BaseException as error:
        job.stopped = job.stopped or (str(error) if isinstance(error, Refused) else "The mandate can't be read")
        await job.cut()
        walking.cancel()
        await asyncio.wait([walking])
        if not isinstance(error, Refused):
            raise
    else:
        await walking
