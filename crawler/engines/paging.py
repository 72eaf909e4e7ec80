"""Further pages of a board or thread, most often those whose addresses differ in ?page=N."""

import re
from collections.abc import Iterable

from crawler.document import Document, attribute, line_of
from crawler.engines.engine import Context
from crawler.links import parameters

Pages = tuple[int, int | None, tuple[str, ...]]
"""This page's number, how many there are, addresses of later pages."""

_LIMIT = 100_000


def numbered_pages(doc: Document, ctx: Context, selector: str) -> Pages:
    """From the links inside the elements of a page list; only links that differ from this page in "page" count."""
    own = page_number(ctx.url)
    base = _without_page(ctx.url)
    numbers = {own: ctx.url}
    for link in doc.tree.css(f"{selector} a"):
        if not attribute(link, "href").strip("#"):
            continue
        url = ctx.link(attribute(link, "href"))
        if url and _without_page(url) == base:
            numbers[page_number(url)] = url
    later = tuple(numbers[number] for number in sorted(numbers) if number > own)
    return own, max(max(numbers), _count_in_words(doc, selector)), later


def linked_pages(own: int, linked: Iterable[tuple[int, str]]) -> Pages:
    """From the pages of the same list or thread that this page links to, each with its number."""
    numbers = {number: url for number, url in linked if 0 < number <= _LIMIT}
    later = tuple(numbers[number] for number in sorted(numbers) if number > own)
    return own, max(numbers.keys() | {own}), later


def page_number(url: str) -> int:
    """The number in ?page=N; 1 where there is none."""
    digits = parameters(url).get("page", "1")
    return min(int(digits), _LIMIT) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1


def _without_page(url: str) -> str:
    return re.sub(r"([?&])page=\d+(?:&|$)", r"\1", url).rstrip("?&")


def _count_in_words(doc: Document, selector: str) -> int:
    """ "Page 2 of 3" → 3; 1 where it isn't said."""
    for node in doc.tree.css(selector):
        said = re.search(r"\b(\d{1,6})\D{1,12}(\d{1,6})$", line_of(node))
        if said and attribute(node, "class").find("pages") >= 0:
            return int(said[2])
    return 1
