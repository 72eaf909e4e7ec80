"""vBulletin 3.8 and 4.2: showthread.php?t=12, and addresses with titles (showthread.php?12-Chain-lube/page2)."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import last_number, mark, whole_number
from crawler.links import parameters, path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.times import ShownTime
from crawler.words import read_words

NAME = "vbulletin"

_MARKS = {
    "generator": 'meta[name="generator"][content^="vBulletin"]',
    "scripts": 'script[src*="clientscript/vbulletin"], link[href*="clientscript/vbulletin"], link[href*="css.php?"]',
    "addresses": 'a[href*="showthread.php?"], a[href*="forumdisplay.php?"], a[href*="showthread.php/"]',
    "members": 'a[href*="member.php?u="], a.username[href*="member.php?"], a.username[href*="/members/"]',
    "posts": '[id^="post_message_"]',
    "post frames": 'table[id^="post"] .bigusername, li.postcontainer .username_container',
    "rows": 'a[id^="thread_title_"], td[id^="td_threadtitle_"]',
    "boards": 'li[class^="forumbit_"], td.alt1Active[id^="f"]',
    "paging": ".pagenav .vbmenu_control, .pagination_top .pagination, .postpagestats",
    "tables": "table.tborder td.tcat, table.tborder td.thead, #collapseobj_forumrules",
    "login": 'input[name="vb_login_username"], input[name="vb_login_md5password"]',
}
_THREAD = re.compile(
    r"/(?:showthread\.php\?(?:[^#]*&)?t=|showthread\.php[?/]|threads/)(?P<id>\d+)(?:-[^/&?#]*)?(?:/page(?P<page>\d+))?"
)
_FORUM = re.compile(
    r"/(?:forumdisplay\.php\?(?:[^#]*&)?f=|forumdisplay\.php[?/]|forums/)(?P<id>\d+)(?:-[^/&?#]*)?(?:/page(?P<page>\d+))?"
)
_CONTAINER = re.compile(r"(?:post_?|edit)(\d+)")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of vBulletin on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A vBulletin page."""
    messages = [node for node in doc.tree.css('[id^="post_message_"]') if _post_id(node)]
    if messages or _THREAD.search(ctx.url) or path_of(ctx.url).endswith("/showthread.php"):
        return _thread(doc, ctx, messages)
    if _FORUM.search(ctx.url) or doc.has('a[id^="thread_title_"]'):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _post_id(message: LexborNode) -> str:
    number = attribute(message, "id").removeprefix("post_message_")
    return number if number.isdecimal() else ""


def _thread(doc: Document, ctx: Context, messages: list[LexborNode]) -> Page:
    thread_id = _id(_THREAD, ctx.url) or _thread_id(doc, ctx)
    # a deleted post and one of an ignored member show a frame without a message: neither is a post
    frames = [_frame(message) for message in messages]
    posts, missing = posts_of(frames, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, _THREAD, thread_id)
    crumbs = [link for link in doc.tree.css("span.navbar a, #breadcrumb a") if _id(_FORUM, _url(link, ctx))]
    title = doc.first("#pagetitle .threadtitle a, #pagetitle .threadtitle, td.navbar strong")
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=line_of(title),
        next_urls=further,
        board_id=_id(_FORUM, _url(crumbs[-1], ctx)) if crumbs else "",
        board_title=line_of(crumbs[-1]) if crumbs else "",
        page_number=number,
        page_count=count,
        replies=_replies(doc),
        degraded=missing,
    )


def _frame(message: LexborNode) -> LexborNode:
    """The outermost element that carries the post's number."""
    frame = message
    for up in ancestors(message):
        found = _CONTAINER.fullmatch(attribute(up, "id"))
        if found and found[1] == _post_id(message):
            frame = up
    return frame


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    message = node.css_first('[id^="post_message_"]')
    if message is None:
        return None
    post_id = _post_id(message)
    body = message.css_first("blockquote.postcontent") or message
    # a guest's name has no link
    author = node.css_first(".username_container .username, .bigusername") or node.css_first(f"#postmenu_{post_id}")
    return make_post(
        ctx,
        thread_id,
        post_id,
        ctx.link(f"showthread.php?p={post_id}") + f"#post{post_id}",
        line_of(author),
        read_words(body, apart),
        _time(node, ctx, post_id),
        edited=node.css_first(".lastedited, div.smallfont > em") is not None,
    )


def _time(node: LexborNode, ctx: Context, post_id: str) -> ShownTime:
    """In the post's head; vBulletin 3 writes it beside the post's anchor."""
    when = node.css_first(".posthead .date, .postdate .date")
    anchor = node.css_first(f'a[name="post{post_id}"]')
    if when is None and anchor is not None:
        when = anchor.parent
    return ctx.time(line_of(when))


def _replies(doc: Document) -> int | None:
    """From "Results 1 to 10 of 26", which stands only beside several pages."""
    counted = doc.first(".pagenav span[title]")
    told = attribute(counted, "title") if counted is not None else line_of(doc.first(".postpagestats"))
    posts = last_number(told)
    return None if posts is None else max(0, posts - 1)


def _board(doc: Document, ctx: Context) -> Page:
    board_id = _id(_FORUM, ctx.url)
    number, count, further = _pages(doc, ctx, _FORUM, board_id)
    rows = (_row(link, ctx) for link in doc.tree.css('a[id^="thread_title_"]'))
    title = doc.first("#pagetitle .forumtitle, td.navbar strong") or doc.first("#pagetitle h1")
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(title),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    """Boards of the lists; a category has no threads of its own."""
    seen = set()
    for link in doc.tree.css('.forumrow .forumtitle a, .subforum a, td[id^="f"] a[href*="forumdisplay"]'):
        url = _url(link, ctx)
        board_id = _id(_FORUM, url)
        if board_id and board_id not in seen and line_of(link):
            seen.add(board_id)
            yield BoardRef(board_id, url, line_of(link))


def _row(link: LexborNode, ctx: Context) -> ThreadRef | None:
    url = _url(link, ctx)
    thread_id = _id(_THREAD, url) or attribute(link, "id").removeprefix("thread_title_")
    if not url or not thread_id.isdecimal():
        return None
    row = next((up for up in ancestors(link) if up.tag in ("tr", "li")), None)
    if row is None:
        return ThreadRef(thread_id, url, line_of(link), "")
    counted = row.css_first('a[href*="do=whoposted"], .threadstats li')
    told = row.css_first("td[title]:not([id])")
    replies = whole_number(line_of(counted) if counted is not None else attribute(told, "title") if told else "")
    return ThreadRef(thread_id, url, line_of(link), mark(ctx, replies, _last_id(row, ctx)), replies)


def _last_id(row: LexborNode, ctx: Context) -> str:
    named = (parameters(_url(link, ctx)).get("p", "") for link in row.css('a[href*="p="]'))
    return str(max((int(number) for number in named if number.isdecimal() and len(number) < 19), default=""))


def _pages(doc: Document, ctx: Context, kind: re.Pattern[str], own_id: str) -> Pages:
    shown = whole_number(line_of(doc.first(".pagenav strong, .pagination .selected")))
    own = _page(kind, ctx.url) if _page(kind, ctx.url) > 1 else shown or 1
    urls = (_url(link, ctx) for link in doc.tree.css(".pagenav a, .pagination a, .threadpagenav a"))
    return linked_pages(own, ((_page(kind, url), url) for url in urls if _id(kind, url) == own_id))


def _url(link: LexborNode, ctx: Context) -> str:
    return ctx.link(attribute(link, "href"))


def _id(kind: re.Pattern[str], url: str) -> str:
    found = kind.search(url)
    return found["id"] if found else ""


def _page(kind: re.Pattern[str], url: str) -> int:
    found = kind.search(url)
    number = (found["page"] if found else None) or parameters(url).get("page", "1")
    return int(number) if number.isdecimal() and len(number) < 9 else 1


def _thread_id(doc: Document, ctx: Context) -> str:
    """The thread's id where the address names only a post."""
    hidden = doc.first('form input[name="t"], input[name="searchthreadid"]')
    if hidden is not None and attribute(hidden, "value").isdecimal():
        return attribute(hidden, "value")
    links = doc.tree.css('link[rel="canonical"], .threadtitle a, td.navbar a, .pagenav a')
    return next(filter(None, (_id(_THREAD, _url(link, ctx)) for link in links)), "")
