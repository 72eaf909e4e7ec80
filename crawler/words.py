"""The author's words in a post's body: blocks joined by newlines, quotes kept apart, data taken out (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from crawler.document import ancestors, attribute, line_of, names
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
_CODE_IN_LINES = names("bbc_code codecontent")
"""Classes of code that isn't in <pre>: its lines end with <br>, its spaces can't break."""
_QUOTE_CLASSES = names("quotebox quotecontent bbcode_quote bbcodeblock--quote quote")
_HEADING_CLASSES = names("quotetitle quoteheader quote-header topslice_quote")
_SOFTWARE_CLASSES = names(
    "codeheader codetitle bbcode_description attachbox inline-attachment notice signature sig-content edit-info "
    "postedit lastedit edited_post bbcodeblock-title bbcodeblock-expandlink quotefooter botslice_quote"
)
_APART = _HEADING_CLASSES | _SOFTWARE_CLASSES
_CODE_CLASSES = names("codebox codeblock")
_PICTURED_WORDS = names("smilies emoji smiley emoticon")
_HEADING = (
    "cite, .bbCodeBlock-title, .bbcode_postedby, .quote-author, .quotetitle, .quote_header, aside.quote > .title, "
    ".incqbox > h4"
)
_WROTE = (
    r"(?:wrote|said|writes|says|schrieb|hat geschrieben|a écrit|a dit|escribió|dijo|ha scritto|escreveu|schreef|"
    r"napisał(?:\(a\)|a)?|napsal|skrev|yazdı|написав|писал(?:\(а\)|а)?|написал(?:\(а\)|а)?|пишет)(?!\w).*"
)
_LEAD = (
    r"quote from|quote|originally posted by|zitat von|ursprünglich geschrieben von|citation de|envoyé par|posté par|"
    r"message de|cita de|escrito por|iniciado por|originalmente escrito por|цитата|сообщение от|citazione di|citaat van"
)
_BYLINE = re.compile(
    rf"^(?:\([^)]{{0,60}}\)\s*)?(?P<lead>(?:{_LEAD})\s*:?\s+)?"
    rf"(?P<name>\S.{{0,120}}?)\s*(?:(?<!\w){_WROTE}|:)?$",
    re.I,
)
_ON_DATE = re.compile(r"^(.*\S)\s+(?:on|am|le|el|en|il|op|em|от)\s+.*\d.*$", re.I)
_NAMELESS = names(
    "quote zitat citation citer cita citar цитата цитировать citazione citaat cytat cytuj citação citat alıntı"
)
"""What a quote of nobody in particular is headed with."""
_MEMBER_LINK = re.compile(r"memberlist|member\.php|profile|/members?/|/user/|/u/", re.I)
_POST_LINK = re.compile(
    r"[?&;](?:p|pid|post|postid|msg)=(\d+)|\.msg(\d+)|#(?:p|pid|post|post-|post_|msg)(\d+)$|/posts?/(\d+)"
)

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
        line = line.replace("\xa0", " ").rstrip() if self.preformatted else " ".join(line.split())
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
    heading: _Heading | None = None
    lines = _Lines()
    for opened, node in _walk(body, apart):
        tag = node.tag or ""
        if tag == "-text":
            lines.add(node.text_content or "")
        elif opened is None:
            if is_quote(node):
                lines.end()
                quotes.append(_quote(node, heading, apart))
                heading = None
            elif _classes(node) & _HEADING_CLASSES:
                heading = _Heading(_named(node), _linked_post(node))
            elif tag == "img":
                lines.add(_pictured(node))
            elif tag in _BLOCKS:
                lines.end()
        else:
            _edge(lines, node, opened)
    return Words(without_data(lines.text()), tuple(quotes))


def _edge(lines: _Lines, node: LexborNode, opened: bool) -> None:
    tag = node.tag
    if tag == "br":
        if opened:
            lines.end()
    elif tag in _BLOCKS:
        lines.end()
    if _is_preformatted(node):
        lines.end()
        lines.preformatted += 1 if opened else -1


def _is_preformatted(node: LexborNode) -> bool:
    if node.tag in _PREFORMATTED:
        return True
    if node.tag not in ("code", "div"):
        return False
    if node.tag == "div" or not _classes(node).isdisjoint(_CODE_IN_LINES):
        return not _classes(node).isdisjoint(_CODE_IN_LINES)
    if "\n" in node.text().strip():
        # machina styles <code> as a block; in a line it holds no line end
        return True
    boxes = (up for up, _ in zip(ancestors(node), range(3), strict=False))
    return any(not _classes(box).isdisjoint(_CODE_CLASSES) for box in boxes) and node.css_first("br") is not None


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
    """The "Code: Select all" line above a code box, and vBulletin 3's above quotes too."""
    parent = node.parent
    if parent is None or node.tag not in ("p", "dt", "div", "h4"):
        return False
    if node.tag == "h4":
        return "incqbox" in _classes(parent)
    if node.tag == "div" and "smallfont" in _classes(node):
        return "margin:20px" in attribute(parent, "style").replace(" ", "")
    return not _classes(parent).isdisjoint(_CODE_CLASSES) and (node.tag != "div" or "title" in _classes(node))


def is_quote(node: LexborNode) -> bool:
    """Does the element hold words of somebody else?"""
    tag = node.tag
    if tag == "blockquote":
        return True
    if tag == "td":
        # vBulletin 3 has no class for quotes
        return "alt2" in _classes(node) and "inset" in attribute(node, "style")
    return tag in ("div", "aside", "table", "fieldset") and not _classes(node).isdisjoint(_QUOTE_CLASSES)


def _classes(node: LexborNode) -> frozenset[str]:
    names = node.attributes.get("class")
    return frozenset(names.lower().split()) if names else frozenset()


@dataclass(frozen=True, slots=True)
class _Heading:
    """What the line above a quote tells: whom it quotes ("" for nobody in particular) and which post."""

    author: str = ""
    ref: str = ""
    node: LexborNode | None = None


def _quote(node: LexborNode, above: _Heading | None, apart: frozenset[int]) -> Quote:
    told = above or _heading(node)
    left_out = apart | ({told.node.mem_id} if told.node is not None else set())
    inner = node.css_first("blockquote") if node.tag != "blockquote" else None
    # a box around one blockquote (FluxBB, Discourse) is one quote, not two
    body = inner if inner is not None and is_quote(node) and _is_box(node, inner) else node
    lines = _Lines()
    for opened, part in _walk(body, left_out):
        if part.tag == "-text":
            lines.add(part.text_content or "")
        elif opened is not None:
            _edge(lines, part, opened)
        elif part.tag == "img":
            lines.add(_pictured(part))
        else:
            lines.end()
    return Quote(told.author or None, without_data(lines.text()), told.ref or _cited_post(node))


def _is_box(node: LexborNode, inner: LexborNode) -> bool:
    """Does the element hold nothing but the blockquote and its heading?"""
    parent = inner.parent
    while parent is not None and parent.mem_id != node.mem_id:
        if is_quote(parent):
            return False
        parent = parent.parent
    outside = line_of(node).replace(line_of(inner), "", 1).strip()
    heading = next((found for found in node.css(_HEADING) if _belongs(found, node)), None)
    return outside == (line_of(heading) if heading is not None else "")


def _heading(node: LexborNode) -> _Heading:
    """Whom and what a quote names, and the element inside it that says so (no part of the quoted words)."""
    heading = next((found for found in node.css(_HEADING) if _belongs(found, node)), None)
    ref = _linked_post(heading) if heading is not None else ""
    for name in ("data-quote", "data-author", "data-username", "data-name"):
        if attribute(node, name):
            return _Heading(attribute(node, name).strip(), ref, heading)
    if heading is not None:
        return _Heading(_named(heading), ref, heading)
    first = _first_element(node)
    if first is None or line_of(first) == line_of(node):
        return _Heading()
    if node.tag == "td":
        name = line_of(first.css_first("strong")) if first.tag == "div" else ""
        return _Heading(name, _linked_post(first), first) if name and line_of(first).endswith(name) else _Heading()
    if first.tag in ("p", "div", "strong", "b"):
        strong = first if first.tag in ("strong", "b") else _first_element(first)
        if strong is not None and strong.tag in ("strong", "b") and line_of(strong) == line_of(first):
            return _Heading(_byline(line_of(strong)), "", first)
    return _Heading()


def _named(heading: LexborNode) -> str:
    """The name in a quote's heading: the part in bold or the member it links to, else what the words say."""
    for link in heading.css("strong, b, a"):
        is_member = link.tag != "a" or _MEMBER_LINK.search(attribute(link, "href"))
        if is_member and line_of(link):
            name = line_of(link).rstrip(" :")
            return "" if name.lower() in _NAMELESS else name
    name = _byline(_own_words(heading) or line_of(heading))
    return "" if name.lower() in _NAMELESS else name


def _linked_post(heading: LexborNode) -> str:
    """The id of the post that a heading links to."""
    return next(filter(None, (_post_in(attribute(link, "href")) for link in heading.css("a[href]"))), "")


def _post_in(address: str) -> str:
    found = _POST_LINK.search(address)
    return str(found[found.lastindex or 0]) if found else ""


def _cited_post(quote: LexborNode) -> str:
    """The id of the post that a quote's own attributes name."""
    if attribute(quote, "data-topic") and attribute(quote, "data-post"):
        return f"{attribute(quote, 'data-topic')}/{attribute(quote, 'data-post')}"
    source = re.search(r"post: (\d+)", attribute(quote, "data-source"))
    return source[1] if source else _post_in(attribute(quote, "cite"))


def _belongs(found: LexborNode, quote: LexborNode) -> bool:
    """Is the element the quote's own, not that of a quote inside it?"""
    parent = found.parent
    while parent is not None and parent.mem_id != quote.mem_id:
        if is_quote(parent):
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
            _edge(lines, node, opened)
    return next(iter(lines.text().split("\n")), "")


def _byline(text: str) -> str:
    """The name in "marlow wrote: ↑", "Quote from: marlow on August 03, 2026" and their like."""
    match = _BYLINE.match(text.strip(" \t\n↑→:»"))
    if not match:
        return text[:80].strip(" :")
    name = match["name"]
    return (_ON_DATE.sub(r"\1", name) if match["lead"] else name).strip(" :")


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
