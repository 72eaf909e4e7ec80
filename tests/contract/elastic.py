"""An index on a real Elasticsearch, under a prefix of its own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.adapters.elastic.client import connect
from pipeline.adapters.elastic.index import ElasticIndex


def new_prefix() -> str:
    """One that nobody else has."""
    return f"t{uuid.uuid4().hex[:12]}"


@contextmanager
def empty_index(url: str, prefix: str = "") -> Iterator[ElasticIndex]:
    """An empty index; everything under its prefix is gone afterwards."""
    prefix = prefix or new_prefix()
    index = ElasticIndex(connect(url), prefix)
    index.rebuild([])
    yield index
    index.close()
    drop_indices(url, prefix)


def drop_indices(url: str, prefix: str) -> None:
    """Remove the indices under the prefix, and their template."""
    with connect(url) as client:
        for left in client.indices.get(index=f"{prefix}-*", features="aliases"):
            client.indices.delete(index=left)
        client.indices.delete_index_template(name=f"{prefix}-posts")
