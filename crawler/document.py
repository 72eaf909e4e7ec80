"""A page as text: its bytes decoded, its tree parsed, its media counted and left alone."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ALIASES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""What pages call Latin-1 is windows-1252 (WHATWG Encoding Standard, §4.2)."""
_META_ONLY_BYTES = 4096

_MEDIA = {
    "images": "img, picture > source, input[type=image], svg image",
    "media": "video, audio, embed, object, iframe",
    "attachments": (
        'a[href*="attachment"], a[href*="download/file"], a[href*="dlattach"], a[href*="download.php"], dl.attachbox a'
    ),
    "data_uris": '[src^="data:"], [href^="data:"], [style*="data:"]',
}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page.

    text: the decoded HTML. tree: its parse. counts: media elements that the page offers and nobody fetches.
    """

    text: str
    tree: LexborHTMLParser

    @property
    def counts(self) -> dict[str, int]:
        """How many elements of each kind of media the page offers; kinds with none are left out."""
        # an element that two selectors of a list match comes twice
        found = {kind: len({node.mem_id for node in self.tree.css(selector)}) for kind, selector in _MEDIA.items()}
        return {kind: count for kind, count in found.items() if count}

    def first(self, selector: str) -> LexborNode | None:
        """The first element that matches."""
        return self.tree.css_first(selector)

    def has(self, selector: str) -> bool:
        """Does any element match?"""
        return self.tree.css_first(selector) is not None

    def asks_for_login(self) -> bool:
        """Does the page show a form with a password field?"""
        return any(form.css_first('input[type="password" i]') is not None for form in self.tree.css("form"))


def parse(text: str) -> Document:
    """Parse decoded HTML."""
    return Document(text, LexborHTMLParser(text))


def decode(body: bytes, content_type: str = "") -> str:
    """The page's characters: byte order mark, then the header, then meta, then UTF-8, else windows-1252.

    Never raises; bytes that fit nothing become U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for name in _declared(body, content_type):
        try:
            return body.decode(name)
        except (LookupError, UnicodeDecodeError, UnicodeError):
            continue
    return body.decode(_guess(body), "replace")


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    header = _HEADER_CHARSET.search(content_type)
    if header:
        yield _codec(header[1])
    meta = _META_CHARSET.search(body[:_META_ONLY_BYTES])
    if meta:
        name = _codec(meta[1].decode("ascii", "replace"))
        # a meta that was readable as ASCII can't be in UTF-16 (WHATWG HTML, prescan step)
        yield "utf-8" if name.startswith("utf-16") else name


def _codec(name: str) -> str:
    """A codec for text; names of Python's other codecs (rot13, zip, ...) are no charsets."""
    name = _ALIASES.get(name.lower(), name.lower())
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return "utf-8"
    refused = not getattr(info, "_is_text_encoding", True) or info.name in {"utf-7", "idna", "punycode"}
    return "utf-8" if refused or "escape" in info.name else info.name


def _guess(body: bytes) -> str:
    zeros = body[:2000].count(0)
    if zeros * 3 > len(body[:2000]):
        return "utf-16-le" if body[1:2000:2].count(0) >= body[0:2000:2].count(0) else "utf-16-be"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        bad = body.decode("utf-8", "replace").count("\ufffd")
        # a few bad bytes in a text full of good UTF-8 sequences: still UTF-8
        return "utf-8" if bad * 20 < sum(byte >= 0xC0 for byte in body) else "cp1252"
    return "utf-8"


def names(words: str) -> frozenset[str]:
    """A set of tag or class names, written as one string."""
    return frozenset(words.split())


def attribute(node: LexborNode, name: str) -> str:
    """An attribute's value, "" where it is missing or empty."""
    return node.attributes.get(name) or ""


def line_of(node: LexborNode | None) -> str:
    """All text of an element on one line."""
    return " ".join(node.text().split()) if node is not None else ""


def own_line(node: LexborNode | None) -> str:
    """The element's own text, without that of its children, on one line."""
    return " ".join(node.text(deep=False).split()) if node is not None else ""


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The element's ancestors, nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def host_of(url: str) -> str:
    """The host and port of an address, lower case; "" where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
