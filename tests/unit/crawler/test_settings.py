"""Each Scrapy setting that matters, with what it guards against; read from the crawler that really runs."""

from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import BaseSettings, Settings

from crawler.extract import Extractor
from crawler.job import Job, JobCrawler
from crawler.settings import HANDLER, scrapy_settings
from crawler.spider import ForumSpider
from crawler.textonly import MAX_BODY
from tests.fakes.crawl import Book, Memory, now
from tests.fakes.crawling import source

PINNED: list[tuple[str, Any, str]] = [
    ("TELNETCONSOLE_ENABLED", False, "a console that runs code"),
    ("REMOTE_CONTROL_ENABLED", False, "a server on loopback that runs code"),
    ("HTTPPROXY_ENABLED", False, "a proxy variable of the environment reroutes a crawl"),
    ("METAREFRESH_ENABLED", False, "a page leads on by itself"),
    ("HTTPCACHE_ENABLED", False, "pages stay on disk"),
    ("COMPRESSION_ENABLED", False, "a page is unpacked before our gate sees it, brotli and zstd are offered"),
    ("ROBOTSTXT_OBEY", False, "Scrapy's middleware lets everything pass when robots.txt can't be had; ours doesn't"),
    ("DOWNLOAD_VERIFY_CERTIFICATES", True, "anybody poses as the source"),
    ("DOWNLOAD_MAXSIZE", MAX_BODY, "a gigabyte is read"),
    ("REDIRECT_MAX_TIMES", 5, "redirects in circles"),
    ("RETRY_TIMES", 1, "a source in trouble is hammered"),
    ("CONCURRENT_ITEMS", 1, "a hundred tasks a response"),
    ("CONCURRENT_REQUESTS", 1, "a source feels us"),
    ("CONCURRENT_REQUESTS_PER_DOMAIN", 1, "a source feels us"),
    ("COOKIES_DEBUG", False, "cookies in the log"),
    ("LOG_ENABLED", False, "addresses in the log"),
    ("STATS_DUMP", False, "a dump in the log"),
    ("JOBDIR", None, "a queue on disk that loses requests and is unpickled"),
    ("USER_AGENT", None, "Scrapy's name reaches the source"),
    ("TWISTED_REACTOR_ENABLED", False, "another resolver and another network stack beside ours"),
    ("REFERRER_POLICY", "same-origin", "another site learns where we come from"),
    ("COOKIES_ENABLED", True, "no login lasts"),
    ("DEFAULT_REQUEST_HEADERS", {}, "a header that no mandate declares"),
    ("RETRY_HTTP_CODES", [500, 502, 504], "a server under load (429, 503) is asked again at once"),
    ("DOWNLOAD_DELAY", 0, "a stop waits for Scrapy's delay; the handler keeps the mandate's"),
    ("DOWNLOAD_DELAY_JITTER", 0, "a stop waits for Scrapy's delay; the handler keeps the mandate's"),
    ("DOWNLOAD_WARNSIZE", 0, "addresses in the log"),
    ("FEEDS", {}, "posts are written to files"),
    ("DUPEFILTER_CLASS", "scrapy.dupefilters.BaseDupeFilter", "a page is dropped unseen; the frontier decides"),
]
APART = {"DOWNLOAD_HANDLERS", "EXTENSIONS"}
"""Pinned too; their tests are below."""


def running() -> BaseSettings:
    """What Scrapy's crawler goes by once our spider and our job have had their say."""
    memory = Memory()
    job = Job(source("http://forum.example/"), Book(None), memory, memory, Extractor(), memory, Path(), now)
    return JobCrawler(ForumSpider, scrapy_settings(), job).settings


@pytest.mark.parametrize(("name", "value", "against"), PINNED)
def test_a_setting_that_guards(name: str, value: Any, against: str) -> None:
    found = running()[name]
    assert (found.copy_to_dict() if isinstance(found, BaseSettings) else found) == value, against


def test_no_setting_is_pinned_without_a_reason_in_here() -> None:
    assert {name for name, _, _ in PINNED} | APART == set(scrapy_settings())


@pytest.mark.parametrize("name", ["TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "METAREFRESH_ENABLED"])
def test_the_default_is_another_one(name: str) -> None:
    assert bool(Settings()[name]) is True


def test_only_http_and_https_have_a_handler_and_it_is_ours() -> None:
    handlers = running().getwithbase("DOWNLOAD_HANDLERS")
    assert set(handlers) > {"http", "https"}, "Scrapy brings others"
    assert {scheme: handler for scheme, handler in handlers.items() if handler is not None} == {
        "http": HANDLER,
        "https": HANDLER,
    }


def test_extensions_that_log_or_count_are_off() -> None:
    names = {"corestats.CoreStats", "logstats.LogStats", "memusage.MemoryUsage"}
    for settings, there in ((running(), False), (Settings(), True)):
        extensions = settings.getwithbase("EXTENSIONS")
        assert all((extensions[f"scrapy.extensions.{name}"] is not None) is there for name in names)
