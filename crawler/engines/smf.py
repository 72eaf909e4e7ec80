"""Simple Machines Forum 2.0 and 2.1: pages are offsets (topic=12.20), addresses are split at ";"."""

import math
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.document import Document, ancestors, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.times import ShownTime
from crawler.words import read_words

NAME = "smf"

_MARKS = {
    "addresses": 'a[href*="?topic="], a[href*="&topic="], a[href*="?board="], a[href*="/topic,"], a[href*="/board,"]',
    "members": 'a[href*="action=profile;u="], a[href*="action=profile&u="]',
    "posts": '.post_wrapper .post .inner[id^="msg_"]',
    "author": ".post_wrapper .poster h4",
    "message links": 'a[href*=".msg"][href*="#msg"], a[href*=".msg"][href*="#new"]',
    "lists": 'a.subject[href*="board"], #messageindex span[id^="msg_"] a, .table_list, #boardindex_table',
    "frame": ".navigate_section, #forumposts, #messageindex",
    "theme": 'script[src*="/Themes/"][src*="/scripts/"], link[href*="/Themes/"][href*="/css/"]',
    "login": 'form[action*="action=login2"], #guest_form',
    "credit": 'a[href*="simplemachines.org"]',
}
_THREAD = re.compile(r"\btopic[=,](?P<id>\d+)(?:\.(?P<start>\d+))?(?:\.(?:msg\d+|new|from\d+))?(?P<rest>[^#]*)")
_BOARD = re.compile(r"\bboard[=,](?P<id>\d+)(?:\.(?P<start>\d+))?(?P<rest>[^#]*)")
_MESSAGE = re.compile(r"\.msg(\d+)")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of SMF on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """An SMF page."""
    posts = [node for node in doc.tree.css(".post_wrapper") if node.css_first(".poster") is not None]
    if posts or _THREAD.search(ctx.url):
        return _thread(doc, ctx, posts)
    if _BOARD.search(ctx.url) or doc.has("#messageindex"):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _thread(doc: Document, ctx: Context, containers: list[LexborNode]) -> Page:
    own = _THREAD.search(ctx.url) or _linked(
        doc.tree, ctx, _THREAD, 'link[rel="canonical"], .navigate_section li.last a'
    )
    thread_id = own["id"] if own else ""
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, _THREAD, thread_id)
    board = _crumb(doc)
    found = _BOARD.search(ctx.link(attribute(board, "href"))) if board is not None else None
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=line_of(doc.first("#top_subject, .navigate_section li.last a")),
        next_urls=further,
        board_id=found["id"] if found else "",
        board_title=line_of(board),
        page_number=number,
        page_count=count,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    body = node.css_first('.inner[id^="msg_"]')
    post_id = attribute(body, "id").removeprefix("msg_") if body is not None else ""
    if body is None or not post_id.isdecimal():
        return None
    link = _linked(node, ctx, _THREAD, f'[id="subject_{post_id}"] a')
    return make_post(
        ctx,
        thread_id,
        post_id,
        (link.string if link else ctx.url) + f"#msg{post_id}",
        line_of(node.css_first(".poster h4")),
        read_words(body, apart),
        _time(node, ctx),
        # the place of the edit mark is there, empty, on every post
        edited=bool(line_of(node.css_first(f'[id="modified_{post_id}"]'))),
    )


def _time(node: LexborNode, ctx: Context) -> ShownTime:
    """A link of its own (2.1), or "« Reply #1 on: Today at 12:56:09 PM »" (2.0)."""
    link = node.css_first(".postinfo a.smalltext")
    if link is not None:
        return ctx.time(line_of(link))
    line = node.css_first(".keyinfo .smalltext")
    label = line_of(line.css_first("strong")) if line is not None else ""
    return ctx.time(line_of(line).strip("«» ").removeprefix(label).strip())


def _board(doc: Document, ctx: Context) -> Page:
    own = _BOARD.search(ctx.url)
    board_id = own["id"] if own else ""
    number, count, further = _pages(doc, ctx, _BOARD, board_id)
    rows = (_row(node, ctx) for node in doc.tree.css('#messageindex span[id^="msg_"] a'))
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(doc.first(".navigate_section li.last a")),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    seen = set()
    for link in doc.tree.css('a.subject[href*="board"], .children a[href*="board"]'):
        url = ctx.link(attribute(link, "href"))
        found = _BOARD.search(url)
        if found and found["id"] not in seen:
            seen.add(found["id"])
            yield BoardRef(found["id"], _at(url, found, 0), line_of(link))


def _row(link: LexborNode, ctx: Context) -> ThreadRef | None:
    url = ctx.link(attribute(link, "href"))
    found = _THREAD.search(url)
    if not found:
        return None
    url, title = _at(url, found, 0), line_of(link)
    row = next((up for up in ancestors(link) if up.css_first(".lastpost") is not None), None)
    if row is None:
        return ThreadRef(found["id"], url, title, "")
    replies = whole_number(line_of(row.css_first(".stats, .board_stats")))
    last = row.css_first('.lastpost a[href*=".msg"]')
    message = _MESSAGE.search(attribute(last, "href")) if last is not None else None
    return ThreadRef(found["id"], url, title, mark(ctx, replies, message[1] if message else ""), replies)


def _pages(doc: Document, ctx: Context, kind: re.Pattern[str], own_id: str) -> Pages:
    """Pages are where they start; how many posts one holds is what the starts have in common."""
    starts: dict[int, str] = {}
    for link in doc.tree.css(".pagelinks a"):
        url = ctx.link(attribute(link, "href"))
        found = kind.search(url)
        if found and found["id"] == own_id and found["start"] and "all" not in found["rest"]:
            starts[int(found["start"][:9])] = _at(url, found, int(found["start"][:9]))
    own = kind.search(ctx.url)
    own_start = int(own["start"][:9]) if own and own["start"] else 0
    # an address that names a message leads to the page that holds it
    shown = whole_number(line_of(doc.first(".pagelinks .current_page, .pagelinks strong"))) or 1
    size = math.gcd(own_start, *starts)
    if not size:
        return linked_pages(shown, ())
    number = own_start // size + 1 if own_start else shown
    return linked_pages(number, ((start // size + 1, url) for start, url in starts.items()))


def _at(url: str, found: re.Match[str], start: int) -> str:
    """The address of the page of a thread or board that begins there, without what else it said."""
    ending = ".html" if found["rest"].startswith(".html") else ""
    return f"{url[: found.end('id')]}.{start}{ending}"


def _linked(
    within: LexborNode | LexborHTMLParser, ctx: Context, kind: re.Pattern[str], selector: str
) -> re.Match[str] | None:
    urls = (ctx.link(attribute(link, "href")) for link in within.css(selector))
    return next((found for url in urls if (found := kind.search(url))), None)


def _crumb(doc: Document) -> LexborNode | None:
    """The board the thread stands in: the last one named on the way to it."""
    way = doc.first(".navigate_section")
    links = way.css('a[href*="board"]') if way is not None else []
    return links[-1] if links else None
