"""Spirit (django-spirit): comments with data-pk, exact times in title attributes, pages with arrows only."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import numbered_pages
from crawler.engines.posts import make_post, posts_of
from crawler.links import path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import read_words

NAME = "spirit"

_MARKS = {
    "frame": "div.spirit_wrapper div.spirit",
    "posts": "div.comments_list__comment[data-pk] .comment__text",
    "rows": ".layout__topics .layout__topics__topic a.topic__link",
    "style": 'link[href*="/spirit/stylesheets/"], script[src*="/spirit/scripts/"]',
    "credit": 'a[href*="github.com/nitely/Spirit"]',
    "menu": ".header__logo_wrapper a.header__logo",
}
_TOPIC = re.compile(r"/topic/(?:private/)?(?P<thread>\d+)(?:/[^/]*)?/?$")
_CATEGORY = re.compile(r"/category/(?P<board>\d+)(?:/[^/]*)?/?$")
_PRIVATE = re.compile(r"/topic/private/$")
PRIVATE_BOARD = "private"
"""Id of the list of private topics; other boards have numbers."""
_PAGES = ".paginator li"


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of Spirit on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A Spirit page."""
    path = path_of(ctx.url)
    containers = doc.tree.css("div.js-comment[data-pk]")
    topic = _TOPIC.search(path)
    if containers or topic:
        return _thread(doc, ctx, topic["thread"] if topic else "", containers)
    category = _CATEGORY.search(path)
    if category or _PRIVATE.search(path):
        return _board(doc, ctx, category["board"] if category else PRIVATE_BOARD)
    boards = tuple(_boards(doc, ctx, ""))
    # the start page lists every board's threads once more; without boards it is the only list
    return Page(NAME, PageKind.INDEX, boards=boards, threads=() if boards else _rows(doc, ctx))


def _thread(doc: Document, ctx: Context, thread_id: str, containers: list[LexborNode]) -> Page:
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = numbered_pages(doc, ctx, _PAGES)
    crumbs = [(link, ctx.link(attribute(link, "href"))) for link in doc.tree.css(".breadcrumb_nav a")]
    boards = [(line_of(link), _CATEGORY.search(path_of(url))) for link, url in crumbs]
    title, category = next(((name, match) for name, match in reversed(boards) if match), ("", None))
    private = "/topic/private/" in path_of(ctx.url)
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        next_urls=further,
        board_id=PRIVATE_BOARD if private else category["board"] if category else "",
        board_title=title,
        thread_id=thread_id,
        thread_title=own_line(doc.first("h1.headline")),
        page_number=number,
        page_count=count,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    post_id = attribute(node, "data-pk")
    body = node.css_first(".js-comment-text, .comment__text")
    if not post_id.isdigit() or body is None:
        return None
    when = node.css_first(".comment__info__date li[title]")
    shown = ctx.time(line_of(when), attribute(when, "title")) if when is not None else ctx.time("")
    return make_post(
        ctx,
        thread_id,
        post_id,
        ctx.link(f"/comment/{post_id}/find/"),
        line_of(node.css_first(".comment__info__username__link, .comment__info__username")),
        read_words(body, apart),
        shown,
        edited=node.css_first('.comment__info__date .fa-pencil, .comment__info__date a[href*="/comment/history/"]')
        is not None,
    )


def _board(doc: Document, ctx: Context, board_id: str) -> Page:
    number, count, further = numbered_pages(doc, ctx, _PAGES)
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(_boards(doc, ctx, board_id)),
        threads=_rows(doc, ctx),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(doc.first(".menu__dropdown_button a")),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context, own_id: str) -> Iterator[BoardRef]:
    """Boards of the category menu; the private topics only where the menu offers them, on the start page."""
    for link in doc.tree.css("a.menu_list__link"):
        url = ctx.link(attribute(link, "href"))
        category = _CATEGORY.search(path_of(url))
        if category and category["board"] != own_id:
            yield BoardRef(category["board"], url, line_of(link))
        elif not own_id and _PRIVATE.search(path_of(url)):
            yield BoardRef(PRIVATE_BOARD, url, line_of(link))


def _rows(doc: Document, ctx: Context) -> tuple[ThreadRef, ...]:
    rows = (_row(link, ctx) for link in doc.tree.css("a.topic__link"))
    return tuple({row.thread_id: row for row in rows if row is not None}.values())


def _row(link: LexborNode, ctx: Context) -> ThreadRef | None:
    # a member's link leads to where they stopped reading; the thread begins without it
    url = ctx.link(attribute(link, "href").partition("?")[0])
    topic = _TOPIC.search(path_of(url))
    if not topic:
        return None
    row = next((node for node in ancestors(link) if node.css_first(".topic__date") is not None), None)
    if row is None:
        return ThreadRef(topic["thread"], url, line_of(link), "")
    counted = line_of(row.css_first(".topic__comments"))
    last = row.css_first(".topic__date[title]")
    # the title is the exact time of the last comment; the text ("2h") changes by itself
    when = attribute(last, "title") if last is not None else ""
    comments = int(counted) if counted.isdigit() else None
    replies = None if comments is None else max(0, comments - 1)
    return ThreadRef(topic["thread"], url, line_of(link), f"{counted}/{when}" if counted or when else "", replies)
