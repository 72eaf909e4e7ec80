"""Discourse as it answers readers without scripts: the plain pages for crawlers, or the same inside <noscript>.

Such pages show no global post ids. A post is named by its topic and its number there, as in its address /t/12/3; the
number stays when other posts go.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.links import parameters, path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import read_words

NAME = "discourse"

_MARKS = {
    "generator": 'meta[name="generator"][content^="Discourse"]',
    "posts": 'div.crawler-post[id^="post_"] .crawler-post-meta, [itemtype$="DiscussionForumPosting"] .topic-body .post',
    "rows": "tr.topic-list-item a.raw-topic-link, td.main-link a.raw-topic-link",
    "outlet": "div#main-outlet.wrap",
    "setup": "meta#data-discourse-setup, discourse-assets, meta[name='discourse_theme_id'], noscript[data-path]",
    "body": "body.crawler, nav.crawler-nav",
    "members": '.creator a[href*="/u/"], a.mention[href^="/u/"]',
    "categories": 'a[href*="/c/"] .category-name, a[href*="/c/"].badge-wrapper, a[href*="/c/"].badge-category__wrapper',
    "styles": 'link[href*="/stylesheets/desktop_"], script[src*="/assets/discourse"]',
}
_TOPIC = re.compile(r"/t/(?:[^/]+/)?(?P<id>\d+)(?:/(?P<post>\d+))?/?$")
_CATEGORY = re.compile(r"/c/(?:[^/]+/)+(?P<id>\d+)(?:/.*)?$")
_LISTS = re.compile(r"/(?:latest|top|new)/?$")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of Discourse on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A Discourse page."""
    posts = doc.tree.css('div[id^="post_"].topic-body')
    if posts or _TOPIC.search(path_of(ctx.url)):
        return _thread(doc, ctx, posts)
    category = _id(_CATEGORY, ctx.url)
    rows = tuple({row.thread_id: row for row in _rows(doc, ctx)}.values())
    boards = tuple(_boards(doc, ctx, category))
    if not category and not _LISTS.search(path_of(ctx.url)):
        # the start page lists every category's topics once more; without categories it is the only list
        return Page(NAME, PageKind.INDEX, boards=boards, threads=() if boards else rows)
    number, count, further = _pages(doc, ctx, first=0)
    return Page(
        NAME,
        PageKind.BOARD,
        boards=boards if category else (),
        threads=rows,
        next_urls=further,
        board_id=category,
        board_title=line_of(doc.first("#main-outlet h1, #main-outlet h2")),
        page_number=number,
        page_count=count,
    )


def _thread(doc: Document, ctx: Context, containers: list[LexborNode]) -> Page:
    thread_id = _id(_TOPIC, ctx.url)
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, first=1)
    crumbs = [
        (_id(_CATEGORY, ctx.link(attribute(link, "href"))), line_of(link))
        for link in doc.tree.css('#topic-title a[href*="/c/"]')
    ]
    board_id, board_title = crumbs[-1] if crumbs else ("", "")
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=line_of(doc.first("#topic-title h1, h1")),
        next_urls=further,
        board_id=board_id,
        board_title=board_title,
        page_number=number,
        page_count=count,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    number = attribute(node, "id").removeprefix("post_")
    body = node.css_first("div.post, [itemprop=text], [itemprop=articleBody]")
    if not number.isdecimal() or body is None:
        return None
    when = node.css_first("time[datetime]")
    written = attribute(when, "datetime") if when is not None else ""
    shown = ctx.time(line_of(when), written) if when is not None else ctx.time("")
    changed = node.css_first("meta[itemprop=dateModified]")
    edited = changed is not None and attribute(changed, "content") != written
    # a full name may stand in brackets behind the link
    author = line_of(node.css_first(".creator a") or node.css_first(".creator"))
    url = ctx.link(f"/t/{thread_id}/{number}")
    return make_post(
        ctx, thread_id, f"{thread_id}/{number}", url, author, read_words(body, apart), shown, edited=edited
    )


def _rows(doc: Document, ctx: Context) -> Iterator[ThreadRef]:
    for link in doc.tree.css("a.raw-topic-link"):
        url = ctx.link(attribute(link, "href"))
        topic = _id(_TOPIC, url)
        if not topic:
            continue
        row = next((up for up in ancestors(link) if up.tag == "tr"), None)
        replies = whole_number(line_of(row.css_first(".replies, .posts"))) if row is not None else None
        yield ThreadRef(topic, url, line_of(link), mark(ctx, replies), replies)


def _boards(doc: Document, ctx: Context, own: str) -> Iterator[BoardRef]:
    """The categories that a page of categories lists, or those below this one."""
    seen = {own}
    for link in doc.tree.css('.category-list a[href*="/c/"], .category h3 a[href*="/c/"], h2 > a[href*="/c/"]'):
        url = ctx.link(attribute(link, "href"))
        category = _id(_CATEGORY, url)
        if category and category not in seen:
            seen.add(category)
            yield BoardRef(category, url, line_of(link))


def _pages(doc: Document, ctx: Context, first: int) -> Pages:
    """Topics count their pages from one, lists from nought; both show only the way to the next."""
    own = _number(ctx.url, first)
    links = doc.tree.css('a[rel="next"][href], a[rel="prev"][href]')
    urls = (ctx.link(attribute(link, "href")) for link in links)
    return linked_pages(own, ((_number(url, first), url) for url in urls if path_of(url) == path_of(ctx.url)))


def _number(url: str, first: int) -> int:
    digits = parameters(url).get("page", "")
    return int(digits) + 1 - first if digits.isdecimal() and len(digits) < 9 else 1


def _id(kind: re.Pattern[str], url: str) -> str:
    found = kind.search(path_of(url))
    return found["id"] if found else ""
