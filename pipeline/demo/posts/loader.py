"""Reads the TOML files in this folder, one per board:

    id = 2                       # the board's number in addresses
    category = "Workshop"
    title = "Bikes & Wheels"
    description = "..."

    [[thread]]
    title = "..."
    language = "en"              # ISO 639-1
    start = 2026-10-02T14:05:00Z
    posts = [
      {by = "handle", text = "..."},
      {by = "handle", quote = [1], text = "..."},      # quotes the thread's first post
      {by = "handle", intent = "seeking", method = "filter-removal", text = "..."},   # intent: the post is to be found
      {by = "handle", edited = true, attach = "file.png", text = "..."},
    ]

The notation of texts is in `pipeline.demo.markup`. Thread and post numbers follow time, as in a forum's database.
"""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.demo.markup import plain_text

FOLDER = Path(__file__).parent
INTENTS = frozenset({"seeking", "sharing", "trading", "boasting"})
METHODS = frozenset(
    {"jailbreak-prompting", "filter-removal", "model-uncensoring", "access-abuse", "moderation-evasion"}
)
QUOTED_WORDS = 40
_SHORTEST_GAP_S, _LONGEST_GAP_S = 240, 40_000


@dataclass(frozen=True, slots=True)
class DemoQuote:
    """Words of an earlier post of the same thread, as a reply repeats them."""

    post_id: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One post and its known answer.

    post_id: decimal digits, as in `#p12`. markup: the text in the notation of `pipeline.demo.markup`.
    intent, method: why a person should look at it, or "" for ordinary talk. attachment: a file name, or "".
    """

    post_id: str
    author: str
    posted_at: datetime
    markup: str
    quotes: tuple[DemoQuote, ...]
    intent: str
    method: str
    edited: bool
    attachment: str

    @property
    def text(self) -> str:
        """The author's own words as a reader sees them, quotes left out."""
        return plain_text(self.markup)

    @property
    def flagged(self) -> bool:
        """Does the author seek, share, trade or boast of a way round AI safeguards?"""
        return bool(self.intent)


@dataclass(frozen=True, slots=True)
class DemoThread:
    """A discussion; posts in order of time, never empty."""

    thread_id: str
    title: str
    language: str
    posts: tuple[DemoPost, ...]


@dataclass(frozen=True, slots=True)
class DemoBoard:
    """A board; threads in order of their start."""

    board_id: str
    category: str
    title: str
    description: str
    threads: tuple[DemoThread, ...]


def load() -> tuple[DemoBoard, ...]:
    """Every board in the order of board ids; the same on every machine and every day."""
    documents = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")]
    boards = [_board(document) for document in sorted(documents, key=lambda document: int(document["id"]))]
    return _numbered(boards)


def _board(document: dict[str, Any]) -> DemoBoard:
    threads = sorted((_thread(row) for row in document["thread"]), key=_started)
    return DemoBoard(
        str(document["id"]), document["category"], document["title"], document["description"], tuple(threads)
    )


def _thread(row: dict[str, Any]) -> DemoThread:
    times = _times(row["title"], row["start"])
    posts = tuple(_post(post, at) for post, at in zip(row["posts"], times, strict=False))
    quoted = tuple(
        replace(post, quotes=tuple(_quote(posts, place - 1) for place in source.get("quote", [])))
        for post, source in zip(posts, row["posts"], strict=True)
    )
    return DemoThread("", row["title"], row["language"], quoted)


def _post(row: dict[str, Any], posted_at: datetime) -> DemoPost:
    intent, method = row.get("intent", ""), row.get("method", "")
    if (intent or method) and (intent not in INTENTS or method not in METHODS):
        raise ValueError(f"A post by {row['by']} has the unknown answer {intent!r}, {method!r}; correct it.")
    edited, attachment = row.get("edited", False), row.get("attach", "")
    return DemoPost("", row["by"], posted_at, row["text"].strip(), (), intent, method, edited, attachment)


def _times(title: str, start: datetime) -> Iterator[datetime]:
    """The times of a thread's posts: minutes to half a day apart, decided by its title."""
    rng, at = random.Random(title), start
    while True:
        yield at
        at += timedelta(seconds=rng.randrange(_SHORTEST_GAP_S, _LONGEST_GAP_S))


def _quote(posts: tuple[DemoPost, ...], place: int) -> DemoQuote:
    """The post's first words; its place in the thread stands for the id until posts are numbered."""
    words = posts[place].text.split()
    text = " ".join(words[:QUOTED_WORDS]) + (" …" if len(words) > QUOTED_WORDS else "")
    return DemoQuote(str(place), posts[place].author, text)


def _numbered(boards: list[DemoBoard]) -> tuple[DemoBoard, ...]:
    threads = sorted((thread for board in boards for thread in board.threads), key=_started)
    thread_ids = {id(thread): str(number) for number, thread in enumerate(threads, start=1)}
    posts = sorted((post for thread in threads for post in thread.posts), key=lambda post: post.posted_at)
    post_ids = {id(post): str(number) for number, post in enumerate(posts, start=1)}
    return tuple(
        replace(board, threads=tuple(_with_ids(thread, thread_ids, post_ids) for thread in board.threads))
        for board in boards
    )


def _with_ids(thread: DemoThread, thread_ids: dict[int, str], post_ids: dict[int, str]) -> DemoThread:
    own = [post_ids[id(post)] for post in thread.posts]
    posts = tuple(
        replace(
            post,
            post_id=own[place],
            quotes=tuple(replace(quote, post_id=own[int(quote.post_id)]) for quote in post.quotes),
        )
        for place, post in enumerate(thread.posts)
    )
    return replace(thread, thread_id=thread_ids[id(thread)], posts=posts)


def _started(thread: DemoThread) -> datetime:
    return thread.posts[0].posted_at
