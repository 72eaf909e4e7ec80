"""What every engine module offers, and what it is told about the page it reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.document import Document, host_of
from crawler.errors import Misconfigured
from crawler.links import canonical
from crawler.post import Page
from crawler.times import Reader, ShownTime


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when a page was captured.

    url: the page's address, canonical. captured_at: aware. timezone: IANA name of the zone of shown times.
    base: what relative links start from where the page says so (<base href>), else "".
    day_first: whether 03/08/2026 is the third of August.
    """

    url: str
    captured_at: datetime
    source_id: str = ""
    timezone: str = "UTC"
    base: str = ""
    day_first: bool = False

    def link(self, href: str | None) -> str:
        """The canonical address of a link; "" if it leaves the host or is none of http(s)."""
        if not href:
            return ""
        try:
            absolute = urljoin(self.base or self.url, href.strip())
        except ValueError:
            return ""
        if not absolute.startswith(("http://", "https://")) or host_of(absolute) != host_of(self.url):
            return ""
        return canonical(absolute)

    def time(self, text: str, exact: str = "") -> ShownTime:
        """Read a time of this page; exact is a machine-readable attribute that wins."""
        return Reader(self.captured_at, zone(self.timezone), self.day_first).read(text, exact)


def zone(name: str) -> ZoneInfo:
    """The zone of a source.

    Raises: Misconfigured for an unknown name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(
            f"The source's time zone {name!r} is unknown; use an IANA name such as Europe/Berlin."
        ) from error


class Engine(Protocol):
    """The shape of an engine module."""

    NAME: str

    def looks_like(self, doc: Document) -> tuple[str, ...]:
        """Names of the independent marks of this software that the page shows."""
        ...

    def read(self, doc: Document, ctx: Context) -> Page:
        """What the page holds. Never raises on any page."""
        ...
