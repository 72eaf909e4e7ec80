"""Postmill and its kin: forums of submissions, each with a tree of comments; exact times in <time>.

A submission is the first post of its thread. It is numbered apart from comments, so that its id keeps the word.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.links import parameters, path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import Words, read_words

NAME = "postmill"

_MARKS = {
    "submissions": "article.submission .submission__title, article.submission .submission__info",
    "comments": "article.comment .comment__body, article.comment .comment__info",
    "votes": "form.vote .vote__net-score, .submission__vote .vote, .vote__net-score",
    "addresses": 'a.submission__forum[href*="/f/"], .comment__nav a[href*="/-/comment/"]',
    "members": 'a.submission__submitter[href*="/user/"], .comment__info a[href*="/user/"]',
    "frame": "nav.site-nav, body.site-body, .site-footer, .site-content",
    "scripts": 'script[src*="/build/"][src*="main"], link[href*="/build/"][href*="core"]',
    "credit": 'a[href*="postmill.xyz"], a[href*="gitlab.com/postmill"]',
    "times": "time.submission__timestamp[datetime], .comment__info time[datetime]",
}
_THREAD = re.compile(r"/f/(?P<board>[^/]+)/(?P<id>\d+)(?:/[^/]*)?(?:/comment/(?P<comment>\d+))?/?$")
_FORUM = re.compile(r"/f/(?P<board>[^/]+)(?:/(?:hot|new|active|top|controversial|most_commented))?/?$")
_COMMENT_ID = re.compile(r"comment[_-](\d+)$")
_MANY = frozenset({"featured", "all", "subscribed", "moderated"})
"""Lists of several forums' submissions, under addresses like those of forums."""


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of Postmill on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A Postmill page."""
    path = path_of(ctx.url)
    thread, forum = _THREAD.search(path), _FORUM.search(path)
    if thread:
        return _thread(doc, ctx, thread)
    boards = tuple(_boards(doc, ctx, forum["board"] if forum else ""))
    rows = (_row(node, ctx) for node in doc.tree.css("article.submission"))
    threads = tuple({row.thread_id: row for row in rows if row is not None}.values())
    if not forum or forum["board"] in _MANY:
        # the front page lists every forum's submissions once more; without forums it is the only list
        return Page(NAME, PageKind.INDEX, boards=boards, threads=() if boards else threads)
    number, further = _further(doc, ctx)
    return Page(
        NAME,
        PageKind.BOARD,
        threads=threads,
        next_urls=further,
        board_id=forum["board"],
        board_title=line_of(doc.first("h1.page-heading, .sidebar h1, h1.site-nav__title")) or forum["board"],
        page_number=number,
    )


def _thread(doc: Document, ctx: Context, address: re.Match[str]) -> Page:
    board, thread_id = address["board"], address["id"]
    opening = doc.tree.css("article.submission")[:1]
    comments = doc.tree.css("article.comment")
    posts, missing = posts_of(
        [*opening, *comments],
        lambda node, apart: _post(node, ctx, board, thread_id, apart),
    )
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=line_of(doc.first("article.submission .submission__link, article.submission .submission__title")),
        board_id=board,
        board_title=line_of(doc.first("a.submission__forum")) or board,
        replies=_replies(opening[0]) if opening else None,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, board: str, thread_id: str, apart: frozenset[int]) -> Post | None:
    """A submission that is only a link says no more than its title."""
    kind = "submission" if "submission" in attribute(node, "class").split() else "comment"
    post_id = f"submission_{thread_id}" if kind == "submission" else _comment_id(node)
    if not post_id:
        return None
    body = node.css_first(f".{kind}__body")
    words = read_words(body, apart) if body is not None else Words()
    if kind == "submission" and not words.text:
        words = Words(line_of(node.css_first(".submission__link") or node.css_first(".submission__title")))
    when = node.css_first("time[datetime]")
    shown = ctx.time(line_of(when), attribute(when, "datetime")) if when is not None else ctx.time("")
    author = line_of(node.css_first(f".{kind}__info a[href*='/user/']") or node.css_first(".submission__submitter"))
    url = ctx.link(f"/f/{board}/{thread_id}/-/comment/{post_id}" if kind == "comment" else f"/f/{board}/{thread_id}")
    edited = _own(node, f".{kind}__edited") is not None
    return make_post(ctx, thread_id, post_id, url, author, words, shown, edited=edited)


def _comment_id(node: LexborNode) -> str:
    found = _COMMENT_ID.search(attribute(node, "id"))
    if found:
        return found[1]
    links = (_THREAD.search(attribute(link, "href")) for link in node.css(".comment__nav a[href]"))
    return next((link["comment"] for link in links if link and link["comment"]), "")


def _own(node: LexborNode, selector: str) -> LexborNode | None:
    """The part of a comment that isn't one of a comment below it."""
    for found in node.css(selector):
        up = found.parent
        while up is not None and up.tag != "article":
            up = up.parent
        if up is not None and up.mem_id == node.mem_id:
            return found
    return None


def _row(node: LexborNode, ctx: Context) -> ThreadRef | None:
    """The title of a submission that is a link leads away; the count of comments leads to the thread."""
    urls = (ctx.link(attribute(link, "href")) for link in node.css("a[href]"))
    url, address = next(((url, found) for url in urls if (found := _THREAD.search(path_of(url)))), ("", None))
    if address is None:
        return None
    title = line_of(node.css_first(".submission__link") or node.css_first(".submission__title"))
    replies = _replies(node)
    return ThreadRef(address["id"], url, title, mark(ctx, replies), replies)


def _replies(node: LexborNode) -> int | None:
    counted = next((link for link in node.css(".submission__nav a[href]") if _is_count(line_of(link))), None)
    return (whole_number(line_of(counted)) or 0) if counted is not None else None


def _is_count(text: str) -> bool:
    return re.search(r"\d|^no comments$", text, re.I) is not None


def _boards(doc: Document, ctx: Context, own: str) -> Iterator[BoardRef]:
    """Forums of a list of forums, or those that the shown submissions stand in."""
    seen = {own} | _MANY
    for link in doc.tree.css("a[href]"):
        if not line_of(link):
            continue
        url = ctx.link(attribute(link, "href"))
        found = _FORUM.search(path_of(url))
        if found and found["board"] not in seen:
            seen.add(found["board"])
            yield BoardRef(found["board"], url, line_of(link))


def _further(doc: Document, ctx: Context) -> tuple[int, tuple[str, ...]]:
    """The way to the next page names the submission it begins with (?next[id]=12), or a page's number."""
    links = doc.tree.css('.pagination a[rel="next"][href], a.pagination__button--next[href], a[rel="next"][href]')
    urls = [ctx.link(attribute(link, "href")) for link in links]
    own = parameters(ctx.url).get("page", "1")
    return int(own) if own.isdecimal() and len(own) < 9 else 1, tuple(dict.fromkeys(filter(None, urls)))[:1]
