"""Errors of the crawler; the class decides what happens next.

CrawlerError
├── Refused        policy says no: never retried, nothing was sent
│   └── MandateRefused
├── Unavailable    the far end or the way to it failed: retried later
│   └── Unreachable    the whole source: no page is to blame, so the crawl ends and all stay due
├── Corrupt        what came can't be used: set aside with the reason
│   └── TooSlow        it took too long, perhaps as the machine was busy: tried once more by a later crawl
└── Misconfigured  the set-up is wrong: the crawl doesn't start
"""


class CrawlerError(Exception):
    """Base of every error the crawler raises on purpose."""


class Refused(CrawlerError):
    """Policy forbids it; nothing was sent."""


class MandateRefused(Refused):
    """No mandate in force covers this request."""


class Unavailable(CrawlerError):
    """The far end, or the way to it, didn't answer as it should; try again later."""


class Unreachable(Unavailable):
    """Nothing of the source can be had at the moment."""


class Corrupt(CrawlerError):
    """What came can't be read; set aside with the reason."""


class TooSlow(Corrupt):
    """Reading it took too long; the page or a busy machine may be to blame."""


class Misconfigured(CrawlerError):
    """The set-up is wrong; the message says what to change."""
