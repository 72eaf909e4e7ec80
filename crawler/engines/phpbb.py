"""phpBB 3.x: prosilver and the themes made from it, and the table themes of 3.0 (subsilver2)."""

import math
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.links import parameters, path_of, with_parameters
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.times import ShownTime, looks_like_time
from crawler.words import read_words

NAME = "phpbb"

_MARKS = {
    "body": 'body#phpbb, body[class*="section-view"], body[class*="section-index"]',
    "addresses": 'a[href*="viewtopic.php?"], a[href*="viewforum.php?"]',
    "control panel": 'a[href*="ucp.php?mode="], a[href*="ucp.php?i="], form[action*="ucp.php?mode="]',
    "posts": 'div.post[id^="p"] .postbody, table.tablebg .postbody',
    "lists": "a.topictitle, a.forumtitle, a.forumlink",
    "credit": 'a[href*="//www.phpbb.com"], a[href*="//phpbb.com"], meta[name="copyright"][content*="phpBB"]',
    "style": 'link[href*="/styles/prosilver/"], link[href*="/theme/stylesheet.css"], link[href*="style.php?"]',
}
_POST_ID = re.compile(r"p?(\d+)")
_AUTHOR = (
    ".postprofile .username, .postprofile .username-coloured, .author .username, .author .username-coloured, "
    ".postauthor, .postprofile dt a:not(.avatar), .author strong, .postprofile dt strong"
)


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of phpBB on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A phpBB page."""
    own = parameters(ctx.url)
    path = path_of(ctx.url)
    posts = tuple(node for node in doc.tree.css('div.post[id^="p"]') if not _is_kept_back(node))
    posts = posts or tuple(_table_posts(doc))
    if posts or path.endswith("viewtopic.php"):
        return _thread(doc, ctx, own, posts)
    if doc.has("a.topictitle") or path.endswith("viewforum.php"):
        return _board(doc, ctx, own)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _is_kept_back(node: LexborNode) -> bool:
    """Does the frame say only that a member is ignored? Later versions hide the post's words, but send them."""
    return node.css_first(".ignore") is not None and node.css_first(".content") is None


def _thread(doc: Document, ctx: Context, own: dict[str, str], containers: tuple[LexborNode, ...]) -> Page:
    thread_id = own.get("t") or _thread_id(doc, ctx)
    title = doc.first("h2.topic-title, h2 a[href*='viewtopic'], #pageheader h2, a.titles, #page-body h2")
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, "viewtopic.php", "t", thread_id)
    board_id, board_title = _crumb(doc, ctx)
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=line_of(title),
        next_urls=further,
        page_number=number,
        page_count=count,
        replies=_replies(doc),
        degraded=missing,
        board_id=board_id,
        board_title=board_title,
    )


def _thread_id(doc: Document, ctx: Context) -> str:
    """The thread's id where the address names only a post."""
    links = doc.tree.css(
        'link[rel="canonical"], h2 a[href*="viewtopic"], a[href*="posting.php?mode=reply"], .pagination a'
    )
    found = (parameters(ctx.link(attribute(link, "href"))).get("t", "") for link in links)
    return next((thread_id for thread_id in found if thread_id.isdigit()), "")


def _table_posts(doc: Document) -> Iterator[LexborNode]:
    """Posts of table themes: the innermost table around an <a name="p12"> that also holds the body."""
    for anchor in doc.tree.css('a[name^="p"]'):
        if not _POST_ID.fullmatch(attribute(anchor, "name")):
            continue
        for parent in ancestors(anchor):
            if parent.tag == "table" and parent.css_first(".postbody") is not None:
                yield parent
                break


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    anchor = node if node.tag == "div" else node.css_first('a[name^="p"]')
    number = _POST_ID.fullmatch(attribute(anchor, "id") or attribute(anchor, "name")) if anchor is not None else None
    body = node.css_first(".content") or node.css_first(".postbody")
    if number is None or body is None:
        return None
    return make_post(
        ctx,
        thread_id,
        number[1],
        with_parameters(ctx.link("viewtopic.php"), p=number[1]) + f"#p{number[1]}",
        line_of(node.css_first(_AUTHOR)) or line_of(node.css_first(".postprofile dt")),
        read_words(body, apart),
        _time(node, ctx),
        edited=_edited(node),
    )


def _time(node: LexborNode, ctx: Context) -> ShownTime:
    line = node.css_first(".author, p.author")
    if line is None:
        # the subject stands before the time
        found = node.css("td.gensmall div") or node.css("td.gensmall, .postdate")
        return ctx.time(line_of(found[-1]).partition(":")[2].strip() if found else "")
    exact = line.css_first("time")
    if exact is not None:
        return ctx.time(line_of(exact), attribute(exact, "datetime"))
    return ctx.time(line_of(line).rpartition("»")[2].strip())


def _edited(node: LexborNode) -> bool:
    notice = node.css_first(".notice:not(.post_deleted_msg)")
    if notice is not None:
        return True
    return any(looks_like_time(line_of(small)) for small in node.css(".postbody ~ .gensmall"))


def _board(doc: Document, ctx: Context, own: dict[str, str]) -> Page:
    board_id = own.get("f", "")
    title = doc.first("h2.forum-title, h2 a[href*='viewforum'], #pageheader h2, #page-body h2")
    number, count, further = _pages(doc, ctx, "viewforum.php", "f", board_id)
    rows = (_row(link, ctx) for link in doc.tree.css("a.topictitle"))
    threads = {row.thread_id: row for row in rows if row is not None}
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple(threads.values()),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(title),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    seen = set()
    for link in doc.tree.css("a.forumtitle, a.forumlink, a.subforum"):
        url = ctx.link(attribute(link, "href"))
        board_id = parameters(url).get("f", "")
        if board_id.isdigit() and path_of(url).endswith("viewforum.php") and board_id not in seen:
            seen.add(board_id)
            yield BoardRef(board_id, with_parameters(url, f=board_id), line_of(link))


def _row(link: LexborNode, ctx: Context) -> ThreadRef | None:
    url = ctx.link(attribute(link, "href"))
    thread_id = parameters(url).get("t", "")
    if not thread_id.isdigit():
        return None
    row = next((node for node in ancestors(link) if node.tag in ("li", "tr")), None)
    replies = _count(row)
    return ThreadRef(thread_id, with_parameters(url, t=thread_id), line_of(link), _mark(row, ctx, replies), replies)


def _count(row: LexborNode | None) -> int | None:
    """The reply count of a row: the first cell that holds a bare number."""
    if row is None:
        return None
    counts = (whole_number(line_of(cell)) for cell in row.css("dd.posts, p.topicdetails"))
    return next((count for count in counts if count is not None), None)


def _mark(row: LexborNode | None, ctx: Context, replies: int | None) -> str:
    """Reply count and the newest linked post's id, or its exact time; shown words may be relative, so never those."""
    if row is None:
        return ""
    ids = [parameters(ctx.link(attribute(link, "href"))).get("p", "") for link in row.css('a[href*="p="]')]
    newest = max((int(post_id) for post_id in ids if post_id.isdigit()), default=None)
    exact = row.css_first(".lastpost time[datetime]")
    last_id = "" if newest is None else str(newest)
    return mark(ctx, replies, last_id, exact=attribute(exact, "datetime") if exact is not None else "")


def _pages(doc: Document, ctx: Context, script: str, key: str, own_id: str) -> Pages:
    """This page's number, how many there are, and the addresses of later ones, from the links that differ in start."""
    starts = {0}
    for link in doc.tree.css(f'a[href*="{script}"][href*="start="]'):
        url = ctx.link(attribute(link, "href"))
        named = parameters(url)
        if named.get(key) == own_id and path_of(url).endswith(script):
            starts.add(_start(named.get("start", "0")))
    own_start = _start(parameters(ctx.url).get("start", "0"))
    # an address that names a post leads to the page that holds it
    shown = whole_number(line_of(doc.first(".pagination .active, .pagination strong, td.nav strong"))) or 1
    size = math.gcd(own_start, *starts)
    if not size:
        return linked_pages(shown, ())
    base = ctx.link(script)
    linked = ((start // size + 1, with_parameters(base, **{key: own_id, "start": start or None})) for start in starts)
    return linked_pages(own_start // size + 1 if own_start else shown, linked)


def _start(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0


def _replies(doc: Document) -> int | None:
    """How many replies the thread has by the forum's own count of its posts."""
    for node in doc.tree.css(".pagination, td.nav"):
        number = re.search(r"^\d[\d,.]*(?=\s+\w)|(?<=\[ )\d[\d,.]*", line_of(node))
        if number:
            return max(0, (whole_number(number[0]) or 0) - 1)
    return None


def _crumb(doc: Document, ctx: Context) -> tuple[str, str]:
    """The board the thread stands in: the last board of the breadcrumbs."""
    links = doc.tree.css('.navlinks a[href*="viewforum.php"], .breadcrumbs a[href*="viewforum.php"]')
    if not links:
        return "", ""
    board_id = parameters(ctx.link(attribute(links[-1], "href"))).get("f", "")
    return board_id, line_of(links[-1])
