"""A query tree as SQL over one generation of the index (`{g}` stands for its number)."""

from dataclasses import dataclass

from pipeline.domain.query import And, DateRange, Field, Node, Not, Or, Phrase, Query, Word, terms

_COLUMNS = {
    "source": "source_id",
    "band": "severity",
    "status": "status",
    "language": "language",
    "thread": "thread_id",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a matching row `d` of doc_{g} fulfils; every value is a parameter."""

    sql: str
    parameters: tuple[str, ...] = ()


def condition(node: Query) -> Condition:
    """The tree as a condition. Text alone becomes one full-text match, the rest is composed in SQL."""
    if _is_text(node):
        return Condition("d.n IN (SELECT rowid FROM fts_{g} WHERE fts_{g} MATCH ?)", (match(node),))
    if isinstance(node, Field):
        return _field(node)
    if isinstance(node, DateRange):
        return Condition("d.day BETWEEN ? AND ?", (node.first, node.last))
    if isinstance(node, Not):
        inner = condition(node.node)
        return Condition(f"NOT ({inner.sql})", inner.parameters)
    if isinstance(node, And | Or):
        return _joined(" AND " if isinstance(node, And) else " OR ", [condition(child) for child in node.nodes])
    raise AssertionError(node)


def match(node: Node) -> str:
    """A tree of words and phrases as an FTS5 expression; every word is quoted, so none is an operator."""
    if isinstance(node, Word):
        return _quoted(node.text) + ("*" if node.prefix else "")
    if isinstance(node, Phrase):
        return _quoted(" ".join(node.words))
    if isinstance(node, And | Or):
        joint = " AND " if isinstance(node, And) else " OR "
        return f"({joint.join(match(child) for child in node.nodes)})"
    raise AssertionError(node)


def sought(node: Query) -> str:
    """An FTS5 expression for any of the words that are wanted, for ranking and marks; "" when there is none."""
    return " OR ".join(match(term) for term in terms(node))


def _is_text(node: Node) -> bool:
    if isinstance(node, And | Or):
        return bool(node.nodes) and all(_is_text(child) for child in node.nodes)
    return isinstance(node, Word | Phrase)


def _field(node: Field) -> Condition:
    if node.name == "kind":
        return Condition("d.n IN (SELECT doc FROM kind_{g} WHERE kind = ? COLLATE NOCASE)", (node.value,))
    if node.name == "author":
        return Condition("d.author_folded = ?", (node.value.casefold(),))
    return Condition(f"d.{_COLUMNS[node.name]} = ? COLLATE NOCASE", (node.value,))


def _joined(joint: str, parts: list[Condition]) -> Condition:
    if not parts:
        return Condition("1")
    return Condition(
        "(" + joint.join(part.sql for part in parts) + ")", tuple(p for part in parts for p in part.parameters)
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
