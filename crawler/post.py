"""What the crawler collects: sources, threads, posts. Text only; ids never contain anything that can change."""

import hashlib
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NAMESPACE = uuid.UUID("6f1f3f0e-5b0e-5d53-9b1e-2c8f4f1c7a10")
"""Root of every UUIDv5 (RFC 9562) Nightlight makes; changing it would orphan every stored id."""


MAX_TEXT = 65_536
"""Characters kept of a post's text, and as many of its quotes together; the page says when there were more."""


class Precision(StrEnum):
    """How exact a shown time is."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Account:
    """A declared identity of a source; the mandate must name it too.

    secret_file: path, relative to the home folder, of a file that holds the password and nothing else.
    logged_in_marker: CSS selector that matches only on pages served to a member.
    """

    user: str
    secret_file: str
    login_url: str
    logged_in_marker: str


@dataclass(frozen=True, slots=True)
class Source:
    """A forum in the registry.

    id: slug of a-z, 0-9 and "-", at most 40 long; also its SOCKS user.
    start_url: the board index.
    engine: an engine's name, or "auto" to detect it on every page.
    timezone: IANA name of the zone in which the forum shows times.
    """

    id: str
    name: str
    start_url: str
    mandate_id: str
    engine: str = "auto"
    timezone: str = "UTC"
    account: Account | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of somebody else inside a post, kept apart from the author's own.

    ref: the forum's own id of the quoted post, "" where the quote doesn't say.
    """

    author: str | None
    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One revision of one post as an engine read it from a page.

    post_id: the forum's own id, unique in the source; never a position in the page.
    text: the author's words, blocks joined by newlines, quotes left out; at most MAX_TEXT characters.
    published_at: aware UTC, or None where the page doesn't show it; time_shown keeps the page's words.
    """

    source_id: str
    thread_id: str
    post_id: str
    author: str
    text: str
    url: str
    captured_at: datetime
    quotes: tuple[Quote, ...] = ()
    published_at: datetime | None = None
    time_shown: str = ""
    time_precision: Precision = Precision.NONE
    edited: bool = False

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the words (NFC, white space folded) and quotes: the version of the post."""
        return content_hash(self.text, self.quotes)

    @property
    def revision_id(self) -> str:
        """UUIDv5 of (source, post, content): the same words always get the same id."""
        return str(uuid.uuid5(NAMESPACE, f"revision\n{self.source_id}\n{self.post_id}\n{self.sha256}"))


def content_hash(text: str, quotes: tuple[Quote, ...] = ()) -> str:
    """Hex SHA-256 over the folded words and quotes; white space and composition don't matter."""
    parts = [_folded(text)]
    for quote in quotes:
        parts += [_folded(quote.author or ""), _folded(quote.text)]
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread as a board page lists it.

    mark: what changes when somebody posts (reply count, last post's id or exact time); opaque, compared as a whole.
    """

    thread_id: str
    url: str
    title: str
    mark: str
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class BoardRef:
    """A board as the index or a parent board lists it."""

    board_id: str
    url: str
    title: str


class PageKind(StrEnum):
    """What a page is for the crawl."""

    INDEX = "index"
    BOARD = "board"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Page:
    """What an engine reads from one page; every URL absolute and canonical for its engine.

    next_urls: further pages of the same board or thread.
    degraded: why the extraction may be incomplete, or "" when it is whole.
    login_required: the page asks for a login instead of showing content.
    """

    engine: str
    kind: PageKind
    boards: tuple[BoardRef, ...] = ()
    threads: tuple[ThreadRef, ...] = ()
    posts: tuple[Post, ...] = ()
    next_urls: tuple[str, ...] = ()
    board_id: str = ""
    board_title: str = ""
    thread_id: str = ""
    thread_title: str = ""
    page_number: int = 1
    page_count: int | None = None
    replies: int | None = None
    degraded: str = ""
    login_required: bool = False
    counts: dict[str, int] = field(default_factory=dict, hash=False)
    """How many media elements (img, video, attachment links, data: URIs) the page offered and were left alone."""
