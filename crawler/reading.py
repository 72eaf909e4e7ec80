"""From a page's bytes to what it says: decode, look for traps, parse, choose the engine, read (pure)."""

from dataclasses import replace
from urllib.parse import urljoin

from crawler.detect import AUTO, detect, named
from crawler.document import Document, attribute, decode, parse
from crawler.engines import generic
from crawler.engines.engine import Context
from crawler.links import canonical, path_of
from crawler.post import MAX_TEXT, Page, Post, Quote
from crawler.times import day_comes_first
from crawler.tokens import flatten, hostile, text_length, visible_length
from crawler.words import DATA

_TOLERANCE = 0.02
_TOLERANCE_CHARACTERS = 200
"""By how much the tokenizer may find more text than the tree: parsers move and drop text in broken tables and forms."""


def read_page(body: bytes, content_type: str, ctx: Context, engine: str = AUTO) -> Page:
    """What a page says. Raises Misconfigured for an unknown engine or time zone, else reads any bytes."""
    html = decode(body, content_type)
    trap = hostile(html)
    doc = parse(flatten(html) if trap else html)
    ctx = replace(ctx, url=canonical(ctx.url))
    ctx = replace(ctx, base=_base(doc, ctx))
    reader = detect(doc) if engine == AUTO else named(engine)
    page = reader.read(doc, ctx)
    if day_comes_first((post.time_shown for post in page.posts), _language(doc), ctx.captured_at.date()):
        page = reader.read(doc, replace(ctx, day_first=True))
    counts = {**doc.counts, **_data_runs(page)}
    asks_for_login = doc.asks_for_login()
    posts = tuple(_kept(post) for post in page.posts)
    reasons = (trap, _hidden(html, doc), page.degraded, _unsure(page), _shortened(page.posts, posts))
    nothing = not (page.posts or page.threads or page.boards)
    return replace(
        page,
        posts=posts,
        degraded="; ".join(reason for reason in reasons if reason),
        login_required=nothing and asks_for_login,
        counts=counts,
    )


def _language(doc: Document) -> str:
    """The language the page declares, such as "en-gb"."""
    root = doc.first("html")
    return (attribute(root, "lang") or attribute(root, "xml:lang")).strip() if root is not None else ""


def _base(doc: Document, ctx: Context) -> str:
    """Where <base> lets relative links start, on the host we came by: it may name the one the forum was set up for."""
    declared = doc.first("base[href]")
    return urljoin(ctx.url, path_of(attribute(declared, "href"))) if declared is not None else ""


def _hidden(html: str, doc: Document) -> str:
    """Says so if the tree shows less text than the page has: posts may be hidden from it. Takes scripts out of it."""
    for silent in doc.tree.css("script, style, template, iframe, noembed, noframes"):
        silent.decompose()
    shown = visible_length(doc.tree.body.text()) if doc.tree.body is not None else 0
    there = text_length(html)
    if there - shown > max(_TOLERANCE_CHARACTERS, there * _TOLERANCE):
        return f"{there - shown} of {there} characters of text are missing from the parsed page"
    return ""


def _unsure(page: Page) -> str:
    """The fallback engine says where it found posts but not who wrote them."""
    if page.engine != generic.NAME or not page.posts:
        return ""
    nameless = sum(not post.author for post in page.posts)
    return f"{nameless} of {len(page.posts)} posts have no author" if nameless else ""


def _kept(post: Post) -> Post:
    """The post without the characters that are too many, of its own text and of its quotes together."""
    room, quotes = MAX_TEXT, list[Quote]()
    for quote in post.quotes:
        if len(quote.text) > room:
            quotes += [replace(quote, text=quote.text[:room])] if room else []
            break
        quotes.append(quote)
        room -= len(quote.text)
    return replace(post, text=post.text[:MAX_TEXT], quotes=tuple(quotes))


def _shortened(whole: tuple[Post, ...], kept: tuple[Post, ...]) -> str:
    cut = sum(before != after for before, after in zip(whole, kept, strict=True))
    return f"{cut} of {len(whole)} posts were cut at {MAX_TEXT} characters" if cut else ""


def _data_runs(page: Page) -> dict[str, int]:
    texts = [text for post in page.posts for text in (post.text, *(quote.text for quote in post.quotes))]
    runs = sum(text.count(DATA) for text in texts)
    return {"data_runs": runs} if runs else {}
