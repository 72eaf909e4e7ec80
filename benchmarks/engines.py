"""How right each engine reads its own pages, and how right the fallback reads them: the table of docs/engines.md.

    python -m benchmarks.engines

The pages and what a reader sees on them stand in tests/data/engines.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.page import put
from crawler.detect import AUTO
from crawler.engines import generic
from crawler.engines.engine import Context
from crawler.post import Post
from crawler.reading import read_page

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "tests/data/engines"
DOCS = ROOT / "docs/engines.md"
RENDERED = ("machina", "spirit")
"""Engines whose pages the software itself rendered; the others' were written by hand."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of posts, 0 to 1. whole: author and text right; quotes: of the posts that have any."""

    whole: float
    authors: float
    texts: float
    times: float
    quotes: float


@dataclass(frozen=True, slots=True)
class Row:
    """One engine's pages and posts, read by detection and by the fallback."""

    engine: str
    pages: int
    posts: int
    own: Shares
    fallback: Shares


Truth = dict[str, Any]
Pair = tuple[Truth, Post | None]
"""A post as a reader sees it, and what was read of it."""


def rows() -> list[Row]:
    """One row for each engine with pages of posts."""
    found = []
    for folder in sorted(path for path in PAGES.iterdir() if path.is_dir()):
        truths = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]
        threads = [(path, truth) for path, truth in truths if truth.get("posts")]
        posts = sum(len(truth["posts"]) for _, truth in threads)
        found.append(Row(folder.name, len(threads), posts, _shares(threads, AUTO), _shares(threads, generic.NAME)))
    return found


def _shares(threads: Sequence[tuple[Path, Truth]], engine: str) -> Shares:
    pairs = [pair for path, truth in threads for pair in _pairs(path, truth, engine)]
    quoting = [pair for pair in pairs if pair[0]["quotes"] or (pair[1] is not None and pair[1].quotes)]
    authors, texts = [_author(pair) for pair in pairs], [_text(pair) for pair in pairs]
    return Shares(
        _share([author and text for author, text in zip(authors, texts, strict=True)]),
        _share(authors),
        _share(texts),
        _share([post is not None and post.published_at == _at(truth) for truth, post in pairs]),
        _share([_quotes(pair) for pair in quoting]),
    )


def _pairs(path: Path, truth: Truth, engine: str) -> Iterator[Pair]:
    """Each post with the one read for it: of the same id, else of the same text."""
    ctx = Context(truth["url"], datetime.fromisoformat(truth["captured_at"]), "", truth.get("timezone", "UTC"))
    page = read_page(path.with_suffix(".html").read_bytes(), truth.get("content_type", ""), ctx, engine)
    by_id = {post.post_id: post for post in page.posts}
    by_text = {_squeezed(post.text): post for post in page.posts}
    for post in truth["posts"]:
        yield post, by_id.get(post["id"]) or by_text.get(_squeezed(post["text"]))


def _author(pair: Pair) -> bool:
    return pair[1] is not None and pair[1].author == pair[0]["author"]


def _text(pair: Pair) -> bool:
    return pair[1] is not None and _squeezed(pair[1].text) == _squeezed(pair[0]["text"])


def _quotes(pair: Pair) -> bool:
    told = [(quote["author"], _squeezed(quote["text"])) for quote in pair[0]["quotes"]]
    return pair[1] is not None and told == [(quote.author, _squeezed(quote.text)) for quote in pair[1].quotes]


def _at(truth: Truth) -> datetime | None:
    return datetime.fromisoformat(truth["published_at"]) if truth["published_at"] else None


def _squeezed(text: str) -> str:
    """White space is no part of the comparison."""
    return "".join(text.split())


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 1.0


def table(found: Sequence[Row]) -> str:
    """Markdown; shares in percent, rounded down."""
    columns = ("pages", "posts", *("author and text", "authors", "texts", "times", "quotes"))
    head = [
        f"| engine | pages made by | {' | '.join(columns)} | generic: {' | '.join(columns[2:])} |",
        "|---|---|" + "---:|" * 12,
    ]
    return "\n".join([*head, *map(_line, found), ""])


def _line(row: Row) -> str:
    made_by = "rendered by the software itself" if row.engine in RENDERED else "fixture only"
    shares = [
        f"{int(100 * getattr(shares, name))} %" for shares in (row.own, row.fallback) for name in Shares.__slots__
    ]
    return f"| {row.engine} | {made_by} | {row.pages} | {row.posts} | {' | '.join(shares)} |"


def main() -> None:
    found = table(rows())
    print(found, end="")
    put("python -m benchmarks.engines", found, DOCS)


if __name__ == "__main__":
    main()
