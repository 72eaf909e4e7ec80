"""A query tree as Elasticsearch's query language; whatever people write is a value in it, never syntax."""

from typing import Any

from pipeline.adapters.elastic.folding import words
from pipeline.domain.query import And, DateRange, Field, Not, Or, Phrase, Query, Word, terms

Clause = dict[str, Any]
TEXT = "nightlight.post.text"
_BOOSTS = {"nightlight.thread.title": 2.0, TEXT: 1.0}
_FIELDS = {
    "source": "nightlight.source.id",
    "kind": "nightlight.kinds",
    "band": "nightlight.alert.severity",
    "status": "nightlight.alert.status",
    "language": "nightlight.language",
    "thread": "nightlight.thread.id",
}
_EVERY = 2**31 - 1
"""Words that begin so; by default only the first 50 would be looked for."""
AUTHOR_LENGTH = 1_000
"""Longer names are compared by their beginning; a keyword has a limit, and no post may fail for its author's name."""


def condition(node: Query) -> Clause:
    """What a found document fulfils."""
    if isinstance(node, Word | Phrase):
        return _text(node)
    if isinstance(node, Field):
        return _field(node)
    if isinstance(node, DateRange):
        return {"range": {"@timestamp": {"gte": node.first, "lte": f"{node.last}T23:59:59.999Z"}}}
    if isinstance(node, Not):
        return {"bool": {"must_not": condition(node.node)}}
    if isinstance(node, And):
        return {"bool": {"filter": [condition(child) for child in node.nodes]}} if node.nodes else {"match_all": {}}
    if isinstance(node, Or):
        return {"bool": {"should": [condition(child) for child in node.nodes], "minimum_should_match": 1}}
    raise AssertionError(node)


def wanted(node: Query) -> list[Clause]:
    """What may match, for ranking and marks."""
    return [_text(term) for term in terms(node)]


def folded_author(name: str) -> str:
    """How authors are compared."""
    return name.casefold()[:AUTHOR_LENGTH]


def _text(node: Word | Phrase) -> Clause:
    if isinstance(node, Word) and node.prefix:
        return {"dis_max": {"queries": [_beginning(field, words(node.text)) for field in _BOOSTS]}}
    text = node.text if isinstance(node, Word) else " ".join(node.words)
    fields = [f"{field}^{boost}" for field, boost in _BOOSTS.items()]
    return {"multi_match": {"type": "phrase", "query": text, "fields": fields}}


def _beginning(field: str, found: list[str]) -> Clause:
    """Words that begin so, however many; where punctuation is inside, the words before must be there in full."""
    if not found:
        return {"match_none": {}}
    if len(found) == 1:
        return {"prefix": {field: {"value": found[0], "boost": _BOOSTS[field]}}}
    parts = {"query": " ".join(found), "max_expansions": _EVERY, "boost": _BOOSTS[field]}
    return {"match_phrase_prefix": {field: parts}}


def _field(node: Field) -> Clause:
    if node.name == "author":
        return {"term": {"nightlight.post.author": folded_author(node.value)}}
    return {"term": {_FIELDS[node.name]: {"value": node.value, "case_insensitive": True}}}
