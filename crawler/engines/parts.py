"""Who, when and what in each member of a repeated group, for software nobody described."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from selectolax.lexbor import LexborNode

from crawler.document import ancestors, attribute, line_of, names, own_line
from crawler.engines.engine import Context
from crawler.engines.repeats import Column, Place, parts, shape_of, tag_of
from crawler.post import Precision
from crawler.times import is_relative, looks_like_time
from crawler.words import is_quote

_ENOUGH = 0.6
"""Share of the members that must have a part for it to be a field."""
_MOST = 0.4
"""Share of the words that differ from member to member that a body must hold."""
_SAMPLE = 12
"""Members that are enough to judge a part by."""
_PERSON_LINK = re.compile(r"user|member|profile|author|people|/u/|[?&;]u(?:id)?=|/@|/id/\d", re.I)
_PERSON_NAME = re.compile(r"author|user|poster|nick|member|\bby\b|creator|name|person|from|profile", re.I)
_NO_PERSON = re.compile(
    r"avatar|rank|title|subject|count|date|time|button|tool|action|reply|quote|report|role|badge|group|location"
    r"|permalink|stat|contact",
    re.I,
)
_NO_TIME = re.compile(
    r"join|regist|since|member|birth|mitglied|dabei|inscri|edit|last|modif|bearbeitet|geändert|изменен|редакт|регистрац",
    re.I,
)
_OTHER_TIME = re.compile(r"edit|join|regist|modif|sign", re.I)
"""Shapes of parts that show another time than the post's."""
_BY = re.compile(r"\b(?:by|von|par|por|от)\s*:?\s+(\S.{0,40}?)(?=\s+(?:on|at|am|um|le|»|-|,|·|\|)\s|[»,|·]|\s*$)", re.I)
_BY_FIRST = re.compile(
    r"^(?:(?:(?:posted|written|reply|topic|submitted|started) )?by|von|par|por|от|автор|author|from)\b:?\s+", re.I
)
_NO_BODY = re.compile(
    r"notice|signature|\bsig\b|sig-|footer|attach|toolbar|button|edit(?!or)|userinfo|user-info|profile|author|avatar"
    r"|subject|header|head\b|controls|tools|reactions",
    re.I,
)
_BODY_NAME = re.compile(r"message|content|body|text|comment|entry|msg|bbwrapper", re.I)
_NAME_TAGS = names("b strong a h4 h5 cite")
_LEADS_IN = re.compile(r"(?:\bby|\bvon|\bpar|\bpor|:)$", re.I)
_FIRST_TAGS = _NAME_TAGS | {"span", "td"}
_NO_WORDS = "h1, h2, h3, h4, h5, h6, form, button, fieldset, legend, label"
_EDIT_LINE = re.compile(r"(?:last )?(?:edited|modified)\b|zuletzt (?:bearbeitet|geändert)", re.I)
_EXACT = ("datetime", "data-time", "data-timestamp", "data-date", "data-utc", "title", "content")
_OTHER_FORMS = re.compile(r"\b\d{1,2}-\d{1,2}-\d{2,4}\b|\b\d{4}-\d\d-\d\dT\d\d:\d\d")
_FINENESS = {Precision.SECOND: 4, Precision.MINUTE: 4, Precision.HOUR: 3, Precision.DAY: 2, Precision.NONE: 0}


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found in one member.

    time_exact: a machine-readable form of the time, if there is one. body: the element with the words, None where the
    member has none. apart: mem_id of what is no part of the body's words.
    """

    member: LexborNode
    author: str
    time_shown: str
    time_exact: str
    body: LexborNode | None
    apart: frozenset[int] = frozenset()


def fields_of(members: Sequence[LexborNode], ctx: Context) -> list[Fields] | None:
    """The fields of each member, or None if the members don't look like posts."""
    placed = parts(members)
    common = {place: nodes for place, nodes in placed.items() if len(nodes) >= _ENOUGH * len(members)}
    when = _time_column(common, ctx)
    if when is None:
        return None
    who = _author_place(common, when, len(members))
    what = _body_column(common, when, common[who] if who else {})
    if _words_in(what) < _MOST * (
        _words_in(dict(enumerate(members))) - _length(when) - _length(common.get(who, {}) if who else {})
    ):
        what = {}
    others = frozenset(member.mem_id for member in members)
    found = []
    for i, member in enumerate(members):
        named = _named(placed, who, i)
        body, apart = what.get(i), others
        if not what:
            # no element of its own holds the words: they stand beside the name and the time
            body, apart = member, others | {node.mem_id for node in (named, when.get(i)) if node is not None}
        found.append(Fields(member, _author(member, named), *_time(when.get(i), ctx), body, apart))
    return found if _are_posts(found) else None


def _are_posts(found: Sequence[Fields]) -> bool:
    """Rows of a list are links with a count; posts are words."""
    bodies = [field.body for field in found if field.body is not None]
    words = sum(len(line_of(body)) for body in bodies)
    linked = sum(len(line_of(link)) for body in bodies for link in body.css("a"))
    return bool(bodies) and words > 0 and linked < 0.6 * words


def _time_column(columns: Mapping[Place, Column], ctx: Context) -> Column | None:
    """The part that best reads as the time of a post: fine, rising from post to post, not said to be another time."""
    best: tuple[float, Column] | None = None
    for (_, shape, _), nodes in columns.items():
        sample = list(nodes.values())[:_SAMPLE]
        told = [(shown, exact) for shown, exact in (_time(node, ctx) for node in sample) if shown or exact]
        if len(told) < 0.7 * len(sample):
            continue
        read = [ctx.time(shown, exact) for shown, exact in told]
        times = [time.at for time in read if time.at is not None]
        if len(times) < 0.7 * len(sample):
            continue
        other = sum(_is_another_time(node) for node in sample) > 0.5 * len(sample)
        score = sum(_FINENESS[time.precision] for time in read) / len(sample) + _order(times)
        score -= 3.0 * (other or _OTHER_TIME.search(shape) is not None)
        score += 0.3 * sum(bool(exact) for _, exact in told) / len(told)
        score -= 0.01 * sum(len(shown) for shown, _ in told) / len(told)
        if score > 1.5 and (best is None or score > best[0] + 0.05):
            best = (score, nodes)
    return best[1] if best else None


def _order(times: Sequence[datetime]) -> float:
    """Posts stand in the order in which they were written, or in the opposite one; other times on a page don't."""
    if len(set(times)) < 2:
        return 0.0
    rising = all(one <= other for one, other in pairwise(times))
    return 1.1 if rising or all(one >= other for one, other in pairwise(times)) else 0.1


def _is_another_time(node: LexborNode) -> bool:
    """Do the words before the time say that somebody joined or edited then?"""
    said = (line_of(node)[:25], _label(node), attribute(node, "itemprop"))
    return any(_NO_TIME.search(words) for words in said)


def _label(node: LexborNode) -> str:
    """The end of the text right before an element."""
    before = node.prev
    while before is not None:
        text = (before.text_content if before.is_text_node else before.text()) or ""
        if text.strip():
            return text.strip()[-25:]
        before = before.prev
    return ""


def _is_timeish(text: str) -> bool:
    return looks_like_time(text) or _OTHER_FORMS.search(text) is not None


def _time(node: LexborNode | None, ctx: Context) -> tuple[str, str]:
    """The words of a time and its machine-readable form; empty where the element shows none."""
    if node is None:
        return "", ""
    exact, whole = _exact(node), line_of(node)
    if exact and len(whole) <= 120:
        return _said(whole), exact
    inner = node.css_first("[title], [datetime]") if len(whole) <= 60 and is_relative(whole) else None
    told = [(own_line(node), exact), (_trailing(node), exact)]
    told += [(whole, _exact(inner) if inner is not None else exact)] if len(whole) <= 60 else []
    told = [(_said(text), exactly) for text, exactly in told if len(text) <= 120 and (exactly or _is_timeish(text))]
    return max(told, key=lambda words: _FINENESS[ctx.time(*words).precision], default=("", ""))


def _said(words: str) -> str:
    """The time alone where words stand before it, as in "Posted: Aug. 3, 2026"."""
    said = re.search(r"(?:»|\b(?:on|am|le|el)\b|\bposted:?|:\s)\s*(?=\S.*\d)(.+)$", words, re.I)
    return (said[1] if said and _is_timeish(said[1]) else words).strip()


def _exact(node: LexborNode) -> str:
    for name in _EXACT:
        value = attribute(node, name)
        if (
            value
            and len(value) < 60
            and (_is_timeish(value) or (name != "title" and re.fullmatch(r"\d{10,13}", value)))
        ):
            return value
    return ""


def _trailing(node: LexborNode) -> str:
    """Text after the element's last child, as in "by <a>marlow</a> on Aug. 3, 2026"."""
    last = node.last_child
    text = " ".join((last.text_content or "").split()) if last is not None and last.is_text_node else ""
    return text if _is_timeish(text) else ""


def _author_place(columns: Mapping[Place, Column], when: Column, count: int) -> Place | None:
    """The place that most looks like one of names; None if none does."""
    best: tuple[float, Place | None] = (1.9, None)
    first_found = False
    for order, (place, nodes) in enumerate(columns.items()):
        score = _like_a_name(place[1], nodes, count) - 0.001 * order - 0.5 * place[2]
        if score >= 0 and not first_found and _comes_first(place, nodes):
            # who wrote a post stands before all else that could be a name
            score, first_found = score + 2.0, True
        if score > best[0] and not _same(nodes, when):
            best = (score, place)
    return best[1]


def _comes_first(place: Place, nodes: Column) -> bool:
    """Could the part be the name that stands at the head of each member, in an element with nothing else?"""
    texts = [line_of(node) for node in nodes.values()]
    alone = all(len(list(_lines(node))) == 1 for node in nodes.values())
    leads_in = any(_LEADS_IN.search(text) for text in texts)
    return tag_of(place[1]) in _FIRST_TAGS and alone and not leads_in and _could_be_names(texts)


def _same(one: Column, other: Column) -> bool:
    return bool(one) and all(index in other and other[index].mem_id == node.mem_id for index, node in one.items())


def _like_a_name(shape: str, nodes: Column, count: int) -> float:
    texts = [line_of(node) for node in nodes.values()]
    if not _could_be_names(texts) or any(is_quote(up) for up in ancestors(next(iter(nodes.values())))):
        return 0.0
    links = [_link(node) for node in nodes.values()]
    parent = next(iter(nodes.values())).parent
    around = shape_of(parent) if parent is not None else ""
    hinted = any(_PERSON_NAME.search(part) and not _NO_PERSON.search(part) for part in (shape, around))
    score = 2.0 * hinted - 1.5 * bool(_NO_PERSON.search(shape))
    score += 2.5 * (sum(bool(_PERSON_LINK.search(link)) for link in links) >= 0.6 * len(links))
    score += 1.0 * (all(links) and len({*zip(texts, links, strict=True)}) == len(set(texts)))
    score += 1.0 * any("author" in attribute(node, "itemprop") + attribute(node, "rel") for node in nodes.values())
    score -= 2.0 * (_distinct(texts) == 1 and count > 2)
    score -= 2.0 * (sum(len(list(_lines(node))) > 1 for node in nodes.values()) > 0.5 * len(texts))
    score -= 1.0 * (sum(name != _name(name) or ":" in name for name in texts) > 0.5 * len(texts))
    return score + 0.5 * (tag_of(shape) in _NAME_TAGS)


def _could_be_names(texts: Sequence[str]) -> bool:
    if not all(1 <= len(name) <= 50 for name in texts) or all(re.fullmatch(r"[\W\d_]*", name) for name in texts):
        return False
    return not any(looks_like_time(name) for name in texts[:8])


def _distinct(texts: Sequence[str]) -> int:
    """How many texts there are; "Re: Chain lube" and "Chain lube" are one, and no person's."""
    return len({re.sub(r"^\w{2,3}: ", "", name) for name in texts})


def _link(node: LexborNode) -> str:
    """Where the element, or what it stands in, leads."""
    link = node if node.tag == "a" else node.css_first("a")
    if link is None and node.parent is not None and node.parent.tag == "a":
        link = node.parent
    return attribute(link, "href") if link is not None else ""


def _named(placed: Mapping[Place, Column], who: Place | None, index: int) -> LexborNode | None:
    """The element with a member's name: guests have no link where others do, so what stands around it counts too."""
    if who is None:
        return None
    if index in placed[who]:
        return placed[who][index]
    level = list(placed[who].values())
    for _ in range(3):
        level = [node.parent for node in level if node.parent is not None]
        around = {node.mem_id for node in level}
        for nodes in placed.values():
            if index in nodes and 1 <= len(line_of(nodes[index])) <= 50 and not around.isdisjoint(_ids(nodes)):
                return nodes[index]
    return None


def _ids(nodes: Column) -> Iterator[int]:
    return (node.mem_id for node in nodes.values())


def _name(text: str) -> str:
    """The name in "by marlow »"."""
    return _BY_FIRST.sub("", text).strip(" »,:|·-")


def _author(member: LexborNode, node: LexborNode | None) -> str:
    if node is not None:
        trip = line_of(node.next) if node.next is not None and node.next.is_element_node else ""
        # imageboards show a tripcode behind the name
        return (_name(line_of(node)) or line_of(node)) + (trip if trip.startswith("!") else "")
    said = _BY.search(member.text(separator=" ").strip()[:300].replace("\n", " "))
    return " ".join(said[1].split()) if said else ""


def _body_column(columns: Mapping[Place, Column], when: Column, who: Column) -> Column:
    """The part with the most words that differ, outside of time and author; empty if there is none.

    Titles, signatures and forms in it count against it; a telling class or id counts for it; of equals, the outermost.
    """
    inside_others = {
        node.mem_id for column in (when, who) for part in column.values() for node in (part, *ancestors(part))
    }
    worths: list[tuple[int, bool, Column]] = []
    for (_, shape, number), nodes in columns.items():
        if number or _NO_BODY.search(shape) or _EDIT_LINE.match(line_of(next(iter(nodes.values())))):
            continue
        if sum(node.mem_id in inside_others for node in nodes.values()) > 0.3 * len(nodes):
            continue
        worths.append((_words_in(nodes), _BODY_NAME.search(shape) is not None, nodes))
    most = max((words for words, _, _ in worths), default=0)
    if most <= 0:
        return {}
    return _unwrapped(max(worths, key=lambda worth: worth[0] / most + 0.3 * worth[1])[2])


def _unwrapped(nodes: Column) -> Column:
    """The blockquotes inside a column's elements where it is the software that puts all words of each post into one."""
    inner = {index: _sole_blockquote(node) for index, node in nodes.items()}
    found = {index: node for index, node in inner.items() if node is not None}
    return nodes | found if len(found) > 0.6 * len(nodes) else nodes


def _sole_blockquote(node: LexborNode) -> LexborNode | None:
    found = node.css_first("blockquote")
    return found if found is not None and line_of(found) == line_of(node) else None


def _words_in(nodes: Column) -> int:
    """Characters of a column's text that differ from member to member, less those of titles and the like."""
    lines = [set(_lines(node)) for node in nodes.values()]
    often = {
        line for line, count in Counter(line for found in lines for line in found).items() if count > 0.4 * len(lines)
    }
    differing = sum(
        len("".join(line.split())) for found in lines for line in found if line not in often or len(lines) < 3
    )
    return differing - 2 * sum(_foreign(node) for node in list(nodes.values())[:_SAMPLE])


def _length(nodes: Column) -> int:
    return sum(len("".join(line_of(node).split())) for node in nodes.values())


def _lines(node: LexborNode) -> Iterator[str]:
    return (" ".join(line.split()) for line in node.text(separator="\n").split("\n") if line.strip())


def _foreign(node: LexborNode) -> int:
    """Characters in an element's titles, forms and parts that are named as no words of the post."""
    found = [*node.css(_NO_WORDS), *(part for part in node.css("[class]") if _NO_BODY.search(attribute(part, "class")))]
    return sum(len(line_of(part)) for part in found if not any(is_quote(up) for up in ancestors(part)))
