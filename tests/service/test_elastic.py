"""The Elasticsearch index on a real server: rights, blocks, faults, loss; each with what works beside what doesn't."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import ApiError, AuthorizationException, Elasticsearch

from pipeline.adapters.elastic.client import connect
from pipeline.adapters.elastic.health import health
from pipeline.adapters.elastic.index import ElasticIndex
from pipeline.adapters.elastic.names import Names, roles, setup
from pipeline.domain.documents import Document
from pipeline.domain.query import parse
from pipeline.errors import Unavailable
from tests.contract.elastic import empty_index, new_prefix
from tests.contract.test_index import BASE
from tests.service.servers.elasticsearch import ElasticsearchServer

ALERTED = replace(BASE, id="on-alert", alert_id="a1", alert_number=1, severity="high", status="new")


@pytest.fixture
def admin(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    """The superuser's client."""
    with connect(elasticsearch_url) as client:
        yield client


@pytest.fixture
def prefix() -> str:
    return new_prefix()


@pytest.fixture
def index(elasticsearch_url: str, prefix: str) -> Iterator[ElasticIndex]:
    """An index with two posts, one of them on an alert."""
    with empty_index(elasticsearch_url, prefix) as made:
        made.put([BASE, ALERTED])
        yield made


def total(index: ElasticIndex, text: str = "lumen") -> int:
    return index.search(parse(text)).total


def as_role(admin: Elasticsearch, address: str, prefix: str, role: str) -> Elasticsearch:
    """A client whose API key may do what the role may."""
    made = admin.security.create_api_key(name=prefix + role, role_descriptors={role: roles(Names(prefix))[role]})
    return connect(address, made["encoded"])


# rights


def test_each_role_can_do_its_work(
    index: ElasticIndex, admin: Elasticsearch, elasticsearch_server: ElasticsearchServer, prefix: str
) -> None:
    with as_role(admin, elasticsearch_server.address, prefix, "indexer") as client:
        indexer = ElasticIndex(client, prefix)
        assert indexer.put([replace(BASE, id="new")]) == {}
        indexer.delete(["new"])
        assert indexer.rebuild([BASE, ALERTED]) == 2
        assert set(indexer.versions()) == {"d0", "on-alert"}
        assert "with 2 documents" in health(client, prefix)
    with as_role(admin, elasticsearch_server.address, prefix, "searcher") as client:
        searcher = ElasticIndex(client, prefix)
        assert total(searcher) == 2
        assert len(searcher.search(parse(""), limit=1, offset=10_000).hits) == 0
        assert set(searcher.versions()) == {"d0", "on-alert"}
        assert "with 2 documents" in health(client, prefix)


def test_a_searcher_changes_nothing(
    index: ElasticIndex, admin: Elasticsearch, elasticsearch_server: ElasticsearchServer, prefix: str
) -> None:
    with as_role(admin, elasticsearch_server.address, prefix, "searcher") as client:
        searcher = ElasticIndex(client, prefix)
        for act in (
            lambda: searcher.put([replace(BASE, version=9)]),
            lambda: searcher.delete(["d0"]),
            lambda: searcher.rebuild([]),
        ):
            with pytest.raises(Unavailable, match="check index_api_key_file"):
                act()
    assert index.versions() == {"d0": 1, "on-alert": 1}


@pytest.mark.parametrize("role", ["indexer", "searcher"])
def test_no_role_reaches_beyond_our_indices(
    role: str, index: ElasticIndex, admin: Elasticsearch, elasticsearch_server: ElasticsearchServer, prefix: str
) -> None:
    """The superuser can do each of these, the role none."""
    other = f"{prefix}x-posts-000001"
    acts: dict[str, Callable[[Elasticsearch], Any]] = {
        "make another index": lambda es: es.indices.create(index=other),
        "write another": lambda es: es.index(index=other, id="1", document={"a": 1}, refresh=True),
        "read another": lambda es: es.search(index=other),
        "see all indices": lambda es: es.indices.get_settings(index=other),
        "set its template": lambda es: es.indices.put_index_template(name=other, index_patterns=[other]),
        "drop a template": lambda es: es.indices.delete_index_template(name=other),
        "drop another": lambda es: es.indices.delete(index=other),
        "change the cluster": lambda es: es.cluster.put_settings(persistent={"action.auto_create_index": None}),
        "see users": lambda es: es.security.get_user(),
        "make a user": lambda es: es.security.put_user(username=prefix, password="long enough", roles=["superuser"]),
        "delete a user": lambda es: es.security.delete_user(username=prefix),
        "make keys": lambda es: es.security.create_api_key(name=prefix),
        "store scripts": lambda es: es.put_script(id=prefix, script={"lang": "painless", "source": "1"}),
        "delete scripts": lambda es: es.delete_script(id=prefix),
        "snapshot": lambda es: es.snapshot.get_repository(),
    }
    with as_role(admin, elasticsearch_server.address, prefix, role) as client:
        for what, act in acts.items():
            with pytest.raises(AuthorizationException):
                pytest.fail(f"{role} could {what}: {act(client)}")
            act(admin)


def test_what_setup_prints_makes_users_that_can_work(
    admin: Elasticsearch, elasticsearch_server: ElasticsearchServer, prefix: str
) -> None:
    """Without the right to install the template, the index is made from the one the administrator installed."""
    json = {"content-type": "application/json", "accept": "application/json"}
    for path, body in setup(Names(prefix)).items():
        admin.perform_request("PUT", f"/{path}", headers=json, body=body)
    admin.security.put_user(username=prefix, password="long enough", roles=[f"{prefix}-indexer"])
    name = base64.b64encode(f"{prefix}:long enough".encode()).decode()
    try:
        with connect(elasticsearch_server.address).options(headers={"authorization": f"Basic {name}"}) as client:
            first = ElasticIndex(client, prefix, new=True)
            assert first.put([BASE]) == {}
            assert total(first) == 1
    finally:
        admin.security.delete_user(username=prefix)
        admin.indices.delete(index=f"{prefix}-posts-000001")
        for path in setup(Names(prefix)):
            admin.perform_request("DELETE", f"/{path}", headers=json)


def test_an_index_is_not_made_from_another_versions_template(
    admin: Elasticsearch, elasticsearch_server: ElasticsearchServer, prefix: str
) -> None:
    with as_role(admin, elasticsearch_server.address, prefix, "indexer") as client:
        for act in (ElasticIndex(client, prefix).rebuild, ElasticIndex(client, prefix, new=True).put):
            with pytest.raises(Unavailable, match="have an administrator install"):
                act([BASE])
    assert not admin.indices.exists(index=f"{prefix}-*", allow_no_indices=False)


# the two aliases


def test_dashboards_see_posts_on_alerts_only(index: ElasticIndex, admin: Elasticsearch, prefix: str) -> None:
    seen = admin.search(index=f"{prefix}-alerts")["hits"]["hits"]
    assert [(hit["_id"], hit["_source"]["event"]["kind"]) for hit in seen] == [("on-alert", "alert")]
    index.delete(["on-alert"])
    assert admin.count(index=f"{prefix}-alerts")["count"] == 0
    assert admin.count(index=f"{prefix}-posts")["count"] == 1


def test_erased_words_are_nowhere_and_do_not_come_back(index: ElasticIndex, admin: Elasticsearch, prefix: str) -> None:
    index.put([replace(BASE, id="secret", text="quixotic")])
    raw = f"{prefix}-posts-000001"
    assert admin.count(index=raw, query={"match": {"nightlight.post.text": "quixotic"}})["count"] == 1
    index.delete(["secret"])
    assert index.put([replace(BASE, id="secret", version=0, text="quixotic")]) == {}
    assert "secret" not in index.versions()
    assert admin.get(index=raw, id="secret")["_source"] == {"nightlight": {"gone": True}}
    deadline = time.monotonic() + 90
    while admin.indices.stats(index=raw)["_all"]["primaries"]["docs"]["deleted"]:
        assert time.monotonic() < deadline, "erased words stay in the files"
        time.sleep(1)
        index.delete([])


def test_the_index_is_rewritten_only_where_something_was_erased(
    index: ElasticIndex, admin: Elasticsearch, prefix: str
) -> None:
    """Retention deletes what mostly never was in the index, and merging all of it away takes minutes."""

    def stats(about: str) -> dict[str, int]:
        return dict(admin.indices.stats(index=f"{prefix}-posts", metric=about)["_all"]["primaries"][about])

    index.put([replace(BASE, version=2)])
    assert stats("docs")["deleted"] > 0
    before = stats("flush")["total"]
    index.delete(["never-there"])
    assert stats("flush")["total"] == before
    index.delete(["d0"])
    assert stats("flush")["total"] > before, "it begins with a flush"


# loss and blocks


def test_an_index_that_is_gone_is_an_error_not_an_empty_answer(
    index: ElasticIndex, admin: Elasticsearch, prefix: str
) -> None:
    assert total(index) == 2
    admin.indices.delete(index=f"{prefix}-posts-000001")
    for act in (lambda: total(index), lambda: index.put([BASE]), lambda: index.delete(["d0"]), index.versions):
        with pytest.raises(Unavailable, match="nightlight index rebuild"):
            act()
    assert not admin.indices.exists(index=f"{prefix}-posts"), "no write makes an index by its name"
    assert index.rebuild([BASE]) == 1
    assert total(index) == 1


def test_a_new_index_is_made_once(
    index: ElasticIndex, elasticsearch_url: str, admin: Elasticsearch, prefix: str
) -> None:
    with connect(elasticsearch_url) as client:
        again = ElasticIndex(client, prefix, new=True)
        assert total(again) == 2, "there is one already"
        admin.indices.delete(index=f"{prefix}-posts-000001")
        with pytest.raises(Unavailable, match="nightlight index rebuild"):
            total(again)


def test_an_index_made_by_another_version_says_so(index: ElasticIndex, admin: Elasticsearch, prefix: str) -> None:
    other = f"{prefix}-posts-000002"
    admin.indices.delete_index_template(name=f"{prefix}-posts")
    admin.indices.create(index=other, mappings={"dynamic": "strict", "properties": {"old": {"type": "keyword"}}})
    admin.indices.update_aliases(
        actions=[
            {"remove_index": {"index": f"{prefix}-posts-000001"}},
            {"add": {"index": other, "alias": f"{prefix}-posts"}},
        ]
    )
    for act in (lambda: index.put([BASE]), lambda: health(admin, prefix)):
        with pytest.raises(Unavailable, match="made by another version"):
            act()
    assert index.rebuild([BASE]) == 1
    assert index.put([replace(BASE, version=2)]) == {}


def test_a_full_disk_stops_writes_with_a_sentence_and_searches_go_on(
    index: ElasticIndex, admin: Elasticsearch, prefix: str
) -> None:
    """What the server does itself at the flood stage."""
    admin.indices.put_settings(index=f"{prefix}-posts", settings={"index.blocks.read_only_allow_delete": True})
    for act in (lambda: index.put([replace(BASE, id="d1")]), lambda: health(admin, prefix)):
        with pytest.raises(Unavailable, match="free some space"):
            act()
    assert total(index) == 2
    admin.indices.put_settings(index=f"{prefix}-posts", settings={"index.blocks.read_only_allow_delete": None})
    assert index.put([replace(BASE, id="d1")]) == {}
    assert total(index) == 3


def test_a_document_the_server_refuses_keeps_no_other_away(index: ElasticIndex) -> None:
    """A keyword has at most 32,766 bytes; no such thread id is ever read from a page."""
    refused = index.put([replace(BASE, id="d1"), replace(BASE, id="odd", thread_id="t" * 40_000)])
    assert set(refused) == {"odd"}
    assert total(index) == 3


def test_a_missing_part_of_the_index_is_an_error_not_fewer_results(
    index: ElasticIndex, admin: Elasticsearch, prefix: str
) -> None:
    nowhere = {"index.routing.allocation.require._name": "nobody", "index.number_of_replicas": 0}
    admin.indices.create(
        index=f"{prefix}-posts-000002",
        settings=nowhere,
        aliases={f"{prefix}-posts": {}},
        wait_for_active_shards=0,
    )
    partial = admin.search(index=f"{prefix}-posts", allow_partial_search_results=True)
    assert (partial["hits"]["total"]["value"], partial["_shards"]["failed"]) == (2, 1)
    for act in (lambda: total(index), index.versions, lambda: index.search(parse(""), offset=10_000)):
        with pytest.raises(Unavailable, match="health"):
            act()
    with pytest.raises(Unavailable, match=r"stands for several indices.*nightlight index rebuild"):
        health(admin, prefix)
    assert index.rebuild([BASE]) == 1
    assert health(admin, prefix).endswith("with 1 documents")


def test_a_killed_server_loses_nothing_that_was_acknowledged(
    index: ElasticIndex, elasticsearch_server: ElasticsearchServer
) -> None:
    acknowledged: list[str] = []
    stopped = threading.Event()

    def writing() -> None:
        for i in range(100_000):
            batch: list[Document] = [replace(BASE, id=f"k{i}-{j}") for j in range(20)]
            try:
                index.put(batch)
            except Unavailable:
                stopped.set()
                return
            acknowledged.extend(each.id for each in batch)

    writer = threading.Thread(target=writing)
    writer.start()
    while len(acknowledged) < 200 and writer.is_alive():
        stopped.wait(0.01)
    elasticsearch_server.kill()
    writer.join()
    assert stopped.is_set()
    with pytest.raises(Unavailable, match="start it"):
        total(index)
    elasticsearch_server.start()
    assert set(acknowledged) <= set(index.versions())
    assert index.put([replace(BASE, id=each) for each in acknowledged]) == {}
    assert total(index) >= len(acknowledged) + 2


def test_a_rebuild_gives_way_to_a_later_one(index: ElasticIndex) -> None:
    def overtaken() -> Iterator[Document]:
        yield BASE
        assert index.rebuild([ALERTED]) == 1

    with pytest.raises(Unavailable):
        index.rebuild(overtaken())
    assert set(index.versions()) == {"on-alert"}


def test_the_old_index_goes_only_after_searches_see_the_new_one(
    index: ElasticIndex, admin: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step for both closes the old one first, and a search in between would find neither."""
    old = f"{prefix}-posts-000001"
    indices = type(admin.indices)
    swap, seen = indices.update_aliases, list[object]()

    def swapping(client: Any, **asked: Any) -> object:
        answer = swap(client, **asked)
        seen.append((total(index), bool(admin.indices.exists(index=old))))
        return answer

    monkeypatch.setattr(indices, "update_aliases", swapping)
    assert index.rebuild([ALERTED]) == 1
    assert seen == [(1, True)]
    assert not admin.indices.exists(index=old)


def test_a_rebuild_leaves_a_copy_that_somebody_keeps(index: ElasticIndex, admin: Elasticsearch, prefix: str) -> None:
    copy = f"{prefix}-posts-000001-copy"
    admin.indices.create(index=copy)
    admin.indices.create(index=f"{prefix}-posts-000007")
    assert index.rebuild([BASE]) == 1
    assert admin.indices.exists(index=copy)
    assert not admin.indices.exists(index=f"{prefix}-posts-000007"), "what an interrupted rebuild left is gone"
    assert set(index.versions()) == {"d0"}


def test_an_unknown_field_is_refused_by_the_mapping(index: ElasticIndex, admin: Elasticsearch, prefix: str) -> None:
    for body in ({"new": 1}, {"event": {"new": 1}}, {"nightlight": {"post": {"new": 1}}}):
        with pytest.raises(ApiError, match="strict_dynamic_mapping_exception"):
            admin.index(index=f"{prefix}-posts", document=body)
