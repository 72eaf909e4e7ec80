"""How others' text reaches a page: escaped, with invisible characters shown. Only `marked` emits markup."""

import itertools
import unicodedata
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

_SHOWN_AS_IS = frozenset("\n\t")
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u2800\u3164\uffa0") | frozenset(
    chr(c) for c in range(0xE0100, 0xE01F0)
)
"""Letters and marks that draw nothing, and separators that look like an ordinary line end."""

TermMark = tuple[int, int]
ReasonMark = tuple[int, int, str]


def visible(text: str) -> str:
    """The text with controls, bidi overrides, zero-width and other invisible characters written as `⟨U+202E⟩`.

    Line ends and tabs stay. Source: Unicode general categories Cc, Cf, Cs and Co.
    """
    return "".join(f"⟨U+{ord(char):04X}⟩" if hidden(char) else char for char in text)


def hidden(char: str) -> bool:
    """Does this character draw nothing, or steer what draws it? Line ends and tabs don't count."""
    return char not in _SHOWN_AS_IS and (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") or char in _BLANK)


def marked(
    text: str,
    terms: Sequence[TermMark] = (),
    reasons: Sequence[ReasonMark] = (),
    numbers: Mapping[str, int] | None = None,
) -> Markup:
    """Escaped text with `<mark class="term">` and `<mark class="reason">`; without its tags and references it equals
    `escape(visible(text))`.

    terms, reasons: half-open code-point offsets into text; what lies outside is cut, overlaps are allowed.
    numbers: reason id → number; a reason's mark ends in a link to `#reason-<number>` when it has one.
    """
    cuts = _cuts(len(text), terms, reasons)
    out = []
    for start, stop in itertools.pairwise(cuts):
        piece = escape(visible(text[start:stop]))
        if any(a <= start and stop <= b for a, b in terms):
            piece = Markup('<mark class="term">{}</mark>').format(piece)
        if any(a <= start and stop <= b for a, b, _ in reasons):
            piece = Markup('<mark class="reason">{}</mark>').format(piece)
        out.append(piece)
        out += [_reference(numbers[r]) for a, b, r in reasons if a < b and b == stop and numbers and r in numbers]
    return Markup("").join(out)


def _reference(number: int) -> Markup:
    return Markup('<a class="ref" href="#reason-{0}"><span class="vh">reason </span>{0}</a>').format(number)


def _cuts(length: int, terms: Sequence[TermMark], reasons: Sequence[ReasonMark]) -> list[int]:
    """Where any mark begins or ends, with both ends of the text, in order."""
    ends = [*terms, *((start, stop) for start, stop, _ in reasons)]
    return sorted({0, length, *(min(max(end, 0), length) for pair in ends for end in pair)})


def excerpt(text: str, terms: Sequence[TermMark] = (), reasons: Sequence[ReasonMark] = (), width: int = 240) -> Markup:
    """About `width` characters around the first mark, on one line, with marks; "…" where text was left out."""
    first = min([start for start, _ in terms] + [start for start, _, _ in reasons], default=0)
    begin = max(0, first - width // 4)
    begin = text.find(" ", begin, begin + 30) + 1 or begin if begin else 0
    end = begin + width
    space = text.rfind(" ", max(begin, end - 30), end)
    end = len(text) if end >= len(text) else space if space > begin else end
    piece = text[begin:end].replace("\n", " ")
    moved_terms = [(a - begin, b - begin) for a, b in terms if a < end and b > begin]
    moved_reasons = [(a - begin, b - begin, r) for a, b, r in reasons if a < end and b > begin]
    head, tail = escape("…" if begin else ""), escape("…" if end < len(text) else "")
    return head + marked(piece, moved_terms, moved_reasons) + tail


def defanged(url: str) -> str:
    """An address nobody can follow by accident: `hxxp`, `[.]`."""
    scheme, found, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not found:
        return url.replace(".", "[.]")
    return f"{scheme.replace('tt', 'xx', 1)}://{host.replace('.', '[.]')}{slash}{path}"
