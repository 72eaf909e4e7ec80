"""A second, linear look at a page: its depth, its attributes and its text, without building a tree (pure).

Lexbor is quadratic in nesting and in the attributes of one tag; this isn't in anything. It follows the tokenizer of
the HTML standard (§13.2.5) only as far as telling tags, comments and raw text apart.
"""

import html
import re
from collections.abc import Iterator
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from crawler.document import names

MAX_DEPTH = 512
MAX_ATTRIBUTES = 256
_MANY_ATTRIBUTES = 4 * MAX_ATTRIBUTES
"""Characters of a tag from which on its attributes are counted."""

_TAG_NAMES = re.compile(r"<(/?[a-zA-Z][^\s/>]{0,40})")
_NEXT = re.compile(r"<(?:(?P<comment>!--|[!?]|/(?![a-zA-Z>]))|(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*))")
_INSIDE_TAG = r"""(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))?+)*+"""
_ATTRIBUTES = re.compile(_INSIDE_TAG)
_UNSEEN = re.compile(
    # each form ends at its mark or at the end of the page, so that none is tried twice over the same stretch
    r"<!--(?>.*?(?:-->|\Z))"
    rf"|<(script|style|title|iframe|noembed|noframes|template)(?=[\s/>]){_INSIDE_TAG}>?+(?>.*?(?:</\1(?=[\s/>])|\Z))"
    rf"|</?[a-z][^\s/>]*+{_INSIDE_TAG}>?+"
    r"|<[!?/][^>]*+>?+",
    re.I | re.S,
)
_ONE_ATTRIBUTE = re.compile(r"""([^\s/>=]++)(\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))?+""")
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"})
_FLAT = names(
    "area base br col embed hr img input link meta param source track wbr html head body p li td tr th dt dd "
    "option optgroup tbody thead tfoot colgroup rp rt"
)
"""Tags that don't nest: without content, or closed by the next of their kind."""
_KEPT_DEEP = names(
    "blockquote a form input time br p li pre code cite tr td th table ul ol dl dt dd script style textarea title"
)
"""Tags that keep their meaning when the page is flattened."""


class _Steps(dict[str, int]):
    """Tag as written → how it changes the depth."""

    def __missing__(self, tag: str) -> int:
        name = tag.lower()
        step = 0 if name.lstrip("/") in _FLAT else -1 if name[0] == "/" else 1
        if len(self) < 4096:
            self[tag] = step
        return step


_STEPS = _Steps()


class Token(NamedTuple):
    """A tag, or the text between two tags. attributes: as written."""

    kind: str
    text: str
    attributes: str = ""


def hostile(page: str) -> str:
    """Why the page must not go to the tree parser as it is, or "" if it may."""
    depth = depth_of(page)
    if depth > MAX_DEPTH:
        return f"tags nested {depth} deep"
    for token in tokens(page) if _long_tag(page) else ():
        if token.kind == "start" and len(token.attributes) > _MANY_ATTRIBUTES:
            count = sum(1 for _ in _ONE_ATTRIBUTE.finditer(token.attributes))
            if count > MAX_ATTRIBUTES:
                return f"a tag with {count} attributes"
    return ""


def depth_of(page: str) -> int:
    """The deepest nesting any reading of the page's tags could give, near enough."""
    levels = list(accumulate(map(_STEPS.__getitem__, _TAG_NAMES.findall(page)), initial=0))
    # ends that match nothing go below zero; what counts is the rise since the lowest point
    rises: Iterator[int] = map(sub, levels, accumulate(levels, min))
    return max(rises)


def _long_tag(page: str) -> bool:
    """Is there a stretch without "<" long enough to hide many attributes behind a "<"?"""
    return re.search(rf"<[^<]{{{_MANY_ATTRIBUTES}}}", page) is not None or page.count("<") * 40 < len(page)


def tokens(page: str) -> Iterator[Token]:
    """The page's tags and texts in order; comments and declarations are left out. Linear, never raises."""
    at = 0
    while True:
        found = _NEXT.search(page, at)
        if found is None:
            break
        if found.start() > at:
            yield Token("text", page[at : found.start()])
        if found["name"] is None:
            at = _comment_end(page, found)
            continue
        name = found["name"].lower()
        attributes = _ATTRIBUTES.match(page, found.end())
        at = attributes.end() if attributes else found.end()
        if at >= len(page):
            return  # the end of the page inside a tag: the tag is dropped
        at += page[at] == ">"
        yield Token("end" if found["end"] else "start", name, attributes[0] if attributes else "")
        if name in _RAW and not found["end"]:
            at, raw = _raw_end(page, at, name)
            yield Token("raw", raw, name)
    if at < len(page):
        yield Token("text", page[at:])


def _comment_end(page: str, found: re.Match[str]) -> int:
    mark, start = ("-->", found.end() - 2) if found["comment"] == "!--" else (">", found.end())
    end = page.find(mark, start)
    return len(page) if end < 0 else end + len(mark)


def _raw_end(page: str, at: int, name: str) -> tuple[int, str]:
    """Where raw text ends. An element that never ends takes the rest of the page with it, as in browsers."""
    closing = None if name == "plaintext" else re.compile(rf"</{name}(?=[\s/>])", re.I).search(page, at)
    end = closing.start() if closing else len(page)
    return end, page[at:end]


def text_length(page: str) -> int:
    """How many characters of visible text the page has, white space not counted."""
    return visible_length(_UNSEEN.sub(" ", page))


def visible_length(text: str) -> int:
    """Characters that aren't white space, entities resolved."""
    if "&" in text:
        text = html.unescape(text)
    return sum(map(len, text.split()))


def flatten(page: str) -> str:
    """The page with its text and the tags that mean something, at no more than a bounded depth and attribute count.

    Bare wrappers (a tag of no meaning without attributes) go first, then every tag below the limit.
    """
    out: list[str] = []
    wrappers: list[tuple[str, bool]] = []
    depth = 0
    for token in tokens(page):
        if token.kind in ("text", "raw"):
            out.append(token.text)
        elif token.text in _FLAT:
            out.append(_written(token))
        elif token.kind == "start":
            kept = depth < MAX_DEPTH and (bool(token.attributes.strip("/ \n")) or token.text in _KEPT_DEEP)
            wrappers.append((token.text, kept))
            depth += kept
            out.append(_written(token) if kept else " ")
        elif wrappers and wrappers[-1][0] == token.text:
            kept = wrappers.pop()[1]
            depth -= kept
            out.append(_written(token) if kept else " ")
        else:
            depth = _close(token.text, wrappers, out, depth)
    return "".join(out)


def _close(name: str, wrappers: list[tuple[str, bool]], out: list[str], depth: int) -> int:
    """A misnested end tag: closes what stands within the last few open tags, else nothing (keeps it linear)."""
    for back in range(2, min(len(wrappers), 8) + 1):
        if wrappers[-back][0] == name:
            for open_name, kept in reversed(wrappers[-back:]):
                depth -= kept
                out.append(f"</{open_name}>" if kept else "")
            del wrappers[-back:]
            return depth
    return depth


def _written(token: Token) -> str:
    if token.kind == "end":
        return f"</{token.text}>"
    attributes = token.attributes
    if len(attributes) > _MANY_ATTRIBUTES:
        found = (
            match[0] for _, match in zip(range(MAX_ATTRIBUTES // 4), _ONE_ATTRIBUTE.finditer(attributes), strict=False)
        )
        attributes = " ".join(found)
    return f"<{token.text} {attributes.strip()}>" if attributes.strip() else f"<{token.text}>"
