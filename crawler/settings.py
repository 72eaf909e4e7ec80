"""Scrapy's settings, pinned: its defaults open doors that a crawler of hostile sites must keep shut."""

from typing import Any

from crawler.textonly import MAX_BODY

HANDLER = "crawler.transport.TextOnlyHandler"


def scrapy_settings() -> dict[str, Any]:
    """The settings of one crawl; tests/unit/crawler/test_settings.py says why each is as it is."""
    return {
        # our handler and no other: not even file:, data:, ftp: or s3: addresses
        "DOWNLOAD_HANDLERS": {
            "http": HANDLER, "https": HANDLER, "data": None, "file": None, "ftp": None, "s3": None,
        },
        "TWISTED_REACTOR_ENABLED": False,
        # nobody steers a running crawl from outside, nothing of it is kept beside the record
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "FEEDS": {},
        "JOBDIR": None,
        # what leaves: one request at a time, no proxy of the environment's, no address of another site
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,
        # the handler waits as long as the mandate says, so that a stop needn't
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "HTTPPROXY_ENABLED": False,
        "REFERRER_POLICY": "same-origin",
        "COOKIES_ENABLED": True,
        "COOKIES_DEBUG": False,
        "USER_AGENT": None,
        "DEFAULT_REQUEST_HEADERS": {},
        # what comes back: small, unpacked by our gate, verified, followed a few steps and never by a page's own refresh
        "DOWNLOAD_MAXSIZE": MAX_BODY,
        "DOWNLOAD_WARNSIZE": 0,
        "COMPRESSION_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "METAREFRESH_ENABLED": False,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 1,
        # a source under load is left alone until the frontier's longer wait is over
        "RETRY_HTTP_CODES": [500, 502, 504],
        # robots.txt is asked and obeyed by the spider, as the mandate says, through our handler
        "ROBOTSTXT_OBEY": False,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        # Scrapy's own log quotes addresses and items; our events carry ids and counts
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        "EXTENSIONS": {
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
    }  # fmt: skip
