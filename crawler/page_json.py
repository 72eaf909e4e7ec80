"""A page as JSON and back: what the extraction child answers with, and what `nightlight extract` prints (pure)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from crawler.post import BoardRef, Page, PageKind, Post, Precision, Quote, ThreadRef

Json = dict[str, Any]


def to_wire(page: Page) -> Json:
    """Every field of a page, in JSON's types. source_id and captured_at of posts are left to the receiver."""
    wire = asdict(page)
    for post in wire["posts"]:
        del post["source_id"], post["captured_at"]
        post["published_at"] = _stamp(post["published_at"])
    return wire


def from_wire(wire: Mapping[str, Any], source_id: str, captured_at: datetime) -> Page:
    """The page an extraction child read.

    Raises: KeyError, TypeError or ValueError if it isn't one.
    """
    values = dict(wire)
    values["kind"] = PageKind(values["kind"])
    values["boards"] = tuple(BoardRef(**board) for board in values["boards"])
    values["threads"] = tuple(ThreadRef(**thread) for thread in values["threads"])
    values["posts"] = tuple(_post(post, source_id, captured_at) for post in values["posts"])
    values["next_urls"] = tuple(values["next_urls"])
    return Page(**values)


def _post(wire: Mapping[str, Any], source_id: str, captured_at: datetime) -> Post:
    values = dict(wire)
    at = values["published_at"]
    values["published_at"] = datetime.fromisoformat(at) if at else None
    values["time_precision"] = Precision(values["time_precision"])
    values["quotes"] = tuple(Quote(**quote) for quote in values["quotes"])
    return Post(source_id=source_id, captured_at=captured_at, **values)


def to_report(page: Page) -> Json:
    """The JSON of `nightlight extract`; times in UTC as 2026-08-03T12:56:00Z, null where the page shows none."""
    return {
        "engine": page.engine,
        "degraded": page.degraded,
        "board": page.board_title or page.board_id,
        "page": page.page_number,
        "pages": page.page_count,
        "replies": page.replies,
        "thread": {"id": page.thread_id, "title": page.thread_title},
        "threads": [asdict(thread) for thread in page.threads],
        "posts": [_reported(post) for post in page.posts],
        "next": page.next_urls[0] if page.next_urls else None,
    }


def _reported(post: Post) -> Json:
    return {
        "id": post.post_id,
        "author": post.author,
        "published_at": _stamp(post.published_at),
        "time_shown": post.time_shown,
        "time_precision": post.time_precision.value,
        "text": post.text,
        "quotes": [asdict(quote) for quote in post.quotes],
        "edited": post.edited,
    }


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
