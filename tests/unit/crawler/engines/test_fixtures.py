"""Every page in tests/data/engines is recognized and read as the truth beside it says.

A truth names what a reader of the page sees; what it leaves out isn't compared.
"""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.engines.engine import Context
from crawler.post import Page, Post
from crawler.reading import read_page

ROOT = Path(__file__).resolve().parents[3] / "data" / "engines"
TRUTHS = sorted(ROOT.glob("*/*.json"))


def told(page: Page) -> dict[str, Any]:
    """What the engine says of a page, in the words of the truths."""
    return {
        "engine": page.engine,
        "kind": str(page.kind),
        "board": {"id": page.board_id, "title": page.board_title},
        "thread": {"id": page.thread_id, "title": page.thread_title},
        "page": page.page_number,
        "pages": page.page_count,
        "replies": page.replies,
        "next": list(page.next_urls),
        "login_required": page.login_required,
        "boards": [asdict(board) for board in page.boards],
        "threads": [asdict(thread) for thread in page.threads],
        "posts": [_post(post) for post in page.posts],
    }


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": post.post_id,
        "author": post.author,
        "published_at": post.published_at.strftime("%Y-%m-%dT%H:%M:%SZ") if post.published_at else None,
        "precision": str(post.time_precision),
        "text": post.text,
        "edited": post.edited,
        "quotes": [asdict(quote) for quote in post.quotes],
    }


@pytest.mark.parametrize("path", TRUTHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_is_read_as_its_truth_says(path: Path) -> None:
    truth = json.loads(path.read_text())
    ctx = Context(truth["url"], datetime.fromisoformat(truth["captured_at"]), "forum", truth.get("timezone", "UTC"))
    page = read_page(path.with_suffix(".html").read_bytes(), truth.get("content_type", ""), ctx)
    found = told(page)
    assert page.degraded == ""
    for key in truth.keys() & found.keys() - {"threads"}:
        assert found[key] == truth[key], key
    if "threads" in truth:
        rows = zip(found["threads"], truth["threads"], strict=True)
        assert [{name: row[name] for name in known} for row, known in rows] == truth["threads"]
    assert {post.thread_id for post in page.posts} <= {page.thread_id}


@given(st.sampled_from(TRUTHS), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_page_with_a_piece_missing_is_read_and_no_post_comes_twice(path: Path, start: float, end: float) -> None:
    truth = json.loads(path.read_text())
    body = path.with_suffix(".html").read_bytes()
    broken = (
        body[: int(len(body) * start)] + body[int(len(body) * end) :] if start < end else body[: int(len(body) * end)]
    )
    ctx = Context(truth["url"], datetime.fromisoformat(truth["captured_at"]), "forum", truth.get("timezone", "UTC"))
    page = read_page(broken, truth.get("content_type", ""), ctx, truth["engine"])
    assert len({post.post_id for post in page.posts}) == len(page.posts)
