"""Boards, threads and further pages of software nobody described, from its links."""

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.paging import Pages
from crawler.links import parameters, path_of, with_parameters
from crawler.post import BoardRef, ThreadRef
from crawler.times import looks_like_time

_THREAD = re.compile(
    r"(?:^|/)(?:view|show)?(?:topics?|threads?|discussions?|viewtopic|showthread|questions?|t|posts?|res)"
    r"(?:\.php|\.html?)?(?:[/.?-]|$)|^/f/[^/]+/\d+(?:/|$)",
    re.I,
)
_THREAD_QUERY = ("t", "tid", "topic", "thread", "threadid", "topic_id", "topicid")
_BOARD = re.compile(
    r"(?:^|/)(?:view|show)?(?:forums?|boards?|categor(?:y|ies)|forumdisplay|viewforum|c|f|section)"
    r"(?:\.php|\.html?)?(?:[/.?-]|$)",
    re.I,
)
_BOARD_QUERY = ("f", "fid", "forum", "board", "category", "forumid")
_NO_CONTENT = re.compile(
    r"(?:^|/)(?:log-?in|log-?out|register|sign-?up|search|members?|memberlist|users?|u|profiles?|feeds?|rss|privacy|terms|"
    r"faq|help|new|new-?(?:topic|thread|reply)|create|publish|posting|reply|report|unread|active|private|latest|mark|"
    r"subscri\w*|notifications?|print|download|attachments?|static|tags?|history|edit|delete|find|ucp|mcp|like)"
    r"(?:\.\w{2,4})?(?:/|$)",
    re.I,
)
_PAGE_NAMES = ("page", "p", "pg", "start", "st", "offset", "o")
_PAGE_PATH = re.compile(r"[/-](?:page|index|p)[-/]?(\d{1,6})(?:\.html?)?/?$", re.I)
_POST_PATH = re.compile(r"/(?:posts?|comments?|replies)[-/]\d+/?$", re.I)
_NUMBER_SEGMENT = re.compile(r"/(\d+)()(?=[/.]|$)")
_NUMBER_AT_END = re.compile(r"[^\W_][-._](\d+)(?:[-.]\d+)*(?:\.html?)?/?$|(\d+)\D{0,8}$")
_NAMELESS_ID = re.compile(r"\?(\d+)(?:-[^&=]*)?(?:[/&]|$)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LIMIT = 2000


def thread_id(url: str) -> str:
    """An id for the list or thread at an address: its number in the query or the path, else the path."""
    named = parameters(url)
    for name in (*_THREAD_QUERY, *_BOARD_QUERY, "id"):
        if named.get(name):
            return re.split(r"[.;,]", named[name])[0]
    nameless = _NAMELESS_ID.search(url)
    if nameless:
        return nameless[1]
    path = _POST_PATH.sub("", _PAGE_PATH.sub("", path_of(url)))
    found = _NUMBER_SEGMENT.search(path) or _NUMBER_AT_END.search(path)
    return found[1] or found[2] if found else path.strip("/")[-80:] or "/"


def is_thread(url: str) -> bool:
    """Does the address look like that of a thread? A script without a number leads to no particular one."""
    return _is(url, _THREAD, _THREAD_QUERY) and not thread_id(url).endswith(".php")


def is_list(members: Sequence[LexborNode], ctx: Context) -> bool:
    """Are the members rows of a list of threads or boards: does nearly each lead to another one?"""
    own = thread_id(ctx.url)
    led_to: list[str] = []
    for member in members:
        urls = (ctx.link(attribute(a, "href")) for a in member.css("a[href]"))
        led_to += [next((thread_id(url) for url in urls if url and _leads_on(url) and thread_id(url) != own), "")]
    named = [place for place in led_to if place]
    # previews of several posts lead to one thread
    differing = 0.7 * len(named) if is_thread(ctx.url) else 1
    return len(named) >= 0.7 * len(members) and len(set(named)) > differing


def _leads_on(url: str) -> bool:
    if _NO_CONTENT.search(path_of(url)):
        return False
    return is_thread(url) or (_is(url, _BOARD, _BOARD_QUERY) and not _is(url, _THREAD, ()))


def boards(doc: Document, ctx: Context) -> tuple[BoardRef, ...]:
    """Boards the page links to."""
    found: dict[str, BoardRef] = {}
    for link, url in _links(doc, ctx):
        if _is(url, _BOARD, _BOARD_QUERY) and not is_thread(url):
            board_id = thread_id(url)
            found.setdefault(board_id, BoardRef(board_id, url, line_of(link)))
    found.pop(thread_id(ctx.url), None)
    return tuple(found.values())[:_LIMIT]


def threads(doc: Document, ctx: Context) -> tuple[ThreadRef, ...]:
    """Threads the page links to: of each the link with the most words."""
    found: dict[str, tuple[LexborNode, str]] = {}
    for link, url in _links(doc, ctx):
        if not is_thread(url):
            continue
        known = found.get(thread_id(url))
        if known is None or (len(line_of(link)) > len(line_of(known[0])) and len(url) <= len(known[1])):
            found[thread_id(url)] = (link, url)
    return tuple(_row(link, url, ctx) for link, url in list(found.values())[:_LIMIT])


def _links(doc: Document, ctx: Context) -> Iterator[tuple[LexborNode, str]]:
    for link in doc.tree.css("a[href]"):
        if not line_of(link):
            continue
        url = ctx.link(attribute(link, "href"))
        if url and not _NO_CONTENT.search(path_of(url)):
            yield link, _first_page(url)


def _first_page(url: str) -> str:
    """The address without the page it names."""
    if page_of(url) == 1:
        return url
    named = {name: value for name, value in parameters(url).items() if name not in _PAGE_NAMES}
    return with_parameters(_PAGE_PATH.sub("", url), **named)


def _is(url: str, path: re.Pattern[str], query: tuple[str, ...]) -> bool:
    named = parameters(url)
    return any(named.get(name) for name in query) or path.search(path_of(url)) is not None


def _row(link: LexborNode, url: str, ctx: Context) -> ThreadRef:
    """A thread with what its row shows; the row is the outermost element around that links to no other thread."""
    row = link
    for parent in ancestors(link):
        urls = (ctx.link(attribute(a, "href")) for a in parent.css("a[href]"))
        others = {thread_id(url) for url in urls if url and is_thread(url)}
        if parent.tag in ("body", "html") or len(others) > 1:
            break
        row = parent
    return ThreadRef(thread_id(url), url, line_of(link), _mark(row, link, ctx))


def _mark(row: LexborNode, link: LexborNode, ctx: Context) -> str:
    """Exact times, full dates and post ids that the row shows; where it has none of them, its smallest bare number.

    Words like "2 hours ago" change by themselves and are left out, and so are view counts beside anything better.
    """
    if row.mem_id == link.mem_id:
        return ""
    exact = [attribute(node, name) for name in ("datetime", "title") for node in row.css(f"[{name}]")]
    told = {value for value in exact if looks_like_time(value) and _YEAR.search(value)}
    texts = [own_line(node) for node in row.css("td, div, span, small, dd, p, time, li")]
    told |= {text for text in texts if len(text) < 60 and _YEAR.search(text) and looks_like_time(text)}
    others = (a for a in row.css("a[href]") if a.mem_id != link.mem_id)
    told |= {f"#{found[1]}" for a in others if (found := re.search(r"#\D*(\d+)$", attribute(a, "href")))}
    if told:
        return "/".join(sorted(told))[:300]
    return str(min((int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 9), default=""))


def page_of(url: str) -> int:
    """The page an address names: its number, or where it starts plus one; 1 for the first."""
    named = parameters(url)
    for name in _PAGE_NAMES:
        digits = named.get(name, "")
        if digits.isascii() and digits.isdigit() and len(digits) < 9:
            return max(1, int(digits) + (name in ("start", "st", "offset", "o")))
    found = _PAGE_PATH.search(path_of(url))
    return max(1, int(found[1])) if found else 1


def _base(url: str) -> str:
    named = {name: value for name, value in parameters(url).items() if name not in _PAGE_NAMES}
    return f"{_PAGE_PATH.sub('', path_of(url)).rstrip('/')}?{sorted(named.items())}"


def pages(doc: Document, ctx: Context) -> Pages:
    """Later pages of this list: links that differ from it only in the page they name."""
    own, base = page_of(ctx.url), _base(ctx.url)
    later: dict[int, str] = {}
    for link in doc.tree.css("a[href]"):
        if not attribute(link, "href").strip("#"):
            continue
        url = ctx.link(attribute(link, "href"))
        if url and page_of(url) > own and _base(url) == base:
            later.setdefault(page_of(url), url)
    return own, max([own, *later]), tuple(later[number] for number in sorted(later))
