"""Each Scrapy setting that matters, with what it guards against; read from the crawler that really runs."""

from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.settings import scrapy_settings
from crawler.textonly import MAX_BODY

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
]


@pytest.mark.parametrize(("name", "value", "against"), PINNED)
def test_a_setting_that_guards(name: str, value: Any, against: str) -> None:
    assert Settings(scrapy_settings())[name] == value, against


@pytest.mark.parametrize("name", ["TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "METAREFRESH_ENABLED"])
def test_the_default_is_another_one(name: str) -> None:
    assert bool(Settings()[name]) is True


def test_only_http_and_https_have_a_handler_and_it_is_ours() -> None:
    handlers = Settings(scrapy_settings()).getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme: handler for scheme, handler in handlers.items() if handler is not None} == {
        "http": "crawler.transport.TextOnlyHandler",
        "https": "crawler.transport.TextOnlyHandler",
    }


def test_a_server_under_load_is_not_asked_again_at_once() -> None:
    codes = set(Settings(scrapy_settings()).getlist("RETRY_HTTP_CODES"))
    assert not codes & {"429", "503", 429, 503}
