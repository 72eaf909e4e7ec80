"""One search: matches, exact counts, a page of hits with the places of the words."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.adapters.elastic.client import translated, whole
from pipeline.adapters.elastic.query import TEXT, condition, wanted
from pipeline.adapters.elastic.shapes import document
from pipeline.domain.documents import Hit, SearchPage
from pipeline.domain.query import Query
from pipeline.errors import Unavailable

WINDOW = 10_000
"""`index.max_result_window`: the deepest page without a point in time, and the most hits of one answer."""
KEEP = "2m"
_ANALYZED = 1_000_000
"""Characters of a text in which words are marked; without this limit, a longer one would fail the whole search."""
_NEWEST = [{"@timestamp": "desc"}, {"event.id": "asc"}]
ORDERS: dict[str, list[dict[str, str]]] = {
    "relevance": [{"_score": "desc"}, *_NEWEST],
    "newest": _NEWEST,
    "score": [{"event.risk_score": "desc"}, *_NEWEST],
}
_FACETS = {
    "source": "nightlight.source.id",
    "band": "nightlight.alert.severity",
    "status": "nightlight.alert.status",
    "language": "nightlight.language",
    "kind": "nightlight.kinds",
}
_MOST_VALUES = 10_000
_COUNTS: dict[str, Any] = {
    "days": {
        "date_histogram": {
            "field": "@timestamp",
            "calendar_interval": "day",
            "format": "yyyy-MM-dd",
            "min_doc_count": 1,
        },
        "aggs": {"alerted": {"filter": {"exists": {"field": "nightlight.alert.id"}}}},
    }
} | {name: {"terms": {"field": field, "size": _MOST_VALUES}} for name, field in _FACETS.items()}


def search(client: Elasticsearch, alias: str, query: Query, limit: int, offset: int, sort: str) -> SearchPage:
    """Raises: BadInput, Unavailable."""
    tag = secrets.token_hex(16)
    asked = _asked(query, sort) | _marking(query, tag) | {"size": limit, "version": True, "aggs": _COUNTS}
    if offset + limit <= WINDOW:
        with translated():
            answer = whole(client.search(index=alias, from_=offset, allow_partial_search_results=False, **asked).body)
    else:
        answer = _deep(client, alias, asked, offset)
    return _page(answer, tag)


def all_hits(client: Elasticsearch, alias: str) -> Iterator[Mapping[str, Any]]:
    """Every document's id and version, as they were at one moment."""
    asked = {"sort": ["_shard_doc"], "size": WINDOW, "source": False, "version": True, "track_total_hits": False}
    with _point_in_time(client, alias) as ask:
        hits = ask(asked)["hits"]["hits"]
        while hits:
            yield from hits
            hits = ask(asked | {"search_after": hits[-1]["sort"]})["hits"]["hits"]


def _deep(client: Elasticsearch, alias: str, asked: dict[str, Any], offset: int) -> Mapping[str, Any]:
    """A page behind the window: walk there over one point in time."""
    walked = {key: asked[key] for key in ("query", "sort")} | {"source": False, "track_total_hits": False}
    after: dict[str, Any] = {}
    with _point_in_time(client, alias) as ask:
        while offset:
            hits = ask(walked | after | {"size": min(offset, WINDOW)})["hits"]["hits"]
            if not hits:
                return ask(asked | {"size": 0})
            offset -= len(hits)
            after = {"search_after": hits[-1]["sort"]}
        return ask(asked | after)


@contextmanager
def _point_in_time(client: Elasticsearch, alias: str) -> Iterator[Callable[[dict[str, Any]], Mapping[str, Any]]]:
    """Searches that all see the index as it is now."""
    with translated():
        opened = client.open_point_in_time(index=alias, keep_alive=KEEP, allow_partial_search_results=False).body
    pit = {"id": opened["id"], "keep_alive": KEEP}

    def ask(asked: dict[str, Any]) -> Mapping[str, Any]:
        with translated():
            answer = whole(client.search(pit=pit, **asked).body)
        pit["id"] = answer["pit_id"]
        return answer

    try:
        yield ask
    finally:
        with suppress(Unavailable), translated():
            client.close_point_in_time(id=pit["id"])


def _asked(query: Query, sort: str) -> dict[str, Any]:
    ranked = wanted(query) if sort == "relevance" else []
    return {
        "query": {"bool": {"filter": condition(query), "should": ranked}},
        "sort": ORDERS[sort],
        "track_total_hits": True,
    }


def _marking(query: Query, tag: str) -> dict[str, Any]:
    """The whole text with the wanted words between tags that no author can guess."""
    words = wanted(query)
    if not words:
        return {}
    text = {"type": "unified", "number_of_fragments": 0, "highlight_query": {"bool": {"should": words}}}
    tags = {"pre_tags": [f"<{tag}>"], "post_tags": [f"</{tag}>"]}
    return {"highlight": {"fields": {TEXT: text}, "max_analyzed_offset": _ANALYZED, **tags}}


def _page(answer: Mapping[str, Any], tag: str) -> SearchPage:
    counts = answer["aggregations"]
    return SearchPage(
        hits=tuple(Hit(document(hit), _marks(hit, tag)) for hit in answer["hits"]["hits"]),
        total=answer["hits"]["total"]["value"],
        facets={name: {each["key"]: each["doc_count"] for each in counts[name]["buckets"]} for name in _FACETS},
        days={
            day["key_as_string"]: (day["doc_count"], day["alerted"]["doc_count"]) for day in counts["days"]["buckets"]
        },
    )


def _marks(hit: Mapping[str, Any], tag: str) -> tuple[tuple[int, int], ...]:
    """Code-point offsets of the wanted words in the text."""
    marks, position = [], 0
    for marked in hit.get("highlight", {}).get(TEXT, []):
        parts = re.split(f"</?{tag}>", marked)
        for number, part in enumerate(parts):
            if number % 2:
                marks.append((position, position + len(part)))
            position += len(part)
    return tuple(marks)
