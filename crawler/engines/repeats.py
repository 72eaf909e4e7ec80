"""Finds what repeats on a page: groups of elements of one shape, and parts that stand at one place in each of them.

Works by structure: tags, nesting, text and where the text differs. Class names only tell shapes apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from selectolax.lexbor import LexborNode

from crawler.document import ancestors, attribute, names
from crawler.times import looks_like_time
from crawler.tokens import visible_length

Shape = tuple[str, ...]
"""Tags, steady classes and beginnings of numbered ids on the way down to an element."""
Place = tuple[Shape, str, int]
"""Tags on the way down to an element of a member, its own shape, and how many of these come before it there."""
Column = dict[int, LexborNode]
"""Index of a member → its element at one place."""

_CONTAINERS = names("div li tr td article section table tbody dl dd ol ul fieldset form main span p")
_CHANGING = re.compile(
    r"\d|^(?:odd|even|first|last|alt|unread|read|new|op|reply|active|left|right|self|own|o[nf]f?line|guest)$", re.I
)
MAX_ELEMENTS = 60_000
"""Elements below which a page is looked at as a whole; no real page comes near it."""
_MIN_TEXT = 1
_DEEPEST = 60
_SAME_SHAPE = 3
"""How many elements of one shape in a member are told apart."""
_TAG = re.compile(r"[.#\[]")
_NUMBERED_ID = re.compile(r"([a-z_][\w:-]{0,30}?)\d+", re.I)


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one shape, in document order; worth: how much they look like the page's content, from 0."""

    members: tuple[LexborNode, ...]
    worth: float


def shape_of(node: LexborNode) -> str:
    """An element's tag with its classes that don't change from post to post."""
    names = attribute(node, "class").split()
    told = "[title]" if "title" in node.attributes or "datetime" in node.attributes else ""
    numbered = id_prefix(node)
    tag = (node.tag or "") + (f"#{numbered}" if numbered else "") + told
    return ".".join([tag, *sorted(name for name in names if not _CHANGING.search(name))])


def tag_of(shape: str) -> str:
    """The tag in an element's shape."""
    return _TAG.split(shape, maxsplit=1)[0]


def id_prefix(node: LexborNode) -> str:
    """What stands before the number in an id such as post_101; "" where the id is none of that kind."""
    found = _NUMBERED_ID.fullmatch(attribute(node, "id"))
    return found[1] if found else ""


def elements(root: LexborNode, leave_out: frozenset[int] = frozenset()) -> Iterator[tuple[LexborNode, Shape]]:
    """All elements below the root with their shape from it, in document order, without recursion.

    leave_out: mem_id of elements that aren't entered.
    """
    stack: list[tuple[LexborNode, Shape]] = []
    node, above = root.first_child, ()
    seen = 0
    path: Shape = above
    while node is not None and seen < MAX_ELEMENTS:
        child = None
        if node.is_element_node and node.mem_id not in leave_out:
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
    """Groups of repeated elements, the best first: of one place and shape, of one class, of one kind of numbered id.

    Members of one kind of id may stand in each other, as answers do in threads of comments.
    """
    alike: dict[tuple[int, str], list[LexborNode]] = defaultdict(list)
    for node, shape in elements(body):
        if node.tag not in _CONTAINERS or len(shape) > _DEEPEST:
            continue
        tags = "/".join(map(tag_of, shape[:-1]))
        alike[len(shape), f"{tags}/{shape[-1]}"].append(node)
        for name in attribute(node, "class").split():
            alike[len(shape), f"{tags}/{node.tag} .{name}"].append(node)
        if id_prefix(node):
            alike[0, f"{node.tag}#{id_prefix(node)}"].append(node)
    whole = max(1, visible_length(body.text()))
    repeated = [members for members in alike.values() if len(members) > 1]
    # rows of buttons and spaces stand between those of posts
    timed = [[node for node in members if has_time(node, node.text(separator=" "))] for members in repeated]
    repeated += [some for some, members in zip(timed, repeated, strict=True) if 1 < len(some) < 0.6 * len(members)]
    distinct = {tuple(node.mem_id for node in members): members for members in repeated}
    found = [Group(tuple(members), _worth(members, whole)) for members in distinct.values()]
    return sorted((group for group in found if group.worth > 0), key=lambda group: -group.worth)


def single(body: LexborNode) -> list[Group]:
    """For a thread of one post: elements with a number and a time of their own, the innermost of the largest first."""
    whole = max(1, visible_length(body.text()))
    found = []
    for node, shape in elements(body):
        if node.tag in _CONTAINERS and len(shape) <= _DEEPEST and has_number(node):
            text = node.text(separator=" ")
            share = visible_length(text) / whole
            if share > 0.02 and has_time(node, text):
                found.append(Group((node,), round(share, 1) + 0.001 * len(shape)))
    return sorted(found, key=lambda group: -group.worth)


def _worth(members: Sequence[LexborNode], whole: int) -> float:
    """Much of the page's text, a time in each, words rather than links, many of them."""
    ids = {member.mem_id for member in members}
    outermost = [member for member in members if not any(up.mem_id in ids for up in ancestors(member))]
    texts = [member.text(separator=" ") for member in outermost]
    lengths = [visible_length(text) for text in texts]
    alone = len(outermost) == len(members) and sum(length > _MIN_TEXT for length in lengths) < 2
    if alone or sum(lengths) < 0.02 * whole:
        return 0.0
    timed = sum(map(has_time, outermost, texts)) / len(outermost)
    linked = sum(visible_length(link.text()) for member in outermost for link in member.css("a"))
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


def parts(members: Sequence[LexborNode]) -> dict[Place, Column]:
    """Place below the member → (index of the member → its element there); elements of other members left out."""
    found: dict[Place, Column] = defaultdict(dict)
    others = frozenset(member.mem_id for member in members)
    for index, member in enumerate(members):
        seen: Counter[tuple[Shape, str]] = Counter()
        for node, shape in elements(member, others):
            if len(shape) > _DEEPEST:
                continue
            way = tuple(map(tag_of, shape[:-1]))
            number = seen[way, shape[-1]]
            if number < _SAME_SHAPE:
                found[way, shape[-1], number][index] = node
            seen[way, shape[-1]] += 1
    return found
