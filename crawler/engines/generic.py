"""The fallback for software nobody described: finds posts by what repeats, not by class names.

A post is a member of the group of repeated elements that holds much of the page's text with a time in each member.
Its author, time and body are the parts that stand at one place in (nearly) every member.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from selectolax.lexbor import LexborNode

from crawler.document import Document, ancestors, attribute, line_of, own_line
from crawler.engines import listing
from crawler.engines.engine import Context
from crawler.engines.parts import Fields, fields_of
from crawler.engines.repeats import MAX_ELEMENTS, elements, groups, has_number, shape_of, single
from crawler.post import Page, PageKind, Post
from crawler.words import Words, read_words

NAME = "generic"

_ID_ATTRIBUTES = (
    "data-post-id",
    "data-postid",
    "data-pid",
    "data-pk",
    "data-comment-id",
    "data-message-id",
    "data-id",
    "id",
)
_POSITION = re.compile(r"number|index|position|order|count|level|depth", re.I)
_DIGITS = re.compile(r"(\d+)\D*$")
_LINKED_ID = re.compile(r"(?:#\D{0,12}|[?&;](?:post|p|pid|msg|message|comment)=|/(?:posts?|comments?)/)(\d+)", re.I)
_CANDIDATES = 12
_OPENING = re.compile(r"^article\b|[.#_-](?:post|submission|question|story|entry|topic|op)(?:[._-]|$)", re.I)


def looks_like(doc: Document) -> tuple[str, ...]:
    """No marks: this engine takes what no other recognizes."""
    return ()


def read(doc: Document, ctx: Context) -> Page:
    """A page of unknown software."""
    body = doc.tree.body
    if body is None:
        return Page(NAME, PageKind.INDEX)
    posts = _posts(body, ctx)
    in_thread = bool(posts) or listing.is_thread(ctx.url)
    number, count, further = listing.pages(doc, ctx)
    cut = len(body.css("*")) > MAX_ELEMENTS
    degraded = f"only the first {MAX_ELEMENTS} elements of the page were looked at" if cut else ""
    page = Page(NAME, PageKind.THREAD, next_urls=further, page_number=number, page_count=count, degraded=degraded)
    if in_thread:
        thread_id = listing.thread_id(ctx.url)
        posts = tuple(replace(post, thread_id=thread_id) for post in posts)
        return replace(page, posts=posts, thread_id=thread_id, thread_title=_title(doc))
    boards, threads = listing.boards(doc, ctx), listing.threads(doc, ctx)
    kind = PageKind.BOARD if threads else PageKind.INDEX
    own = listing.thread_id(ctx.url) if threads else ""
    return replace(page, kind=kind, boards=boards, threads=threads, board_id=own, board_title=_title(doc))


def _title(doc: Document) -> str:
    """The heading that the page's title repeats; the last of them, as the forum's own name comes first."""
    title = line_of(doc.first("title"))
    headings = [line for node in doc.tree.css("h1, h2") if (line := own_line(node) or line_of(node))]
    named = [line for line in headings if line in title]
    return next(iter([*named[::-1], *headings]), re.split(r"\s+[-|·—–•]\s+", title)[0])


def _posts(body: LexborNode, ctx: Context) -> tuple[Post, ...]:
    """Posts of the best group whose members have the fields of posts; a list that is worth more makes it no thread."""
    named_thread = listing.is_thread(ctx.url)
    found_groups = groups(body)[:_CANDIDATES] + (single(body)[:_CANDIDATES] if named_thread else [])
    nameless: tuple[Post, ...] = ()
    for group in found_groups:
        if listing.is_list(group.members, ctx):
            if not named_thread:
                return ()
            continue
        fields = fields_of(group.members, ctx)
        found = _read(fields, ctx) if fields is not None else ()
        if len(found) > (not named_thread) and any(post.author for post in found):
            return (_opening(body, group.members, ctx) if named_thread else ()) + found
        nameless = nameless or (found if len(found) > 1 else ())
    return nameless


def _opening(body: LexborNode, members: Sequence[LexborNode], ctx: Context) -> tuple[Post, ...]:
    """The first post where it stands before its answers in a shape of its own: a question, a story, a submission."""
    around = {node.mem_id for node in (members[0], *ancestors(members[0]))}
    for node, _ in elements(body):
        if node.mem_id == members[0].mem_id:
            break
        if node.mem_id in around or not (has_number(node) and _OPENING.search(shape_of(node))):
            continue
        fields = fields_of((node,), ctx)
        if fields and fields[0].author:
            return _read(fields, ctx)
    return ()


def _read(fields: Sequence[Fields], ctx: Context) -> tuple[Post, ...]:
    ids = _ids([field.member for field in fields])
    posts = []
    for field, post_id in zip(fields, ids, strict=True):
        words = read_words(field.body, field.apart - {field.body.mem_id}) if field.body is not None else Words()
        if not words.text and not words.quotes:
            continue
        shown = ctx.time(field.time_shown, field.time_exact)
        post_id = post_id or _made_up(field.author, shown.shown, words.text)
        posts.append(
            Post(
                source_id=ctx.source_id,
                thread_id="",
                post_id=post_id,
                author=field.author,
                text=words.text,
                url=f"{ctx.url}#{attribute(field.member, 'id')}".rstrip("#"),
                captured_at=ctx.captured_at,
                quotes=words.quotes,
                published_at=shown.at,
                time_shown=shown.shown,
                time_precision=shown.precision,
                edited=_edited(field),
            )
        )
    return tuple({post.post_id: post for post in posts}.values())


def _edited(field: Fields) -> bool:
    outside = line_of(field.member).replace(line_of(field.body), " ") if field.body is not None else ""
    return (
        re.search(r"\bedited\b|\bbearbeitet\b|\bgeändert\b|\bmodifié\b|\beditado\b|\bизменено\b", outside, re.I)
        is not None
    )


def _ids(members: Sequence[LexborNode]) -> list[str]:
    """The forum's own ids: a number in an attribute or a link that differs in every member; "" where there is none."""
    columns = [[_number(attribute(member, name)) for member in members] for name in _ID_ATTRIBUTES]
    named = sorted({name for member in members for name in member.attributes if name.startswith("data-")})
    columns += [
        [_number(attribute(member, name)) for member in members] for name in named if not _POSITION.search(name)
    ]
    columns += [_inner(members, selector) for selector in ("a[name]", "a[id]", "[id]")]
    columns.append([_linked(member) for member in members])
    for column in columns:
        if all(column) and len(set(column)) == len(column):
            return column
    return [""] * len(members)


def _number(value: str) -> str:
    found = _DIGITS.search(value)
    return found[1][:40] if found else ""


def _inner(members: Sequence[LexborNode], selector: str) -> list[str]:
    name = "name" if "name" in selector else "id"
    found = (next((_number(attribute(node, name)) for node in member.css(selector)), "") for member in members)
    return list(found)


def _linked(member: LexborNode) -> str:
    for link in member.css("a[href]"):
        found = _LINKED_ID.search(attribute(link, "href"))
        if found:
            return found[1]
    return ""


def _made_up(author: str, shown: str, text: str) -> str:
    """An id where the page shows none: of who, when and the first words, so that it is no position."""
    parts = "\x00".join((author, shown, text[:200]))
    return "x" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:16]
