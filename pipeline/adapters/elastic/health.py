"""What `nightlight doctor` says of Elasticsearch."""

from elasticsearch import Elasticsearch

from pipeline.adapters.elastic.client import CURE, translated, unavailable
from pipeline.adapters.elastic.names import VERSION, Names, made_by
from pipeline.errors import Unavailable


def health(client: Elasticsearch, prefix: str) -> str:
    """One line on the server and the index; asks only what a searcher may ask. Raises: Unavailable: what to do."""
    names = Names(prefix)
    with translated():
        server = client.info()["version"]["number"]
        if not server.startswith("9."):
            raise Unavailable(f"Elasticsearch {server} isn't supported; use a 9.x")
        if not client.indices.exists_alias(name=names.posts):
            return f"Elasticsearch {server}; no index yet: the first alert makes it, or, after a loss, a rebuild"
        (index, held), *more = client.indices.get(index=names.posts, flat_settings=True).items()
        if more:
            raise Unavailable(f"{names.posts} stands for several indices, so nothing can be written; {CURE}")
        documents = client.count(index=names.posts)["count"]
    if made_by(held) != VERSION:
        raise Unavailable(f"{index} was made by another version of Nightlight; {CURE}")
    if any(name.startswith("index.blocks.") and value == "true" for name, value in held["settings"].items()):
        raise unavailable(403, "cluster_block_exception")
    return f"Elasticsearch {server}, {index} with {documents} documents"
