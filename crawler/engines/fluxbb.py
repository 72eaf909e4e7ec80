"""FluxBB 1.5 and its kin: PunBB 1.2 (the same markup) and PunBB 1.4 (its own)."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import last_number, mark, whole_number
from crawler.links import parameters, path_of, with_parameters
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import read_words

NAME = "fluxbb"

_MARKS = {
    "page": 'div.pun[id^="pun"], div.brd-page[id^="brd-"]',
    "addresses": 'a[href*="viewtopic.php?id="], a[href*="viewforum.php?id="]',
    "posts": "div.blockpost .postmsg, div.post .post-entry .entry-content",
    "post links": 'a[href*="viewtopic.php?pid="]',
    "members": 'a[href*="profile.php?id="]',
    "header": "#brdheader #brdmenu, #brd-head, #brd-navlinks",
    "lists": ".blocktable td.tcl, .main-content .main-item .item-subject",
    "login": 'form[action*="login.php?action=in"], form[action*="login.php"] input[name="req_username"]',
    "credit": 'a[href*="//fluxbb.org"], a[href*="//www.punbb.org"], a[href*="//punbb.informer.com"]',
    "style": 'link[href*="style/Air.css"], link[href*="style/Oxygen"]',
}
_POSTS = 'div.blockpost[id^="p"], div.main-topic div.post'
_POST_ID = re.compile(r"p(\d+)")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of FluxBB and PunBB on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A FluxBB or PunBB page."""
    posts = [node for node in doc.tree.css(_POSTS) if _post_id(node)]
    script = path_of(ctx.url)
    if posts or script.endswith("viewtopic.php"):
        return _thread(doc, ctx, posts)
    if script.endswith("viewforum.php"):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _post_id(node: LexborNode) -> str:
    """PunBB 1.4 has the id on the post's head."""
    head = node if attribute(node, "id") else node.css_first(".posthead[id]")
    found = _POST_ID.fullmatch(attribute(head, "id")) if head is not None else None
    return found[1] if found else ""


def _thread(doc: Document, ctx: Context, containers: list[LexborNode]) -> Page:
    thread_id = _own_id(doc, ctx, "viewtopic.php")
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = _pages(doc, ctx, "viewtopic.php", thread_id)
    boards = doc.tree.css('.crumbs a[href*="viewforum.php"], .linkst a[href*="viewforum.php"]')
    board = boards[0] if boards else None
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=thread_id,
        thread_title=_title(doc),
        next_urls=further,
        board_id=_id(ctx, board),
        board_title=line_of(board),
        page_number=number,
        page_count=count,
        replies=_replies(doc),
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    body = node.css_first(".postright .postmsg, .postmsg, .entry-content")
    if body is None:
        return None
    post_id = _post_id(node)
    when = node.css_first('h2 a[href*="pid="], .posthead .post-link a, .posthead a.permalink')
    author = node.css_first(".postleft dt, .post-author .username")
    return make_post(
        ctx,
        thread_id,
        post_id,
        ctx.link(f"viewtopic.php?pid={post_id}") + f"#p{post_id}",
        line_of(author),
        read_words(body, apart),
        ctx.time(line_of(when)),
        edited=body.css_first(".postedit, .lastedit") is not None,
    )


def _replies(doc: Document) -> int | None:
    """PunBB 1.4 says "Posts: 1 to 25 of 26"; the others don't count on a thread's page."""
    posts = last_number(line_of(doc.first(".main-head .item-info")))
    return None if posts is None else max(0, posts - 1)


def _title(doc: Document) -> str:
    """The permalink above the posts (PunBB 1.4), else the last of the breadcrumbs, which PunBB 1.2 leaves unlinked."""
    heading = doc.first("h1.main-title a, .crumbs li:last-child strong, .crumbs .crumblast a")
    if heading is not None:
        return line_of(heading)
    last = doc.first(".crumbs li:last-child, .crumbs .crumblast, .linkst ul li:last-child")
    return line_of(last).lstrip("»\xa0 ")


def _board(doc: Document, ctx: Context) -> Page:
    board_id = _own_id(doc, ctx, "viewforum.php")
    number, count, further = _pages(doc, ctx, "viewforum.php", board_id)
    rows = (_row(node, ctx) for node in doc.tree.css(".tclcon, td.tcl .intd, td.tcl, .main-item .item-subject"))
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=_title(doc) or line_of(doc.first("#vf h2")),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    seen = set()
    for link in doc.tree.css('.tcl h3 a[href*="viewforum.php"], .item-subject h3 a[href*="viewforum.php"]'):
        board_id = _id(ctx, link)
        if board_id and board_id not in seen:
            seen.add(board_id)
            yield BoardRef(board_id, with_parameters(ctx.link("viewforum.php"), id=board_id), line_of(link))


def _row(cell: LexborNode, ctx: Context) -> ThreadRef | None:
    """A thread; the link to a page of it or to its new posts isn't its title."""
    link = next((a for a in cell.css('a[href*="viewtopic.php?id="]') if line_of(a)), None)
    thread_id = _id(ctx, link)
    if link is None or not thread_id:
        return None
    url = with_parameters(ctx.link("viewtopic.php"), id=thread_id)
    row = next((up for up in ancestors(link) if up.tag == "tr" or "main-item" in attribute(up, "class")), None)
    if row is None:
        return ThreadRef(thread_id, url, line_of(link), "")
    counted = row.css_first("td.tc2, .info-replies strong")
    # a moved thread has no counts of its own
    replies = whole_number(line_of(counted)) if counted is not None else None
    last = row.css_first('td.tcr a[href*="pid="], .info-lastpost a[href*="pid="]')
    last_id = parameters(ctx.link(attribute(last, "href"))).get("pid", "") if last is not None else ""
    return ThreadRef(thread_id, url, line_of(link), mark(ctx, replies, last_id), replies)


def _pages(doc: Document, ctx: Context, script: str, own_id: str) -> Pages:
    shown = doc.first(".pagelink strong, .paging strong, .linkst .conl strong")
    named = parameters(ctx.url).get("p", "")
    own = int(named) if named.isdecimal() and len(named) < 9 else whole_number(line_of(shown)) or 1
    linked = []
    for link in doc.tree.css(f'.pagelink a[href*="{script}"], .paging a[href*="{script}"], .conl a[href*="{script}"]'):
        if _id(ctx, link) == own_id:
            number = parameters(ctx.link(attribute(link, "href"))).get("p", "1")
            page = int(number) if number.isdecimal() and len(number) < 9 else 1
            linked.append((page, with_parameters(ctx.link(script), id=own_id, p=page if page > 1 else None)))
    return linked_pages(own, linked)


def _own_id(doc: Document, ctx: Context, script: str) -> str:
    """The id in the address; where that names only a post, the id in the page's own links."""
    own = parameters(ctx.url).get("id", "")
    if own.isdecimal():
        return own
    links = doc.tree.css('link[rel="canonical"], h1 a, .crumbs a, .pagelink a, .paging a, a[href*="post.php?tid="]')
    for link in links:
        url = ctx.link(attribute(link, "href"))
        named = parameters(url)
        found = named.get("tid", "") if "post.php" in url else named.get("id", "") if script in url else ""
        if found.isdecimal():
            return found
    return ""


def _id(ctx: Context, link: LexborNode | None) -> str:
    number = parameters(ctx.link(attribute(link, "href"))).get("id", "") if link is not None else ""
    return number if number.isdecimal() else ""
