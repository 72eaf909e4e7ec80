"""The author's words in a post's body: blocks joined by newlines, quotes kept apart, data taken out (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from crawler.document import attribute, line_of, names
from crawler.post import Quote

_BLOCKS = names(
    "address article aside blockquote center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody td th thead tr ul"
)
_SILENT = names(
    "script style template noscript button input select textarea svg math iframe object embed audio video canvas "
    "head title"
)
_PREFORMATTED = frozenset({"pre", "textarea", "listing", "xmp"})
_QUOTE_CLASSES = names("quotebox quotecontent quote_container bbcode_quote bbcodeblock--quote quote")
_HEADING_CLASSES = names("quotetitle quoteheader quote-header topslice_quote")
_SOFTWARE_CLASSES = names(
    "codeheader attachbox inline-attachment notice signature edit-info bbcodeblock-expandlink quotefooter "
    "botslice_quote"
)
_APART = _HEADING_CLASSES | _SOFTWARE_CLASSES
_CODE_CLASSES = names("codebox codeblock")
_PICTURED_WORDS = names("smilies emoji smiley emoticon")
_HEADING = "cite, .bbCodeBlock-title, .bbcode_postedby, .quote-author, .quotetitle, .quote_header, aside.quote > .title"
_WROTE = (
    r"(?:wrote|said|writes|says|schrieb|hat geschrieben|a écrit|escribió|dijo|ha scritto|"
    r"писал(?:\(а\)|а)?|написал(?:\(а\)|а)?|пишет)\b.*"
)
_BYLINE = re.compile(
    r"^(?:\([^)]{0,60}\)\s*)?(?P<lead>quote from:?\s+|quote:\s+|originally posted by:?\s+|zitat von:?\s+)?"
    rf"(?P<name>\S.{{0,80}}?)\s*(?:(?<!\w){_WROTE}|:)?$",
    re.I,
)
_ON_DATE = re.compile(r"\s+(?:on|am|le|el)\s+\S*\d.*$|\s+on\s+\w+.*\d.*$", re.I)

DATA = "[data]"
"""Stands where encoded data was taken out of a text."""
_DATA_URI = re.compile(r"data:[\w.+-]{1,60}/[\w.+-]{1,60}(?:;[\w=.+-]{1,60}){0,4},[A-Za-z0-9+/=_%-]*", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}|(?:[A-Za-z0-9+/]{60,100}\s+){3,}[A-Za-z0-9+/]*={0,2}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Words:
    """What a body says: the author's own text, and what it quotes (outermost quotes only, each without inner ones)."""

    text: str = ""
    quotes: tuple[Quote, ...] = ()


@dataclass(slots=True)
class _Lines:
    """Collects text into lines; white space folds except in preformatted text."""

    done: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    preformatted: int = 0

    def add(self, text: str) -> None:
        if not self.preformatted:
            self.parts.append(text)
            return
        first, *rest = text.split("\n")
        self.parts.append(first)
        for line in rest:
            self.end()
            self.parts.append(line)

    def end(self) -> None:
        if not self.parts:
            return
        line = "".join(self.parts)
        self.parts.clear()
        line = line.rstrip() if self.preformatted else " ".join(line.split())
        if line.strip():
            self.done.append(line)

    def text(self) -> str:
        self.end()
        return "\n".join(self.done)


def read_words(body: LexborNode, apart: frozenset[int] = frozenset()) -> Words:
    """The words of a post's body.

    apart: mem_id of elements that aren't the post's even inside it, such as other posts where a tag was never closed.
    """
    quotes: list[Quote] = []
    heading = ""
    lines = _Lines()
    for opened, node in _walk(body, apart):
        tag = node.tag or ""
        if tag == "-text":
            lines.add(node.text_content or "")
        elif opened is None:
            if is_quote(node):
                lines.end()
                quotes.append(_quote(node, heading, apart))
                heading = ""
            elif _classes(node) & _HEADING_CLASSES:
                heading = _byline(line_of(node))
            elif tag == "img":
                lines.add(_pictured(node))
        else:
            _edge(lines, tag, opened)
    return Words(without_data(lines.text()), tuple(quotes))


def _edge(lines: _Lines, tag: str, opened: bool) -> None:
    if tag == "br":
        if opened:
            lines.end()
    elif tag in _BLOCKS:
        lines.end()
    if tag in _PREFORMATTED:
        lines.end()
        lines.preformatted += 1 if opened else -1


def _walk(root: LexborNode, leave_out: frozenset[int] = frozenset()) -> Iterator[tuple[bool | None, LexborNode]]:
    """Document order without recursion, for trees of any depth.

    Yields (True, element) where it opens, (False, element) where it closes, and (None, node) for text and for
    elements that aren't entered: quotes, their headings, pictures.
    """
    open_elements: list[LexborNode] = []
    node = root.first_child
    while node is not None:
        child = None
        if node.is_text_node:
            yield None, node
        elif node.is_element_node and node.tag not in _SILENT and node.mem_id not in leave_out:
            if _is_atom(node):
                yield None, node
            else:
                yield True, node
                child = node.first_child
                if child is None:
                    yield False, node
        if child is not None:
            open_elements.append(node)
            node = child
            continue
        following = node.next
        while following is None and open_elements:
            closing = open_elements.pop()
            yield False, closing
            following = closing.next
        node = following


def _is_atom(node: LexborNode) -> bool:
    if node.tag in ("img", "blockquote"):
        return True
    return not _classes(node).isdisjoint(_APART) or is_quote(node) or _is_code_caption(node)


def _is_code_caption(node: LexborNode) -> bool:
    """The "Code: Select all" line above a code box."""
    parent = node.parent
    if parent is None or node.tag not in ("p", "dt", "div"):
        return False
    return not _classes(parent).isdisjoint(_CODE_CLASSES) and (node.tag != "div" or "title" in _classes(node))


def is_quote(node: LexborNode) -> bool:
    """Does the element hold words of somebody else?"""
    tag = node.tag
    if tag == "blockquote":
        return True
    return tag in ("div", "aside", "table", "fieldset") and not _classes(node).isdisjoint(_QUOTE_CLASSES)


def _classes(node: LexborNode) -> frozenset[str]:
    names = node.attributes.get("class")
    return frozenset(names.lower().split()) if names else frozenset()


def _quote(node: LexborNode, heading: str, apart: frozenset[int]) -> Quote:
    author, told = _quoted_author(node)
    left_out = apart | ({told.mem_id} if told is not None else set())
    inner = node.css_first("blockquote") if node.tag != "blockquote" else None
    # a box around one blockquote (FluxBB, Discourse) is one quote, not two
    body = inner if inner is not None and is_quote(node) else node
    lines = _Lines()
    for opened, part in _walk(body, left_out):
        if part.tag == "-text":
            lines.add(part.text_content or "")
        elif opened is not None:
            _edge(lines, part.tag or "", opened)
        elif part.tag == "img":
            lines.add(_pictured(part))
        else:
            lines.end()
    return Quote(author or heading or None, without_data(lines.text()))


def _quoted_author(node: LexborNode) -> tuple[str, LexborNode | None]:
    """Whom a quote names, and the element that says so (no part of the quoted words)."""
    heading = next((found for found in node.css(_HEADING) if _belongs(found, node)), None)
    for name in ("data-quote", "data-author", "data-username", "data-name"):
        if attribute(node, name):
            return attribute(node, name).strip(), heading
    if heading is not None:
        return _byline(_own_words(heading)), heading
    first = _first_element(node)
    if first is not None and first.tag in ("p", "div", "strong", "b") and line_of(first) != line_of(node):
        strong = first if first.tag in ("strong", "b") else _first_element(first)
        if strong is not None and strong.tag in ("strong", "b") and line_of(strong) == line_of(first):
            return _byline(line_of(strong)), first
    return "", None


def _belongs(found: LexborNode, quote: LexborNode) -> bool:
    """Is the element the quote's own, not that of a quote inside it?"""
    parent = found.parent
    while parent is not None and parent.mem_id != quote.mem_id:
        if is_quote(parent) and quote.tag == "blockquote":
            return False
        parent = parent.parent
    return True


def _first_element(node: LexborNode) -> LexborNode | None:
    """The first child that isn't white space, if it is an element."""
    child = node.first_child
    while child is not None and child.is_text_node and not (child.text_content or "").strip():
        child = child.next
    return child if child is not None and child.is_element_node else None


def _own_words(heading: LexborNode) -> str:
    """The heading's first line: a date below it is left out."""
    lines = _Lines()
    for opened, node in _walk(heading):
        if node.tag == "-text":
            lines.add(node.text_content or "")
        elif opened is not None:
            _edge(lines, node.tag or "", opened)
    return next(iter(lines.text().split("\n")), "")


def _byline(text: str) -> str:
    """The name in "marlow wrote: ↑", "Quote from: marlow on August 03, 2026" and their like."""
    match = _BYLINE.match(text.strip(" \t\n↑→:»"))
    if not match:
        return text[:80].strip(" :")
    name = match["name"]
    return (_ON_DATE.sub("", name) if match["lead"] else name).strip(" :")


def _pictured(image: LexborNode) -> str:
    """A smiley's or emoji's characters; other pictures, and names of picture files, say nothing."""
    if _classes(image).isdisjoint(_PICTURED_WORDS):
        return ""
    shown = attribute(image, "alt")
    return "" if re.fullmatch(r"\w*", shown) and shown.isascii() else shown[:20]


def without_data(text: str) -> str:
    """The text with control characters dropped and encoded data replaced by "[data]"."""
    text = _CONTROLS.sub("", text)
    if "data:" in text.lower():
        text = _DATA_URI.sub(DATA, text)
    return _BASE64.sub(lambda run: DATA if _looks_encoded(run[0]) else run[0], text) if len(text) > 180 else text


def _looks_encoded(run: str) -> bool:
    """Base64 of anything mixes cases and digits; "hahaha..." and long rows of signs don't."""
    return any(c.isdigit() for c in run) and any(c.isupper() for c in run) and any(c.islower() for c in run)
