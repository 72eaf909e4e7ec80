"""Finds what repeats on a page: groups of elements of one shape, and parts that stand at one place in each of them.

Works by structure: tags, nesting, text and where the text differs. Class names only tell shapes apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from selectolax.lexbor import LexborNode

from crawler.document import attribute, names
from crawler.times import looks_like_time
from crawler.tokens import visible_length

Shape = tuple[str, ...]
"""Tags and steady classes on the way down to an element."""
Column = dict[int, LexborNode]
"""Index of a member → its element at one place."""

_CONTAINERS = names("div li tr td article section table tbody dl dd ol ul fieldset form main span p")
_CHANGING = re.compile(r"\d|^(?:odd|even|first|last|alt|unread|read|new|op|reply|active|left|right|self|own)$", re.I)
MAX_ELEMENTS = 60_000
"""Elements below which a page is looked at as a whole; no real page comes near it."""
_MIN_TEXT = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one shape, in document order; worth: how much they look like the page's content, from 0."""

    members: tuple[LexborNode, ...]
    worth: float


def shape_of(node: LexborNode) -> str:
    """An element's tag with its classes that don't change from post to post."""
    names = attribute(node, "class").split()
    told = "[title]" if "title" in node.attributes or "datetime" in node.attributes else ""
    return ".".join([(node.tag or "") + told, *sorted(name for name in names if not _CHANGING.search(name))])


def elements(root: LexborNode) -> Iterator[tuple[LexborNode, Shape]]:
    """All elements below the root with their shape from it, in document order, without recursion."""
    stack: list[tuple[LexborNode, Shape]] = []
    node, above = root.first_child, ()
    seen = 0
    path: Shape = above
    while node is not None and seen < MAX_ELEMENTS:
        child = None
        if node.is_element_node:
            seen += 1
            shape = (*path, shape_of(node))
            yield node, shape
            child = node.first_child
            if child is not None:
                stack.append((node, path))
                node, path = child, shape
                continue
        following = node.next
        while following is None and stack:
            closed, path = stack.pop()
            following = closed.next
        node = following


def groups(body: LexborNode) -> list[Group]:
    """Groups of repeated elements, the best first."""
    by_shape: dict[tuple[int, str], list[LexborNode]] = defaultdict(list)
    for node, shape in elements(body):
        if node.tag in _CONTAINERS and len(shape) < 60:
            by_shape[len(shape), "/".join(part.split(".")[0] for part in shape[:-1]) + "/" + shape[-1]].append(node)
    whole = max(1, visible_length(body.text()))
    found = [Group(tuple(members), _worth(members, whole)) for members in by_shape.values() if len(members) > 1]
    return sorted((group for group in found if group.worth > 0), key=lambda group: -group.worth)


def single(body: LexborNode) -> list[Group]:
    """For a thread of one post: elements with a number and a time of their own, the innermost of the largest first."""
    whole = max(1, visible_length(body.text()))
    found = []
    for node, shape in elements(body):
        if node.tag in _CONTAINERS and len(shape) < 60 and has_number(node):
            text = node.text(separator=" ")
            share = visible_length(text) / whole
            if share > 0.02 and has_time(node, text):
                found.append(Group((node,), round(share, 1) + 0.001 * len(shape)))
    return sorted(found, key=lambda group: -group.worth)


def _worth(members: Sequence[LexborNode], whole: int) -> float:
    """Much of the page's text, a time in each, words rather than links, many of them."""
    texts = [member.text(separator=" ") for member in members]
    lengths = [visible_length(text) for text in texts]
    if sum(length > _MIN_TEXT for length in lengths) < 2 or sum(lengths) < 0.02 * whole:
        return 0.0
    timed = sum(map(has_time, members, texts)) / len(members)
    linked = sum(visible_length(link.text()) for member in members for link in member.css("a"))
    words = 1 - min(1.0, linked / max(1, sum(lengths)))
    numbered = sum(has_number(member) for member in members) / len(members)
    return sum(lengths) / whole * timed * (0.15 + words) * (0.4 + numbered) * log2(1 + len(members))


def has_time(node: LexborNode, text: str) -> bool:
    """Does the element show a time?"""
    return node.css_first("time, [datetime]") is not None or looks_like_time(text)


def has_number(node: LexborNode) -> bool:
    """Does the element carry a number of its own in an attribute?"""
    named = node.attributes
    return any(
        value and any(map(str.isdigit, value))
        for name, value in named.items()
        if name == "id" or name.startswith("data-")
    )


def parts(members: Sequence[LexborNode]) -> tuple[dict[Shape, Column], dict[Shape, Column]]:
    """Shape below the member → (index of the member → its first element of that shape).

    Twice over: parts that most members have only once, and of these the parts that no member has twice.
    """
    found: dict[Shape, Column] = defaultdict(dict)
    twice: Counter[Shape] = Counter()
    for index, member in enumerate(members):
        seen: Counter[Shape] = Counter()
        for node, shape in elements(member):
            placed = _placed(shape, node)
            seen[placed] += 1
            found[placed].setdefault(index, node)
        twice.update(shape for shape, count in seen.items() if count > 1)
    mostly = {shape: nodes for shape, nodes in found.items() if twice[shape] <= 0.3 * len(members)}
    return mostly, {shape: nodes for shape, nodes in mostly.items() if not twice[shape]}


def _placed(shape: Shape, node: LexborNode) -> Shape:
    """Cells of a row differ by their place, everything else by its shape."""
    if node.tag != "td" or "." in shape[-1]:
        return shape
    place, before = 0, node.prev
    while before is not None:
        place += before.is_element_node
        before = before.prev
    return (*shape[:-1], f"{shape[-1]}[{place}]")
