"""XenForo 2: articles with data-content="post-12", exact times in <time>, quotes that name their post."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark
from crawler.links import path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import read_words

NAME = "xenforo"

_MARKS = {
    "root": 'html[id="XF"], html[data-xf], html[data-app="public"][data-template]',
    "posts": 'article.message[data-content^="post-"] .message-body .bbWrapper',
    "rows": 'div.structItem[class*="js-threadListItem-"] .structItem-title',
    "nodes": "div.node.node--forum .node-title, h3.node-title",
    "addresses": 'a[href*="/threads/"][data-tp-primary], a[href*="threads/"][href*="/post-"], a[href*="/forums/"]',
    "members": 'a.username[data-user-id], a[href*="/members/"][data-xf-init="member-tooltip"]',
    "frame": "div.p-pageWrapper .p-body, div.p-body-inner",
    "login": 'form[action*="login/login"], a[href*="/login/"][data-xf-click="overlay"]',
    "times": "time.u-dt[data-timestamp], time.u-dt[data-time]",
    "scripts": 'script[src*="/js/xf/"], link[href*="css.php?css=public"]',
}
_THREAD = re.compile(r"/threads/(?:[^/]*\.)?(?P<id>\d+)(?:/page-(?P<page>\d+))?(?:/|$)")
_FORUM = re.compile(r"/forums/(?:[^/]*\.)?(?P<id>\d+)(?:/page-(?P<page>\d+))?(?:/|$)")
_POST_ID = re.compile(r"post-(\d+)")
_SHORT = re.compile(r"([\d.,]+)\s*([KM]?)", re.I)


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of XenForo on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A XenForo page."""
    posts = doc.tree.css('article.message[data-content^="post-"]')
    if posts or _THREAD.search(_path(ctx.url)):
        return _thread(doc, ctx, posts)
    if _FORUM.search(_path(ctx.url)) or doc.has("div.structItem--thread"):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx, "")))


def _thread(doc: Document, ctx: Context, containers: list[LexborNode]) -> Page:
    thread_id = _id(_THREAD, ctx.url) or _thread_id(doc, ctx)
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, _THREAD, thread_id)
    board_id, board_title = _crumb(doc, ctx)
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
    found = _POST_ID.fullmatch(attribute(node, "data-content"))
    body = node.css_first(".message-body .bbWrapper")
    if found is None or body is None:
        return None
    author = attribute(node, "data-author") or line_of(node.css_first(".message-name .username, .message-name"))
    when = node.css_first(".message-attribution time[datetime], .message-date time[datetime], time.u-dt")
    shown = ctx.time(line_of(when), attribute(when, "datetime")) if when is not None else ctx.time("")
    link = ctx.link(f"/threads/{thread_id}/post-{found[1]}") if thread_id else ctx.url
    url = next((ctx.link(attribute(a, "href")) for a in node.css(f'a[href*="/post-{found[1]}"]')), "") or link
    edited = node.css_first(".message-lastEdit") is not None
    return make_post(ctx, thread_id, found[1], url, author, read_words(body, apart), shown, edited=edited)


def _board(doc: Document, ctx: Context) -> Page:
    board_id = _id(_FORUM, ctx.url)
    number, count, further = _pages(doc, ctx, _FORUM, board_id)
    rows = (_row(node, ctx) for node in doc.tree.css("div.structItem--thread"))
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(_boards(doc, ctx, board_id)),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=_title(doc),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context, own_id: str) -> Iterator[BoardRef]:
    seen = {own_id}
    for link in doc.tree.css(".node-title a[href], .node-subNodeFlat a[href], a.subNodeLink--forum[href]"):
        url = ctx.link(attribute(link, "href"))
        board_id = _id(_FORUM, url)
        if board_id and board_id not in seen:
            seen.add(board_id)
            yield BoardRef(board_id, url, line_of(link))


def _row(node: LexborNode, ctx: Context) -> ThreadRef | None:
    """A label of the thread stands before its title as a link of its own; an unread thread's link ends in /unread."""
    for link in node.css(".structItem-title a[href]"):
        url = ctx.link(attribute(link, "href").removesuffix("unread"))
        thread_id = _id(_THREAD, url)
        if thread_id:
            replies = _count(line_of(node.css_first(".structItem-cell--meta dl:first-child dd")))
            last = node.css_first(".structItem-cell--latest time")
            exact = attribute(last, "datetime") if last is not None else ""
            return ThreadRef(thread_id, url, line_of(link), mark(ctx, replies, exact=exact), replies)
    return None


def _count(text: str) -> int | None:
    """ "1,013" and "1.2K"; the latter is short for about as many."""
    found = _SHORT.fullmatch(text.strip())
    if found is None:
        return None
    digits, factor = found[1], {"": 1, "k": 1000, "m": 1_000_000}[found[2].lower()]
    if factor == 1:
        return int(re.sub(r"\D", "", digits)) if len(digits) < 12 else None
    whole, _, rest = digits.replace(",", ".").partition(".")
    return int(whole or 0) * factor + int(rest[:1] or 0) * factor // 10 if (whole + rest).isdigit() else None


def _pages(doc: Document, ctx: Context, kind: re.Pattern[str], own_id: str) -> Pages:
    urls = (ctx.link(attribute(link, "href")) for link in doc.tree.css(".pageNav a[href], .pageNavSimple a[href]"))
    return linked_pages(_page(kind, ctx.url), ((_page(kind, url), url) for url in urls if _id(kind, url) == own_id))


def _path(url: str) -> str:
    """The path, or what stands for it where addresses aren't friendly: index.php?threads/chain-lube.12/."""
    path, _, query = url.partition("?")
    return f"/{query}" if path.endswith("/index.php") else path_of(url)


def _id(kind: re.Pattern[str], url: str) -> str:
    found = kind.search(_path(url))
    return found["id"] if found else ""


def _page(kind: re.Pattern[str], url: str) -> int:
    found = kind.search(_path(url))
    digits = (found["page"] if found else None) or "1"
    return int(digits) if len(digits) < 9 else 1


def _thread_id(doc: Document, ctx: Context) -> str:
    """The thread's id where the address names only a post."""
    links = doc.tree.css('link[rel="canonical"], .message-attribution a[href]')
    return next(filter(None, (_id(_THREAD, ctx.link(attribute(link, "href"))) for link in links)), "")


def _title(doc: Document) -> str:
    """The heading without the labels (prefixes) before it."""
    heading = doc.first("h1.p-title-value")
    return own_line(heading) or line_of(heading)


def _crumb(doc: Document, ctx: Context) -> tuple[str, str]:
    """The last board of the breadcrumbs."""
    links = (link for link in doc.tree.css("ul.p-breadcrumbs a[href]") if not _hidden(link))
    named = [(_id(_FORUM, ctx.link(attribute(link, "href"))), line_of(link)) for link in links]
    return next(((board, title) for board, title in reversed(named) if board), ("", ""))


def _hidden(link: LexborNode) -> bool:
    return any(up.tag == "noscript" for up in ancestors(link))
