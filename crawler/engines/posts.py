"""Posts of a thread page from their containers, whatever the software."""

from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborNode

from crawler.engines.engine import Context
from crawler.post import Post
from crawler.times import ShownTime
from crawler.words import Words

ReadOne = Callable[[LexborNode, frozenset[int]], Post | None]
"""Reads a container; also told the mem_id of every container, which is no part of another one's words."""


def posts_of(containers: Sequence[LexborNode], read_one: ReadOne) -> tuple[tuple[Post, ...], str]:
    """The posts, and why some are missing ("" if none is)."""
    apart = frozenset(node.mem_id for node in containers)
    found = [read_one(node, apart) for node in containers]
    posts = tuple(post for post in found if post is not None)
    missing = len(found) - len(posts)
    return posts, f"{missing} of {len(found)} posts could not be read" if missing else ""


def make_post(
    ctx: Context, thread_id: str, post_id: str, url: str, author: str, words: Words, shown: ShownTime, *, edited: bool
) -> Post:
    """A post from what an engine read of it."""
    return Post(
        source_id=ctx.source_id,
        thread_id=thread_id,
        post_id=post_id,
        author=author,
        text=words.text,
        url=url,
        captured_at=ctx.captured_at,
        quotes=words.quotes,
        published_at=shown.at,
        time_shown=shown.shown,
        time_precision=shown.precision,
        edited=edited,
    )
