"""Assess and alert: what the line does with pending revisions."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nlp.assessment import Assessment, Text
from nlp.sealed import Sealed
from pipeline.domain.alert import Status
from pipeline.domain.work import WorkKind
from pipeline.line.assess import assess
from tests.contract.making import SOURCE
from tests.unit.pipeline.line.conftest import House, LanternJudge


def run(house: House) -> int:
    return assess(house.record, house.judge, house.clock, "w1", "http://console.test")


def test_a_flagged_post_becomes_an_alert_of_its_thread(house: House) -> None:
    house.store("a quiet word", "the lantern works")
    assert run(house) == 2
    with house.record.read() as tx:
        (alert,) = tx.alerts(Status, 10)
        on_it = tx.alert_posts(alert.id)
    assert (alert.thread_id, alert.n, alert.status, alert.posts, alert.severity) == ("t1", 1, Status.NEW, 1, "high")
    assert (alert.score, alert.threshold, [ground.id for ground in alert.grounds]) == (0.9, 0.5, ["score", "offer"])
    assert [stored.post.text for stored in on_it] == ["the lantern works"]


def test_more_flagged_posts_join_the_open_alert_and_follow_a_decided_one(house: House) -> None:
    house.store("lantern one")
    run(house)
    house.store("lantern two", first=2)
    run(house)
    with house.record.write() as tx:
        (alert,) = tx.alerts(Status, 10)
        assert (alert.posts, alert.revision) == (2, 2)
        tx.save_alert(replace(alert, status=Status.NOT_RELEVANT, revision=3))
    house.store("lantern three", first=3)
    run(house)
    with house.record.read() as tx:
        first, second = sorted(tx.alerts(Status, 10), key=lambda a: a.n)
    assert (second.n, second.follows, second.status) == (2, first.id, Status.NEW)


def test_a_second_model_never_raises_a_second_alert_for_the_same_post(house: House) -> None:
    house.store("lantern one")
    run(house)
    with house.record.write() as tx:
        (alert,) = tx.alerts(Status, 10)
        (stored,) = tx.alert_posts(alert.id)
        tx.add_work(WorkKind.ASSESS, [stored.post.revision_id], house.clock.now())
    house.judge.model_id = "lantern-2"
    assert run(house) == 1
    with house.record.read() as tx:
        assert [a.id for a in tx.alerts(Status, 10)] == [alert.id]
        assert len(tx.alert_posts(alert.id)) == 1


def test_an_alert_shows_what_raised_it_also_after_another_model_judged_its_post_again(house: House) -> None:
    house.store("lantern one")
    run(house)
    with house.record.write() as tx:
        (alert,) = tx.alerts(Status, 10)
        (before,) = tx.alert_posts(alert.id)
        tx.add_work(WorkKind.ASSESS, [before.post.revision_id], house.clock.now())
    house.judge.model_id, house.judge.threshold = "lantern-2", 0.7
    run(house)
    with house.record.read() as tx:
        assert tx.alert_posts(alert.id) == [before]
        assert tx.alert(alert.id) == alert
    assert before.assessment
    assert before.assessment.model == "lantern-1"


def test_the_score_of_an_alert_stands_beside_the_threshold_it_was_measured_by(house: House) -> None:
    house.store("lantern one")
    run(house)
    house.judge.threshold = 0.7
    house.store("lantern two", first=2)
    run(house)
    with house.record.read() as tx:
        (alert,) = tx.alerts(Status, 10)
    assert (alert.score, alert.threshold) == (0.9, 0.7), "of two equal scores the later one"
    judge = house.judge._one
    house.judge._one = lambda text: replace(judge(text), score=0.8)  # type: ignore[method-assign]
    house.judge.threshold = 0.1
    house.store("lantern three", first=3)
    run(house)
    with house.record.read() as tx:
        (alert,) = tx.alerts(Status, 10)
    assert (alert.posts, alert.score, alert.threshold) == (3, 0.9, 0.7)


def test_flagged_posts_of_a_thread_and_of_an_author_before_add_to_severity_and_dismissed_ones_do_not(
    house: House,
) -> None:
    def grounds(thread: str) -> set[str]:
        run(house)
        with house.record.read() as tx:
            alert = tx.latest_alert(SOURCE, thread)
        assert alert
        return {ground.id for ground in alert.grounds} - {"score", "offer"}

    house.store("a quiet word", "lantern one", "lantern two")
    assert grounds("t1") == set(), "two of three posts, but of one author"
    house.store("a lantern", thread="t2")
    assert grounds("t2") == {"author"}
    house.store("lantern three", first=4, author="bo")
    assert grounds("t1") == {"thread"}, "one earlier post elsewhere is too little of the author"
    with house.record.write() as tx:
        alert = tx.latest_alert(SOURCE, "t1")
        assert alert
        tx.save_alert(replace(alert, status=Status.NOT_RELEVANT, revision=alert.revision + 1))
    house.store("a lantern", thread="t3")
    assert grounds("t3") == set()


def test_a_worker_that_slept_over_its_lease_raises_no_second_alert_for_what_another_decided(house: House) -> None:
    house.store("lantern one", "lantern two")
    awake = house.judge.assess

    def sleep(texts: Sequence[Text]) -> list[Assessment]:
        house.judge.assess = awake  # type: ignore[method-assign]
        house.clock.go(seconds=31)
        assert assess(house.record, house.judge, house.clock, "w2", "") == 2
        with house.record.write() as tx:
            (alert,) = tx.alerts(Status, 10)
            tx.save_alert(replace(alert, status=Status.RELEVANT, revision=alert.revision + 1))
        return awake(texts)

    house.judge.assess = sleep  # type: ignore[method-assign]
    run(house)
    with house.record.read() as tx:
        (alert,) = tx.alerts(Status, 10)
        assert (alert.posts, len(tx.alert_posts(alert.id))) == (2, 2)
        assert sum(tx.pending().values()) == 3, "one alert and two posts to index, nothing left to judge"


def test_a_post_that_is_erased_while_it_is_judged_stays_erased(house: House) -> None:
    house.store("a quiet word", "the lantern works")
    awake = house.judge.assess

    def sleep(texts: Sequence[Text]) -> list[Assessment]:
        with house.record.write() as tx:
            (quiet,) = [p for p in tx.thread(SOURCE, "t1") if p.post.text == "a quiet word"]
            tx.erase_posts([quiet.post.revision_id], house.clock.now())
        return awake(texts)

    house.judge.assess = sleep  # type: ignore[method-assign]
    assert run(house) == 2
    with house.record.read() as tx:
        assert [p.post.text for p in tx.thread(SOURCE, "t1")] == ["the lantern works"]
        assert tx.pending()[WorkKind.ASSESS] == 0


def test_one_post_the_model_chokes_on_stops_no_other_and_is_set_aside_at_the_third_failure(house: House) -> None:
    house.store("poison", "the lantern works", "a quiet word")
    for _ in range(3):
        assert run(house) > 0
        house.clock.go(minutes=2)
    assert run(house) == 0
    with house.record.read() as tx:
        (aside,) = tx.set_aside(10)
        assert len(tx.alerts(Status, 10)) == 1
    assert aside.kind is WorkKind.ASSESS
    assert aside.reason == "the model failed with RuntimeError"
    assert "poison" not in aside.reason


def test_only_endpoints_that_opted_in_are_told_of_unreviewed_alerts(house: House) -> None:
    house.endpoint(machine_events=False)
    house.store("lantern one")
    run(house)
    with house.record.read() as tx:
        assert tx.deliveries() == []
    house.endpoint(machine_events=True)
    house.store("lantern two", thread="t2")
    run(house)
    with house.record.read() as tx:
        (delivery,) = tx.deliveries()
    data = delivery.payload["data"]
    assert isinstance(data, dict)
    assert data["machine_only"] is True
    assert "lantern" not in str(delivery.payload)


class AgencyJudge(LanternJudge):
    """Which also marks the terms of a sealed list, as the classifier does."""

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        marked = zip(super().assess(texts), NORTH.spans([text.text for text in texts]), strict=True)
        return [replace(one, spans=(*one.spans, *more)) for one, more in marked]


NORTH = Sealed({"north": ["quorvex"]})


@pytest.mark.parametrize(("sealed_alerts", "alerts"), [(False, []), (True, [("t1", 1, "medium")])])
def test_a_sealed_term_alone_raises_an_alert_only_where_that_is_set(
    house: House, sealed_alerts: bool, alerts: list[tuple[str, int, str]]
) -> None:
    house.store("off to quorvex", "a quiet word")
    house.store("no such term", thread="t2")
    assert assess(house.record, AgencyJudge(), house.clock, "w1", "", sealed_alerts=sealed_alerts) == 3
    with house.record.read() as tx:
        assert [(a.thread_id, a.posts, a.severity) for a in tx.alerts(Status, 10)] == alerts


def test_posts_of_a_thread_without_an_alert_are_not_queued_for_the_index(house: House) -> None:
    house.store("a quiet word")
    run(house)
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.INDEX_POST] == 0
    house.store("the lantern works", "an answer", thread="t2")
    run(house)
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.INDEX_ALERT] == 1
        assert tx.pending()[WorkKind.INDEX_POST] == 2
