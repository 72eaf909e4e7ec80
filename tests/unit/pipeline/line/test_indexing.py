"""Index: what the record says reaches the index, and an index that is down costs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from pipeline.domain.alert import Alert, Severity, Status
from pipeline.domain.documents import Document
from pipeline.domain.query import parse
from pipeline.domain.work import WorkKind
from pipeline.errors import Unavailable
from pipeline.line.assess import assess
from pipeline.line.indexing import BATCH, _everything, index_pending, rebuild
from pipeline.line.ingest import Ingest
from tests.contract.making import capture, post
from tests.unit.pipeline.line.conftest import House


def settle(house: House) -> None:
    while assess(house.record, house.judge, house.clock, "w", "") or index_pending(
        house.record, house.index, house.clock, "w"
    ):
        pass


def the_alert(house: House) -> Alert:
    with house.record.read() as tx:
        return tx.alerts(Status, 10)[0]


def test_an_alert_is_found_with_the_thread_around_it(house: House) -> None:
    house.store("a quiet word", "the lantern works")
    settle(house)
    page = house.index.search(parse("quiet"))
    assert [hit.document.alert_id for hit in page.hits] == [""]
    (hit,) = house.index.search(parse("lantern")).hits
    assert (hit.document.alert_id, hit.document.status) == (the_alert(house).id, "new")
    assert hit.document.spans == ((4, 11, "says-it-works"),)


def test_a_decision_changes_what_search_shows(house: House) -> None:
    house.store("the lantern works")
    settle(house)
    with house.record.write() as tx:
        alert = tx.alerts(Status, 1)[0]
        tx.save_alert(replace(alert, status=Status.RELEVANT, revision=alert.revision + 1))
        tx.add_work(WorkKind.INDEX_ALERT, [alert.id], house.clock.now())
    settle(house)
    assert house.index.search(parse("status:relevant")).total == 1
    assert house.index.search(parse("status:new")).total == 0


def test_a_thread_with_an_alert_is_found_by_its_new_title(house: House) -> None:
    house.store("a quiet word", "the lantern works")
    settle(house)
    read = capture(post(1, "a quiet word"), post(2, "the lantern works"))
    Ingest(house.record, house.clock).accept(replace(read, page=replace(read.page, thread_title="Moved to the attic")))
    settle(house)
    assert house.index.search(parse("attic")).total == 2
    assert house.index.search(parse("title")).total == 0


def test_a_title_that_stays_queues_nothing(house: House) -> None:
    house.store("the lantern works")
    settle(house)
    house.store("the lantern works")
    with house.record.read() as tx:
        assert not any(tx.pending().values())


def test_an_index_that_is_down_costs_no_item_a_failure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.store("the lantern works")
    assess(house.record, house.judge, house.clock, "w", "")

    def down(documents: Sequence[Document]) -> Mapping[str, str]:
        raise Unavailable("the index is down")

    with monkeypatch.context() as broken:
        broken.setattr(house.index, "put", down)
        for _ in range(5):
            with pytest.raises(Unavailable, match="the index is down"):
                index_pending(house.record, house.index, house.clock, "w")
            assert index_pending(house.record, house.index, house.clock, "w") == 0, "what was tried has a rest"
            house.clock.go(seconds=11)
    settle(house)
    assert house.index.search(parse("lantern")).total == 1
    with house.record.read() as tx:
        assert tx.set_aside(10) == []


def test_a_document_the_index_refuses_sets_only_its_own_item_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.store("the lantern works")
    house.store("lantern two", "an answer", thread="t2")
    while assess(house.record, house.judge, house.clock, "w", ""):
        pass
    put = house.index.put

    def choosy(documents: Sequence[Document]) -> Mapping[str, str]:
        bad = {each.id: "too_odd" for each in documents if each.text == "the lantern works"}
        return bad | put([each for each in documents if each.id not in bad])

    monkeypatch.setattr(house.index, "put", choosy)
    for _ in range(3):
        index_pending(house.record, house.index, house.clock, "w")
        house.clock.go(seconds=11)
    assert index_pending(house.record, house.index, house.clock, "w") == 0
    assert house.index.search(parse("")).total == 2
    with house.record.read() as tx:
        aside = {item.key: item.reason for item in tx.set_aside(10)}
        alert = next(alert for alert in tx.alerts(Status, 10) if alert.thread_id == "t1")
        [post] = tx.alert_posts(alert.id)
    assert set(aside) == {alert.id, post.post.revision_id}
    assert all(reason.endswith(": too_odd") for reason in aside.values())


def test_alerts_that_change_their_places_are_not_missed_by_a_rebuild(house: House) -> None:
    """While a rebuild reads, the first alert moves to the end of the order; the one behind the first page stays."""
    for number in range(BATCH + 1):
        house.store(f"lantern {number}", thread=f"t{number}")
    settle(house)
    before = dict(house.index.versions())
    read = _everything(house.record)
    first = next(read)
    with house.record.write() as tx:
        alert = tx.latest_alert(first.source_id, first.thread_id)
        assert alert is not None
        tx.save_alert(replace(alert, severity=Severity.LOW, revision=alert.revision + 1))
    assert {first.id, *(document.id for document in read)} == set(before)


def test_a_rebuilt_index_equals_the_one_that_grew(house: House) -> None:
    house.store("a quiet word", "the lantern works")
    house.store("lantern two", "an answer", thread="t2")
    house.store("nothing here", thread="t3")
    settle(house)
    grown = dict(house.index.versions())
    house.index.delete(list(grown)[:1])
    assert dict(house.index.versions()) != grown
    assert rebuild(house.record, house.index, house.clock, "ines") == len(grown) == 4
    assert dict(house.index.versions()) == grown
    with house.record.write() as tx:
        tx.sequence(1_000)
        assert [(event.actor, event.action) for event in tx.audit_of("index", 10)] == [("ines", "index.rebuild")]
