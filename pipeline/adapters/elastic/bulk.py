"""Many writes in few requests, and what each answer means: done, stale, try again, not this document, not now."""

import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.adapters.elastic.client import Busy, translated, unavailable
from pipeline.adapters.elastic.shapes import GONE, source
from pipeline.domain.documents import Document

MOST, LARGEST = 500, 8_000_000
"""Writes and bytes a request."""
WAITS_S = (0.25, 0.5, 1, 2, 4)
"""Before the next try of what a full queue refused; all of it is well within the lease of the work."""


@dataclass(frozen=True, slots=True)
class Write:
    """One document to store behind one alias, unless a greater version is there.

    strict: nor if an equal one is. optional: the alias may be gone by now, as the one of a rebuild that ended.
    """

    alias: str
    id: str
    version: int
    body: bytes
    strict: bool = False
    optional: bool = False

    @property
    def lines(self) -> list[Any]:
        """As `_bulk` takes it."""
        about = {
            "_index": self.alias,
            "_id": self.id,
            "version": self.version,
            "version_type": "external" if self.strict else "external_gte",
            "require_alias": True,
        }
        return [{"index": about}, self.body]


@dataclass(frozen=True, slots=True)
class Outcome:
    """refused: document id → the type of error Elasticsearch gave. stale: ids with a greater version there."""

    refused: dict[str, str]
    stale: frozenset[str]


def storing(document: Document, alias: str) -> Write:
    """Store a document."""
    return Write(alias, document.id, document.version, _json(source(document)))


def erasing(document_id: str, version: int, alias: str) -> Write:
    """Leave only the mark that it is gone, at this version, so that what is older can't come back."""
    return Write(alias, document_id, version, _json(GONE))


def write(client: Elasticsearch, writes: Iterable[Write], *, refresh: bool) -> Outcome:
    """Do them all; what is refused for its own sake keeps nothing else away.

    refresh: searches see it when this returns. Raises: Unavailable: some may be stored, and doing it again is harmless.
    """
    refused: dict[str, str] = {}
    stale: set[str] = set()
    for chunk in _chunks(writes):
        rest: Sequence[Write] = chunk
        for wait in (*WAITS_S, None):
            rest = _once(client, rest, refresh, refused, stale)
            if not rest:
                break
            if wait is None:
                raise unavailable(429, "")
            time.sleep(wait * random.uniform(0.5, 1))
    return Outcome(refused, frozenset(stale))


def _once(
    client: Elasticsearch, writes: Sequence[Write], refresh: bool, refused: dict[str, str], stale: set[str]
) -> Sequence[Write]:
    """One request; returns what a full queue refused."""
    try:
        with translated():
            answer = client.bulk(operations=[line for one in writes for line in one.lines], refresh=refresh)
    except Busy:
        return writes
    again = []
    for one, item in zip(writes, answer["items"], strict=True):
        status, kind = item["index"]["status"], item["index"].get("error", {}).get("type", "")
        if status < 300 or (status == 404 and one.optional):
            continue
        if status == 409:
            stale.add(one.id)
        elif status == 400 and kind != "strict_dynamic_mapping_exception":
            refused[one.id] = kind
        elif isinstance(unavailable(status, kind), Busy):
            again.append(one)
        else:
            raise unavailable(status, kind)
    return again


def _chunks(writes: Iterable[Write]) -> Iterator[list[Write]]:
    chunk: list[Write] = []
    size = 0
    for one in writes:
        if chunk and (len(chunk) == MOST or size + len(one.body) > LARGEST):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += len(one.body)
    if chunk:
        yield chunk


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
