"""Imageboards of the vichan family (vichan, lainchan, Tinyboard): posts of nobody in particular that answer by >>12.

A thread's replies to earlier posts are quotes without words: Quote.ref names the post, Quote.text is empty. Green lines
(">like this") stay in the text, as nothing says whose words they are.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from crawler.document import Document, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import Pages, linked_pages
from crawler.engines.posts import make_post, posts_of
from crawler.engines.rows import mark, whole_number
from crawler.links import path_of
from crawler.post import BoardRef, Page, PageKind, Post, Quote, ThreadRef
from crawler.words import read_words

NAME = "vichan"

_MARKS = {
    "posts": "div.post.reply p.intro a.post_no, div.post.op p.intro a.post_no",
    "threads": 'div.thread[id^="thread_"][data-board], div[id^="thread_"] div.post.op[id^="op_"]',
    "form": 'form[name="post"][action*="post.php"], form[name="postcontrols"][action*="post.php"]',
    "boards": "div.boardlist",
    "anchors": 'span.intro-wrap, a.post_anchor, label[for^="delete_"]',
    "replies": 'div.body a[onclick*="highlightReply"], div.body span.quote',
    "scripts": 'script[src*="/main.js"], script[src*="inline-expanding"], link#stylesheet[href*="/stylesheets/"]',
    "credit": 'a[href*="engine.vichan.net"], a[href*="vichan"], a[href*="tinyboard.org"]',
    "catalog": 'div.threads div.grid-li, div.mix[data-reply][data-bump], a[href$="/catalog.html"]',
}
_THREAD = re.compile(r"/(?P<board>[^/]+)/(?:res|thread)/(?P<id>\d+)(?:[+]\d+)?(?:-[^/]*)?\.html$")
_BOARD = re.compile(r"/(?P<board>[^/.]+)/(?:(?:index|(?P<page>\d+)|catalog)\.html)?$")
_NOTES = "span.omitted, div.body-line.tinyboard"
_ANSWER = re.compile(r">>(\d+)")


def looks_like(doc: Document) -> tuple[str, ...]:
    """Marks of vichan on the page."""
    return tuple(name for name, selector in _MARKS.items() if doc.has(selector))


def read(doc: Document, ctx: Context) -> Page:
    """A vichan page. Posts shown on a board page are previews of its threads and left to the threads' pages."""
    thread = _THREAD.search(path_of(ctx.url))
    if thread:
        return _thread(doc, ctx, thread)
    if doc.has('div.thread[id^="thread_"], div[id^="thread_"] div.post.op, div.mix[data-reply]'):
        return _board(doc, ctx)
    return Page(NAME, PageKind.INDEX, boards=tuple(_boards(doc, ctx, "")))


def _thread(doc: Document, ctx: Context, address: re.Match[str]) -> Page:
    containers = doc.tree.css("div.post.op, div.post.reply")
    posts, missing = posts_of(containers, lambda node, apart: _post(node, ctx, address["board"], address["id"], apart))
    return Page(
        NAME,
        PageKind.THREAD,
        posts=posts,
        thread_id=_key(address["board"], address["id"]),
        thread_title=line_of(doc.first("div.post.op .subject")),
        board_id=address["board"],
        board_title=_board_title(doc, address["board"]),
        page_count=1,
        replies=max(0, len(containers) - 1),
        degraded=missing,
    )


def _key(board: str, number: str) -> str:
    """Numbers count by board, so that two boards have the same ones."""
    return f"{board}/{number}"


def _post(node: LexborNode, ctx: Context, board: str, thread: str, apart: frozenset[int]) -> Post | None:
    number = whole_number(re.sub(r"\D", "", attribute(node, "id")))
    body = node.css_first("div.body")
    if number is None or body is None:
        return None
    when = node.css_first(".intro time")
    shown = ctx.time(line_of(when), attribute(when, "datetime")) if when is not None else ctx.time("")
    notes = frozenset(note.mem_id for note in body.css(_NOTES))
    words = read_words(body, apart | notes)
    words = replace(words, quotes=(*words.quotes, *_answers(body, board)))
    edited = node.css_first(".editmsg, .edited") is not None
    url = f"{ctx.url}#{number}"
    return make_post(
        ctx, _key(board, thread), _key(board, str(number)), url, _author(node), words, shown, edited=edited
    )


def _author(node: LexborNode) -> str:
    """The name with the tripcode, which is what tells one of a name from another."""
    return line_of(node.css_first(".intro .name")) + line_of(node.css_first(".intro .trip"))


def _answers(body: LexborNode, board: str) -> Iterator[Quote]:
    """The posts of the same board that this one names, each once."""
    numbers = (_ANSWER.fullmatch(line_of(link)) for link in body.css("a"))
    for number in dict.fromkeys(found[1] for found in numbers if found):
        yield Quote(None, "", _key(board, number))


def _board(doc: Document, ctx: Context) -> Page:
    address = _BOARD.search(path_of(ctx.url))
    board = address["board"] if address else ""
    number, count, further = _pages(doc, ctx, board)
    rows = [*_previews(doc, ctx), *_catalog(doc, ctx)]
    return Page(
        NAME,
        PageKind.BOARD,
        threads=tuple({row.thread_id: row for row in rows}.values()),
        boards=tuple(_boards(doc, ctx, board)),
        next_urls=further,
        board_id=board,
        board_title=_board_title(doc, board),
        page_number=number,
        page_count=count,
    )


def _previews(doc: Document, ctx: Context) -> Iterator[ThreadRef]:
    """Threads with their first and last posts: what is shown and what is said to be left out make the count."""
    for node in doc.tree.css('div[id^="thread_"]'):
        url = _thread_url(node, ctx)
        address = _THREAD.search(path_of(url))
        if not address:
            continue
        shown = node.css("div.post.reply")
        omitted = line_of(node.css_first("span.omitted"))
        replies = len(shown) + (whole_number(omitted) or 0)
        last = re.sub(r"\D", "", attribute(shown[-1], "id")) if shown else address["id"]
        title = line_of(node.css_first("div.post.op .subject")) or line_of(node.css_first("div.body"))[:80]
        yield ThreadRef(_key(address["board"], address["id"]), url, title, mark(ctx, replies, last), replies)


def _catalog(doc: Document, ctx: Context) -> Iterator[ThreadRef]:
    for node in doc.tree.css("div.mix[data-reply]"):
        url = _thread_url(node, ctx)
        address = _THREAD.search(path_of(url))
        if address:
            replies = whole_number(attribute(node, "data-reply"))
            title = line_of(node.css_first(".subject")) or own_line(node.css_first(".replies"))[:80]
            found = mark(ctx, replies, exact=attribute(node, "data-bump"))
            yield ThreadRef(_key(address["board"], address["id"]), url, title, found, replies)


def _thread_url(node: LexborNode, ctx: Context) -> str:
    """Links to a post of the thread, and to its last fifty, lead to the whole thread."""
    urls = (ctx.link(re.sub(r"\+\d+(?=\.html)", "", attribute(link, "href"))) for link in node.css("a[href]"))
    return next((url for url in urls if _THREAD.search(path_of(url))), "")


def _boards(doc: Document, ctx: Context, own: str) -> Iterator[BoardRef]:
    seen = {own}
    for link in doc.tree.css("div.boardlist a[href]"):
        url = ctx.link(attribute(link, "href"))
        found = _BOARD.search(path_of(url))
        if found and found["board"] not in seen:
            seen.add(found["board"])
            yield BoardRef(found["board"], url, attribute(link, "title") or line_of(link))


def _pages(doc: Document, ctx: Context, board: str) -> Pages:
    """The first page is index.html, the second 2.html."""
    linked = [(ctx.url, _BOARD.search(path_of(ctx.url)))]
    for link in doc.tree.css("div.pages a[href]"):
        url = ctx.link(attribute(link, "href"))
        linked.append((url, _BOARD.search(path_of(url))))
    numbered = [(int((found["page"] or "1")[:8]), url) for url, found in linked if found and found["board"] == board]
    own = numbered[0][0] if linked[0][1] else 1
    return linked_pages(own, numbered)


def _board_title(doc: Document, board: str) -> str:
    """ "/b/ - Bicycles" """
    heading = line_of(doc.first("header h1"))
    return heading.removeprefix(f"/{board}/").lstrip(" -–—") or board
