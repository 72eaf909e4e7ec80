"""Who, when and what in each member of a repeated group, for software nobody described."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.document import ancestors, attribute, line_of, own_line
from crawler.engines.engine import Context
from crawler.engines.repeats import Column, Shape, parts
from crawler.post import Precision
from crawler.times import looks_like_time
from crawler.words import is_quote

_ENOUGH = 0.7
"""Share of the members that must have a part for it to be a field."""
_PERSON_LINK = re.compile(r"user|member|profile|author|people|/u/|[?&;]u(?:id)?=|/@|/id/\d", re.I)
_PERSON_NAME = re.compile(r"author|user|poster|nick|member|\bby\b|creator|name|person|from|profile", re.I)
_NO_PERSON = re.compile(
    r"avatar|rank|title|subject|count|date|time|button|tool|action|reply|quote|report|role|badge|group|location|permalink",
    re.I,
)
_NO_TIME = re.compile(r"join|regist|since|member|birth|mitglied|inscrit|edit|last|modif|изменен|регистрац", re.I)
_BY = re.compile(r"\b(?:by|von|par|por|от)\s*:?\s+(\S.{0,40}?)(?=\s+(?:on|at|am|um|le|»|-|,|·|\|)\s|[»,|·]|\s*$)", re.I)
_NO_BODY = re.compile(r"notice|signature|\bsig\b|footer|attach|toolbar|buttons|edit", re.I)
_EDIT_LINE = re.compile(r"(?:last )?(?:edited|modified)\b|zuletzt (?:bearbeitet|geändert)", re.I)
_EXACT = ("datetime", "data-time", "data-timestamp", "data-date", "data-utc", "title", "content")
_FINENESS = {Precision.SECOND: 4, Precision.MINUTE: 4, Precision.HOUR: 3, Precision.DAY: 2, Precision.NONE: 0}


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found in one member; time_exact: a machine-readable form of the time, if there is one."""

    member: LexborNode
    author: str
    time_shown: str
    time_exact: str
    body: LexborNode | None


def fields_of(members: Sequence[LexborNode], ctx: Context) -> list[Fields] | None:
    """The fields of each member, or None if the members don't look like posts."""
    mostly, once = parts(members)
    need = _ENOUGH * len(members)
    common = {shape: nodes for shape, nodes in mostly.items() if len(nodes) >= need}
    when = _time_column(common, ctx)
    if when is None:
        return None
    who = _author_column(common, when, len(members))
    what = _body_column({shape: nodes for shape, nodes in common.items() if shape in once}, when, who)
    if what is None:
        return None
    found = [
        Fields(member, _author(member, who.get(i)), *_time(when.get(i), ctx), what.get(i))
        for i, member in enumerate(members)
    ]
    return found if _are_posts(found) else None


def _are_posts(found: Sequence[Fields]) -> bool:
    """Rows of a list are links with a count; posts are words."""
    bodies = [field.body for field in found if field.body is not None]
    words = sum(len(line_of(body)) for body in bodies)
    linked = sum(len(line_of(link)) for body in bodies for link in body.css("a"))
    return bool(bodies) and words > 0 and linked < 0.6 * words


def _time_column(columns: Mapping[Shape, Column], ctx: Context) -> Column | None:
    """The part that reads as a time in most members: the finest, then the one in most of them, then the first."""
    best: tuple[float, Column] | None = None
    for nodes in columns.values():
        sample = list(nodes.values())[:6]
        if not all(_could_be_time(node) for node in sample[:2]):
            continue
        read = [ctx.time(shown, exact) for shown, exact in (_time(node, ctx) for node in sample)]
        timed = [time for time in read if time.at is not None]
        if len(timed) < 0.7 * len(sample):
            continue
        fineness = sum(_FINENESS[time.precision] for time in timed) / len(sample)
        score = fineness + 0.1 * (len({time.at for time in timed}) > 1)
        if best is None or score > best[0] + 0.05:
            best = (score, nodes)
    return best[1] if best else None


def _could_be_time(node: LexborNode) -> bool:
    words = line_of(node)
    if len(words) > 120 or _NO_TIME.search(words[:25]):
        return False
    return looks_like_time(own_line(node)) or bool(_exact(node)) or _trailing(node) != ""


def _time(node: LexborNode | None, ctx: Context) -> tuple[str, str]:
    """The words of a time and its machine-readable form."""
    if node is None:
        return "", ""
    exact = _exact(node)
    words = line_of(node) if exact else own_line(node) if looks_like_time(own_line(node)) else _trailing(node)
    said = re.search(r"(?:»|\b(?:on|am|le|el)\b|\bposted:?|:\s)\s*(?=\S.*\d)(.+)$", words, re.I)
    return (said[1] if said and looks_like_time(said[1]) else words).strip(), exact


def _exact(node: LexborNode) -> str:
    for name in _EXACT:
        value = attribute(node, name)
        if (
            value
            and len(value) < 60
            and (looks_like_time(value) or (name != "title" and re.fullmatch(r"\d{10,13}", value)))
        ):
            return value
    return ""


def _trailing(node: LexborNode) -> str:
    """Text after the element's last child, as in "by <a>marlow</a> on Aug. 3, 2026"."""
    last = node.last_child
    text = " ".join((last.text_content or "").split()) if last is not None and last.is_text_node else ""
    return text if looks_like_time(text) else ""


def _author_column(columns: Mapping[Shape, Column], when: Column, count: int) -> Column:
    """The part that most looks like a name; empty if none does."""
    best: tuple[float, Column] = (1.9, {})
    for place, (shape, nodes) in enumerate(columns.items()):
        score = _like_a_name(shape, nodes, count) - 0.001 * place
        if score > best[0] and not _same(nodes, when):
            best = (score, nodes)
    return best[1]


def _same(one: Column, other: Column) -> bool:
    return bool(one) and all(index in other and other[index].mem_id == node.mem_id for index, node in one.items())


def _like_a_name(shape: Shape, nodes: Column, count: int) -> float:
    names = [line_of(node) for node in nodes.values()]
    if not all(1 <= len(name) <= 50 for name in names) or all(re.fullmatch(r"[\W\d_]*", name) for name in names):
        return 0.0
    if any(looks_like_time(name) for name in names[:8]) or any(
        is_quote(up) for up in ancestors(next(iter(nodes.values())))
    ):
        return 0.0
    links = [_link(node) for node in nodes.values()]
    hinted = any(_PERSON_NAME.search(part) and not _NO_PERSON.search(part) for part in shape[-2:])
    score = 2.0 * hinted - 1.5 * bool(_NO_PERSON.search(shape[-1]))
    score += 2.5 * (sum(bool(_PERSON_LINK.search(link)) for link in links) >= 0.6 * len(links))
    score += 1.0 * (all(links) and len({*zip(names, links, strict=True)}) == len(set(names)))
    score += 1.0 * any("author" in attribute(node, "itemprop") + attribute(node, "rel") for node in nodes.values())
    if len(set(names)) == 1 and count > 2:
        score -= 2.0
    return score + 0.5 * (shape[-1].split(".")[0] in ("b", "strong", "a", "h4", "h5", "cite"))


def _link(node: LexborNode) -> str:
    """Where the element, or what it stands in, leads."""
    link = node if node.tag == "a" else node.css_first("a")
    if link is None and node.parent is not None and node.parent.tag == "a":
        link = node.parent
    return attribute(link, "href") if link is not None else ""


def _author(member: LexborNode, node: LexborNode | None) -> str:
    if node is not None:
        return line_of(node)
    said = _BY.search(member.text(separator=" ").strip()[:300].replace("\n", " "))
    return " ".join(said[1].split()) if said else ""


def _body_column(columns: Mapping[Shape, Column], when: Column, who: Column) -> Column | None:
    """The part with the most text that differs, outside of time and author; the outermost of equals."""
    inside_others = {
        node.mem_id for column in (when, who) for part in column.values() for node in (part, *ancestors(part))
    }
    best: tuple[float, Column] | None = None
    for shape, nodes in columns.items():
        if _NO_BODY.search(shape[-1]) or _EDIT_LINE.match(line_of(next(iter(nodes.values())))):
            continue
        if sum(node.mem_id in inside_others for node in nodes.values()) > 0.3 * len(nodes):
            continue
        texts = {"".join(line_of(node).split()) for node in nodes.values()}
        length = float(sum(map(len, texts)))
        if length and (best is None or length > best[0]):
            best = (length, nodes)
    return best[1] if best else None
