"""The search grammar."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.query import And, DateRange, Field, Node, Not, Or, Phrase, Word, describe, parse, terms
from pipeline.errors import BadInput

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And(())),
        ("   ", And(())),
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a or b", And((A, Word("or"), B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("-a", Not(A)),
        ("NOT a b", And((Not(A), B))),
        ("NOT NOT a", Not(Not(A))),
        ("-(a b)", Not(And((A, B)))),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("-source:x", Not(Field("source", "x"))),
        ("a-b", Word("a-b")),
        ("pref*", Word("pref", prefix=True)),
        ('"a  b OR c"', Phrase(("a", "b", "OR", "c"))),
        ('Source:"My Forum"', Field("source", "My Forum")),
        ("author:борис kind:asking", And((Field("author", "борис"), Field("kind", "asking")))),
        ("10:30", Word("10:30")),
        ("date:2026", DateRange("2026-01-01", "2026-12-31")),
        ("date:2028-02", DateRange("2028-02-01", "2028-02-29")),
        ("date:2026-10..2026-11", DateRange("2026-10-01", "2026-11-30")),
        ("date:2026-11-25", DateRange("2026-11-25", "2026-11-25")),
        ("date:2026-11-25..", DateRange("2026-11-25", "9999-12-31")),
        ("date:..2026", DateRange("0001-01-01", "2026-12-31")),
        ("обход 越狱", And((Word("обход"), Word("越狱")))),
    ],
)
def test_searches_are_read_as_written(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("a (b", 3), ("a b)", 4), ("a OR", 5), ("OR a", 1), ("a AND OR b", 7), ("a NOT", 6), ('a "b', 3), ("()", 2),
        ("a foo:bar", 3), ("a source:", 3), ("date:2026-13", 1), ("date:yesterday", 1), ("date:2026-11..2026-10", 1),
        ("date:..", 1), ("date:0000", 1), ("band:huge", 1), ("status:lost", 1), ("a ???", 3), ('a "!"', 3), ("- a", 1),
        ("*", 1), ("http://x.example", 1),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_the_place(text: str, character: int) -> None:
    with pytest.raises(BadInput, match=rf"at character {character}\b"):
        parse(text)


def test_searches_too_deep_or_too_long_are_refused() -> None:
    assert parse(" ".join(["a"] * 100))
    with pytest.raises(BadInput, match="at most 100 terms"):
        parse(" ".join(["a"] * 101))
    assert parse("(" * 10 + "a" + ")" * 10) == A
    with pytest.raises(BadInput, match="at most 10 deep"):
        parse("(" * 11 + "a" + ")" * 11)
    with pytest.raises(BadInput, match="at most 10 deep"):
        parse("NOT " * 5_000 + "a")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "everything"),
        ("a b", "a and b"),
        ("a (b OR c) -pref*", "a and (b or c) and without words beginning with pref"),
        ('"a b" OR source:x', "“a b” or source is x"),
        ("date:2026-11-25 -(a b)", "on 2026-11-25 and without (a and b)"),
        ("date:2026-10..", "from 2026-10-01"),
        ("date:..2026-10", "to 2026-10-31"),
        ("date:2026", "from 2026-01-01 to 2026-12-31"),
    ],
)
def test_people_see_how_their_search_was_read(text: str, words: str) -> None:
    assert describe(parse(text)) == words


_PIECES = st.sampled_from(
    ["a", "b*", '"', "(", ")", "-", "AND", "OR", "NOT", " ", "date:", "2026", "..", "source:", "kind:x", "\x00", "\ud800", "é", "😀", "*"]  # noqa: E501
)  # fmt: skip


@settings(max_examples=600)
@given(
    st.text(max_size=60) | st.lists(_PIECES, max_size=25).map("".join) | st.lists(_PIECES, max_size=25).map(" ".join)
)
def test_any_text_is_a_search_or_bad_input(text: str) -> None:
    try:
        said = describe(parse(text))
    except BadInput as error:
        said = str(error)
    assert said


_WORDS = st.sampled_from(["a", "lumen", "тест"]).map(Word) | st.just(Word("pref", prefix=True))
_LEAVES = _WORDS | st.just(Phrase(("a", "b"))) | st.just(Field("source", "x")) | st.just(DateRange("2026-01-01", "2026-12-31"))  # noqa: E501  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(lambda nodes: And(tuple(nodes)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Or(tuple(nodes)))
    ),
    max_leaves=8,
)


def written(node: Node) -> str:
    """The tree in the search grammar, every group in brackets."""
    match node:
        case Word():
            return node.text + ("*" if node.prefix else "")
        case Phrase():
            return f'"{" ".join(node.words)}"'
        case Field():
            return f"{node.name}:{node.value}"
        case DateRange():
            return f"date:{node.first}..{node.last}"
        case Not():
            return f"NOT {written(node.node)}"
        case And() | Or():
            return "(" + (" AND " if isinstance(node, And) else " OR ").join(map(written, node.nodes)) + ")"


@given(_TREES)
def test_every_tree_can_be_written_and_is_read_back_the_same(tree: Node) -> None:
    assert parse(written(tree)) == tree


def test_the_terms_are_the_words_that_are_wanted() -> None:
    query = parse('lumen (filt* OR "a phrase") author:ann -(never OR "not this") date:2026 -(-twice)')
    assert list(terms(query)) == [Word("lumen"), Word("filt", prefix=True), Phrase(("a", "phrase"))]
