"""The index on Elasticsearch 9: one index behind two aliases, a projection of the record that can be dropped any time.

An erased document leaves a mark with its version and no words; the aliases hide it. So a stale write can't bring it
back, however late it comes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from elasticsearch import AuthorizationException, BadRequestError, Elasticsearch, NotFoundError

from pipeline.adapters.elastic import search as searches
from pipeline.adapters.elastic.bulk import MOST, erasing, storing, write
from pipeline.adapters.elastic.client import CURE, Lost, translated, unavailable
from pipeline.adapters.elastic.names import ERASED, ON_ALERTS, SHOWN, VERSION, Names, made_by, template
from pipeline.domain.documents import Document, SearchPage, left_out, sift
from pipeline.domain.query import Query
from pipeline.errors import BadInput, Unavailable

_GROWING = 5
"""How often a document may change while it is being erased."""
_EXPUNGE_S = 600
_T = TypeVar("_T")


class ElasticIndex:
    """ports.Index. new: make an empty index at first use, if there is none; one that is gone later is Unavailable."""

    def __init__(self, client: Elasticsearch, prefix: str, *, new: bool = False) -> None:
        self._client = client
        self._names = Names(prefix)
        self._new = new

    def put(self, documents: Sequence[Document]) -> Mapping[str, str]:
        """Into the live index, and into the one that a rebuild fills."""
        self._prepare()
        fit, refused = sift(documents)
        return refused | _over_a_swap(lambda: self._put(fit))

    def delete(self, ids: Sequence[str]) -> None:
        """What was erased half a minute ago or earlier leaves the files, too; until then the server keeps it for copies
        of the index, and the next call sees to it, even one without ids.
        """
        self._prepare()
        rest = list(dict.fromkeys(ids))
        for _ in range(_GROWING):
            rest = _over_a_swap(partial(self._erase, rest)) if rest else rest
        if rest:
            raise Unavailable("A document changes faster than it can be erased; it is tried again by itself")
        _over_a_swap(self._expunge)

    def search(self, query: Query, limit: int = 20, offset: int = 0, sort: str = "relevance") -> SearchPage:
        """One page, everything counted over one snapshot."""
        if sort not in searches.ORDERS:
            raise BadInput(f"Results are sorted by {', '.join(searches.ORDERS)}")
        self._prepare()
        return _over_a_swap(lambda: searches.search(self._client, self._names.posts, query, limit, offset, sort))

    def versions(self) -> Mapping[str, int]:
        """Of the live index, at one moment."""
        self._prepare()
        return _over_a_swap(
            lambda: {hit["_id"]: hit["_version"] for hit in searches.all_hits(self._client, self._names.posts)}
        )

    def rebuild(self, documents: Iterable[Document]) -> int:
        """A rebuild that is running already, or was interrupted, gives way to this one and fails.

        Raises: Unavailable: the old index stays. Corrupt: the new one is live, without the documents named.
        """
        with translated():
            index = self._begin()
            refused = self._fill(documents)
            count = self._swap(index)
        if refused:
            raise left_out(refused)
        return count

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _prepare(self) -> None:
        if not self._new:
            return
        with translated():
            try:
                if not self._client.indices.exists_alias(name=self._names.posts):
                    self._create(self._names.index(1), self._live_aliases())
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":  # else another process was first
                    raise
        self._new = False

    def _live_aliases(self) -> dict[str, dict[str, Any]]:
        filters = {self._names.posts: SHOWN, self._names.alerts: ON_ALERTS}
        return {alias: {"filter": shown} for alias, shown in filters.items()}

    def _is_rebuilding(self) -> bool:
        with translated():
            return bool(self._client.indices.exists_alias(name=self._names.next))

    def _put(self, documents: Sequence[Document]) -> dict[str, str]:
        writes = [storing(document, self._names.posts) for document in documents]
        if self._is_rebuilding():
            writes += [replace(one, alias=self._names.next, optional=True) for one in writes]
        return write(self._client, writes, refresh=True).refused

    def _erase(self, ids: Sequence[str]) -> list[str]:
        """Returns those that grew meanwhile. What is in neither index may still be in the hands of a rebuild."""
        names, rebuilding = self._names, self._is_rebuilding()
        live = self._versions_of(names.posts, ids)
        coming = self._versions_of(names.next, ids) if rebuilding else {}
        latest = {each: max(live.get(each, 0), coming.get(each, 0)) for each in ids}
        writes = [erasing(each, latest[each], names.posts) for each in live]
        if rebuilding:
            writes += [replace(erasing(each, latest[each], names.next), optional=True) for each in ids]
        stale = write(self._client, writes, refresh=True).stale
        return sorted(stale)

    def _expunge(self) -> None:
        """Merging rewrites the index, so only where there are marks of erased documents."""
        names = self._names
        with translated():
            counts = self._client.indices.stats(index=names.posts, metric="docs")["_all"]["total"]["docs"]
            if counts["deleted"] and self._client.count(index=names.indices, query=ERASED)["count"]:
                patient = self._client.options(request_timeout=_EXPUNGE_S).indices
                patient.flush(index=names.posts)
                patient.forcemerge(index=names.posts, only_expunge_deletes=True)

    def _versions_of(self, alias: str, ids: Sequence[str], only_gone: bool = False) -> dict[str, int]:
        """Of those that are there, marks of erased ones too, as they are now and not as searches see them."""
        with translated():
            answer = self._client.mget(index=alias, ids=ids, source=["nightlight.gone"])
        found = {}
        for each in answer["docs"]:
            if "error" in each and alias == self._names.posts:
                raise unavailable(404, each["error"]["type"])
            if each.get("found") and (each["_source"] or not only_gone):
                found[each["_id"]] = each["_version"]
        return found

    def _begin(self) -> str:
        """An empty index beside the live one; what an interrupted rebuild left goes away."""
        held = self._held()
        self._drop(index for index, is_live in held.items() if not is_live)
        index = self._names.index(1 + max(map(self._names.number, held), default=0))
        self._create(index, {self._names.next: {}})
        return index

    def _create(self, index: str, aliases: dict[str, dict[str, Any]]) -> None:
        """Raises: Unavailable: the template isn't this version's, and this key may not install it."""
        indices, name = self._client.indices, self._names.posts
        with suppress(AuthorizationException):  # who may only write to our indices finds it installed
            indices.put_index_template(name=name, **template(self._names))
        indices.create(index=index, aliases=aliases)
        if made_by(indices.get_mapping(index=index)[index]) != VERSION:
            indices.delete(index=index)
            raise Unavailable(
                f"The index template {name} isn't this version's; have an administrator install what "
                "`nightlight index setup` prints"
            )

    def _held(self) -> dict[str, bool]:
        """Our indices, and whether searches see them."""
        held = self._client.indices.get_alias(index=self._names.indices).body
        return {index: self._names.posts in its["aliases"] for index, its in held.items()}

    def _drop(self, indices: Iterable[str]) -> None:
        """Those that we made, and no copy that an administrator keeps."""
        made = [index for index in indices if self._names.number(index)]
        if made:
            self._client.indices.delete(index=made)

    def _fill(self, documents: Iterable[Document]) -> dict[str, str]:
        """What others wrote meanwhile is never older than what is read here, so an equal version of theirs stays."""
        rest = iter(documents)
        refused: dict[str, str] = {}
        while batch := list(islice(rest, MOST)):
            gone = self._versions_of(self._names.next, [each.id for each in batch], only_gone=True)
            fit, unfit = sift(each for each in batch if each.id not in gone)
            writes = [replace(storing(each, self._names.next), strict=True) for each in fit]
            refused |= unfit | write(self._client, writes, refresh=False).refused
        return refused

    def _swap(self, index: str) -> int:
        """Searches see the new index from one step of the cluster on; the old one goes in the next, since a step closes
        what it removes before it shows what it adds.
        """
        indices, names = self._client.indices, self._names
        indices.refresh(index=index)
        count = int(self._client.count(index=index, query=SHOWN)["count"])
        old = [each for each, is_live in self._held().items() if is_live]
        adding = [{"add": {"index": index, "alias": name} | its} for name, its in self._live_aliases().items()]
        hiding = [{"remove": {"index": each, "aliases": [names.posts, names.alerts]}} for each in old]
        filled = {"remove": {"index": index, "alias": names.next, "must_exist": True}}
        try:
            swapped = indices.update_aliases(actions=[filled, *adding, *hiding])
        except NotFoundError:
            raise Unavailable("Another rebuild of the search index took over; wait for it to end") from None
        if not swapped["acknowledged"]:
            raise Unavailable(f"The cluster is slow to take the new index over; look at its health, or {CURE}")
        self._drop(old)
        return count


def _over_a_swap(call: Callable[[], _T]) -> _T:
    """A rebuild may take the index away in the middle of an answer; its successor is there already then."""
    try:
        return call()
    except Lost:
        return call()
