"""MyBB 1.8: both post layouts, plain addresses (showthread.php?tid=12) and friendly ones (thread-12.html)."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.links import parameters, path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.times import ShownTime, is_relative
from crawler.words import read_words

NAME = "mybb"

_MARKS = {
    "posts": 'div.post[id^="post_"] .post_body[id^="pid_"]',
    "anchors": 'a[id^="pid"][name^="pid"]',
    "addresses": 'a[href*="showthread.php?tid="], a[href*="forumdisplay.php?fid="], a[href*="thread-"][href*=".html"]',
    "members": 'a[href*="member.php?action="], a[href*="member.php?action=profile"]',
    "rows": 'span[id^="tid_"] a, a[href*="action=whoposted"]',
    "scripts": 'script[src*="jscripts/general.js"], link[href*="cache/themes/theme"], link[href*="css.php?stylesheet"]',
    "login": 'form[action*="member.php"] input[name="action"][value="do_login"], #quick_login',
    "credit": 'a[href*="//mybb.com"], a[href*="//www.mybb.com"], #powered_by',
    "frame": "#panel .upper, div.navigation .active, span.pagination_current",
}
_THREAD = re.compile(r"/(?:showthread\.php\?(?:.*&)?tid=|thread-)(?P<id>\d+)(?:-page-(?P<page>\d+))?")
_FORUM = re.compile(r"/(?:forumdisplay\.php\?(?:.*&)?fid=|forum-)(?P<id>\d+)(?:-page-(?P<page>\d+))?")
_POST_ID = re.compile(r"post_(\d+)")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of MyBB on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A MyBB page."""
    posts = [node for node in doc.tree.css('div.post[id^="post_"], table[id^="post_"]') if _post_id(node)]
    if posts or _THREAD.search(ctx.url) or path_of(ctx.url).endswith("/showthread.php"):
        return _thread(doc, ctx, posts)
    if _FORUM.search(ctx.url) or doc.has('span[id^="tid_"]'):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _post_id(node: LexborNode) -> str:
    found = _POST_ID.fullmatch(attribute(node, "id"))
    return found[1] if found else ""


def _thread(doc: Document, ctx: Context, containers: list[LexborNode]) -> Page:
    thread_id = _id(_THREAD, ctx.url) or _thread_id(doc, ctx)
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, _THREAD, thread_id)
    crumbs = _crumbs(doc, ctx)
    board_id, board_title = crumbs[-1] if crumbs else ("", "")
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=_title(doc),
        next_urls=further,
        board_id=board_id,
        board_title=board_title,
        page_number=number,
        page_count=count,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    post_id, body = _post_id(node), node.css_first(".post_body")
    if body is None:
        return None
    url = ctx.link(f"showthread.php?tid={thread_id}&pid={post_id}") + f"#pid{post_id}"
    edited = node.css_first(".edited_post") is not None
    return make_post(
        ctx, thread_id, post_id, url, _author(node), read_words(body, apart), _time(node, ctx), edited=edited
    )


def _author(node: LexborNode) -> str:
    """The name in large letters; below it stand titles and ranks."""
    return line_of(node.css_first(".author_information .largetext, .post_author .largetext, .author_information b"))


def _time(node: LexborNode, ctx: Context) -> ShownTime:
    """The time before the edit mark."""
    line = node.css_first(".post_date")
    if line is None:
        return ctx.time("")
    edit = line_of(line.css_first(".post_edit, .edited_post"))
    return _shown(line, ctx, line_of(line).removesuffix(edit).strip() if edit else line_of(line))


def _shown(line: LexborNode, ctx: Context, text: str) -> ShownTime:
    """A title says the day and time of "2 hours ago"."""
    exact = line.css_first("span[title]")
    return ctx.time(text, attribute(exact, "title") if exact is not None and is_relative(text) else "")


def _board(doc: Document, ctx: Context) -> Page:
    board_id = _id(_FORUM, ctx.url)
    number, count, further = _pages(doc, ctx, _FORUM, board_id)
    rows = (_row(node, ctx) for node in doc.tree.css('span[id^="tid_"]'))
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(doc.first("div.navigation .active")),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    """Boards in the tables of forums; a category has no threads, and the breadcrumbs name other boards."""
    seen = set()
    for link in doc.tree.css('td[class^="trow"] a[href]'):
        url = ctx.link(attribute(link, "href"))
        board_id = _id(_FORUM, url)
        if not board_id or board_id in seen or not line_of(link) or "pagination" in attribute(link, "class"):
            continue
        if parameters(url).keys() <= {"fid"}:
            seen.add(board_id)
            yield BoardRef(board_id, url, line_of(link))


def _row(node: LexborNode, ctx: Context) -> ThreadRef | None:
    link = node.css_first("a")
    url = ctx.link(attribute(link, "href")) if link is not None else ""
    thread_id = _id(_THREAD, url)
    if not thread_id:
        return None
    title = line_of(link)
    row = next((up for up in ancestors(node) if up.tag == "tr"), None)
    if row is None:
        return ThreadRef(thread_id, url, title, "")
    counted = row.css_first('a[href*="action=whoposted"]')
    replies = whole_number(line_of(counted)) if counted is not None else None
    return ThreadRef(thread_id, url, title, _mark(row, ctx, replies), replies)


def _mark(row: LexborNode, ctx: Context, replies: int | None) -> str:
    last = row.css_first(".lastpost")
    if last is None:
        return mark(ctx, replies)
    exact = last.css_first("span[title]")
    shown = " ".join(filter(None, (line_of(exact), own_line(last).rstrip(": "))))
    title = attribute(exact, "title") if exact is not None and is_relative(shown) else ""
    return mark(ctx, replies, shown=shown, exact=title)


def _pages(doc: Document, ctx: Context, kind: re.Pattern[str], own_id: str) -> Pages:
    shown = whole_number(line_of(doc.first("span.pagination_current")))
    own = _page(kind, ctx.url) if _page(kind, ctx.url) > 1 else shown or 1
    urls = (ctx.link(attribute(link, "href")) for link in doc.tree.css(".pagination a"))
    return linked_pages(own, ((_page(kind, url), url) for url in urls if _id(kind, url) == own_id))


def _id(kind: re.Pattern[str], url: str) -> str:
    found = kind.search(url)
    return found["id"] if found else ""


def _page(kind: re.Pattern[str], url: str) -> int:
    found = kind.search(url)
    number = (found["page"] if found else None) or parameters(url).get("page", "1")
    return int(number) if number.isdecimal() and len(number) < 9 else 1


def _thread_id(doc: Document, ctx: Context) -> str:
    """The thread's id where the address names only a post."""
    links = doc.tree.css('link[rel="canonical"], .post_head a[href], .pagination a')
    return next(filter(None, (_id(_THREAD, ctx.link(attribute(link, "href"))) for link in links)), "")


def _title(doc: Document) -> str:
    """The last of the breadcrumbs; the head of the table may carry a prefix and buttons."""
    return line_of(doc.first("div.navigation .active"))


def _crumbs(doc: Document, ctx: Context) -> list[tuple[str, str]]:
    links = doc.tree.css("div.navigation a")
    named = ((_id(_FORUM, ctx.link(attribute(link, "href"))), line_of(link)) for link in links)
    return [(board_id, title) for board_id, title in named if board_id]
