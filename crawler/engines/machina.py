"""django-machina: post ids are bare numbers, addresses end in -ID/, times are words of the board's language."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import numbered_pages
from crawler.engines.posts import make_post, posts_of
from crawler.links import parameters, path_of
from crawler.post import BoardRef, Page, PageKind, Post, ThreadRef
from crawler.words import read_words

NAME = "machina"

_MARKS = {
    "scripts": 'script[src*="machina."], link[href*="machina."]',
    "posts": "div.card.post .post-content-wrapper .post-content",
    "rows": "td.topic-name a.topic-name-link, a.forum-name-link",
    "cards": ".card.topiclist, .card.forumlist",
    "members": 'a[href*="/member/profile/"]',
    "container": "div#main_container.container",
}
_TOPIC = re.compile(r"/forum/[^/]+-(?P<board>\d+)/topic/[^/]+-(?P<thread>\d+)/$")
_FORUM = re.compile(r"/forum/[^/]+-(?P<board>\d+)/$")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of django-machina on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A machina page."""
    path = path_of(ctx.url)
    containers = doc.tree.css("div.post[id]")
    topic, forum = _TOPIC.search(path), _FORUM.search(path)
    if containers or topic:
        return _thread(doc, ctx, topic, containers)
    if forum or doc.has("a.topic-name-link"):
        return _board(doc, ctx, forum["board"] if forum else "")
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx)))


def _thread(doc: Document, ctx: Context, topic: re.Match[str] | None, containers: list[LexborNode]) -> Page:
    thread_id = topic["thread"] if topic else ""
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, thread_id, apart))
    number, count, further = numbered_pages(doc, ctx, ".pagination .page-item")
    crumbs = doc.tree.css(".breadcrumb a")
    boards = [link for link in crumbs if _FORUM.search(path_of(ctx.link(attribute(link, "href"))))]
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        next_urls=further,
        board_id=topic["board"] if topic else "",
        board_title=line_of(boards[-1]) if boards else "",
        thread_id=thread_id,
        thread_title=line_of(doc.first("h1")),
        page_number=number,
        page_count=count,
        degraded=missing,
    )


def _post(node: LexborNode, ctx: Context, thread_id: str, apart: frozenset[int]) -> Post | None:
    post_id = attribute(node, "id")
    body = node.css_first(".post-content")
    if not post_id.isdigit() or body is None:
        return None
    line = _byline(node)
    return make_post(
        ctx,
        thread_id,
        post_id,
        f"{ctx.url.split('?')[0]}?post={post_id}#{post_id}",
        _author(node, line),
        read_words(body, apart),
        ctx.time(_after_name(line)),
        edited=node.css_first(".edit-info") is not None,
    )


def _byline(node: LexborNode) -> LexborNode | None:
    """The line "By: marlow on Aug. 3, 2026, 12:56 p.m." above the body (the edit line below it looks the same)."""
    lines = node.css(".post-content-wrapper small.text-muted")
    return next(
        (line for line in lines if not any("edit-info" in attribute(up, "class") for up in ancestors(line))), None
    )


def _author(node: LexborNode, line: LexborNode | None) -> str:
    link = line.css_first("a") if line is not None else None
    if link is not None:
        return line_of(link)
    # a guest has no profile to link to
    name = re.match(r"\w+:\s*(.+?)\s+on\s", own_line(line))
    return name[1] if name else line_of(node.css_first(".post-sidebar .username"))


def _after_name(line: LexborNode | None) -> str:
    """The time's words: what follows the author's name and the word before the date."""
    if line is None:
        return ""
    link = line.css_first("a")
    text = own_line(line) if link is None else line_of(line).partition(line_of(link))[2]
    return re.sub(r"^.*?\bon\s+|^\s*\w{1,3}\s+(?=\w)", "", text, count=1).strip()


def _board(doc: Document, ctx: Context, board_id: str) -> Page:
    number, count, further = numbered_pages(doc, ctx, ".pagination .page-item")
    rows = (_row(link, ctx) for link in doc.tree.css("a.topic-name-link"))
    return Page(
        NAME,
        PageKind.BOARD,
        boards=tuple(board for board in _boards(doc, ctx) if board.board_id != board_id),
        threads=tuple({row.thread_id: row for row in rows if row is not None}.values()),
        next_urls=further,
        board_id=board_id,
        board_title=line_of(doc.first("h1")),
        page_number=number,
        page_count=count,
    )


def _boards(doc: Document, ctx: Context) -> Iterator[BoardRef]:
    seen = set()
    for link in doc.tree.css("a.forum-name-link, .sub-forums a"):
        url = ctx.link(attribute(link, "href"))
        forum = _FORUM.search(path_of(url))
        if forum and forum["board"] not in seen:
            seen.add(forum["board"])
            yield BoardRef(forum["board"], url, line_of(link))


def _row(link: LexborNode, ctx: Context) -> ThreadRef | None:
    url = ctx.link(attribute(link, "href"))
    topic = _TOPIC.search(path_of(url))
    if not topic:
        return None
    row = next((node for node in ancestors(link) if node.css_first(".topic-count") is not None), None)
    if row is None:
        return ThreadRef(topic["thread"], url, line_of(link), "")
    counted = line_of(row.css_first(".topic-count"))
    last = row.css_first('.topic-last-post a[href*="post="]')
    last_id = parameters(ctx.link(attribute(last, "href"))).get("post", "") if last is not None else ""
    replies = int(counted) if counted.isdigit() else None
    mark = f"{counted}/{last_id}" if counted or last_id else ""
    return ThreadRef(topic["thread"], url, line_of(link), mark, replies)
