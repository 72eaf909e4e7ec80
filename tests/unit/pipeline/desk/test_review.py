"""One alert in one pair of hands; decided with a reason; handed over in the same commit."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline.desk import reading, review
from pipeline.domain.alert import Alert, Status
from pipeline.domain.delivery import Delivery, EventType
from pipeline.domain.work import WorkKind
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from tests.browser.seeding import ENDPOINTS, NOW, URL, WORLD, World


def decide(
    world: World, actor: Any, alert: Alert, status: Status = Status.RELEVANT, reason: str = "offers", note: str = ""
) -> Alert:
    return review.decide(world.record, actor, alert.id, alert.revision, status, reason, note, world.clock.now(), URL)


def told(world: World, alert: Alert) -> list[Delivery]:
    with world.record.read() as tx:
        return [d for d in tx.deliveries(alert_id=alert.id) if d.event is EventType.ALERT_STATUS_CHANGED]


def test_next_serves_the_gravest_alert_first_and_the_one_in_hand_before_all(world: World, people: Any) -> None:
    first = review.next_alert(world.record, people.ines, NOW)
    assert first is not None
    assert first.severity == "critical"
    assert (first.claimed_by, first.claimed_until) == ("ines", NOW + timedelta(minutes=15))
    assert first.status is Status.IN_REVIEW
    again = review.next_alert(world.record, people.ines, NOW + timedelta(minutes=1))
    assert again == first


def test_reviewers_at_work_together_never_get_the_same_alert(world: World, people: Any) -> None:
    def work(actor: Any) -> list[str]:
        seen = []
        while alert := review.next_alert(world.record, actor, NOW):
            seen.append(alert.id)
            decide(world, actor, alert, Status.NOT_RELEVANT, "opinion")
        return seen

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(work, [people.ines, people.okafor, people.sten]))
    everything = [alert_id for part in found for alert_id in part]
    assert len(everything) == len(set(everything)) == 7


def test_an_expired_lease_goes_to_the_next_reviewer(world: World, people: Any) -> None:
    mine = review.next_alert(world.record, people.ines, NOW)
    assert mine is not None
    while other := review.next_alert(world.record, people.okafor, NOW):
        assert other.id != mine.id
        decide(world, people.okafor, other, Status.NOT_RELEVANT, "news")
    late = NOW + timedelta(minutes=15)
    taken = review.next_alert(world.record, people.okafor, late)
    assert taken is not None
    assert taken.id == mine.id
    with pytest.raises(Conflict, match="okafor"):
        review.extend(world.record, people.ines, mine.id, late)


def test_extending_moves_the_end_of_the_lease(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    later = NOW + timedelta(minutes=10)
    assert review.extend(world.record, people.ines, alert.id, later).claimed_until == later + timedelta(minutes=15)


def test_opening_claims_one_free_alert_and_no_second_one(world: World, people: Any) -> None:
    with world.record.read() as tx:
        one, two, *_ = tx.alerts([Status.NEW], 10)
    assert reading.open_alert(world.record, people.ines, one.id, NOW).holder == "ines"
    assert reading.open_alert(world.record, people.ines, two.id, NOW).holder == ""
    assert reading.open_alert(world.record, people.vera, two.id, NOW).holder == ""
    assert reading.open_alert(world.record, people.okafor, one.id, NOW).holder == "ines"


def test_an_alert_given_back_is_free_and_new_again(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    back = review.give_back(world.record, people.ines, alert.id, "involved", NOW)
    assert (back.status, back.claimed_by, back.claimed_until) == (Status.NEW, "", None)
    other = review.next_alert(world.record, people.okafor, NOW)
    assert other is not None
    assert other.id == alert.id
    with pytest.raises(BadInput):
        review.give_back(world.record, people.okafor, alert.id, "bored", NOW)


def test_a_relevant_decision_is_owed_to_every_enabled_endpoint_in_the_same_commit(world: World, people: Any) -> None:
    with world.record.write() as tx:
        tx.save_endpoint(replace(ENDPOINTS[1], disabled=True))
        before = tx.pending()
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    after = decide(world, people.ines, alert, note="Seen before in another market.")
    deliveries = told(world, alert)
    with world.record.read() as tx:
        stored = tx.alert(alert.id)
        notes = tx.notes(alert.id)
        pending = tx.pending()
    assert stored == after
    assert (after.status, after.reason, after.decided_by, after.claimed_by) == (Status.RELEVANT, "offers", "ines", "")
    assert [d.endpoint_id for d in deliveries] == ["north-desk"]
    assert pending[WorkKind.DELIVER] == before.get(WorkKind.DELIVER, 0) + 1
    assert pending[WorkKind.INDEX_ALERT] == 1
    assert [note.text for note in notes] == ["Seen before in another market."]


def test_what_leaves_the_house_holds_no_word_of_a_post(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    decide(world, people.ines, alert)
    sent = json.dumps([delivery.payload for delivery in told(world, alert)])
    kept = json.dumps([post.text for thread in WORLD for post in thread.posts])
    planted = "never says no"
    assert planted in kept
    assert planted not in sent
    assert alert.title not in sent
    assert alert.id in sent


def test_what_is_not_relevant_stays_in_the_house(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    decide(world, people.ines, alert, Status.NOT_RELEVANT, "opinion")
    assert told(world, alert) == []


def test_a_decision_on_an_older_revision_changes_nothing(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    newer = review.extend(world.record, people.ines, alert.id, NOW)
    with pytest.raises(Conflict, match="changed after you opened it"):
        decide(world, people.ines, alert)
    with world.record.read() as tx:
        assert tx.alert(alert.id) == newer
    assert told(world, alert) == []
    assert decide(world, people.ines, newer).status is Status.RELEVANT


def test_a_decision_needs_one_of_its_own_reasons(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    with pytest.raises(BadInput, match="own reasons"):
        decide(world, people.ines, alert, Status.RELEVANT, "opinion")
    with pytest.raises(BadInput):
        decide(world, people.ines, alert, Status.NEW, "offers")


def test_nobody_decides_what_is_in_other_hands_or_decided(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    with pytest.raises(Conflict, match="in the hands of ines"):
        decide(world, people.okafor, alert)
    after = decide(world, people.ines, alert)
    with pytest.raises(Conflict, match="decided by ines"):
        decide(world, people.okafor, after)


def test_a_second_look_is_for_other_eyes(world: World, people: Any) -> None:
    first = review.next_alert(world.record, people.ines, NOW)
    assert first is not None
    decide(world, people.ines, first, Status.SECOND_LOOK, "unsure")
    while mine := review.next_alert(world.record, people.ines, NOW):
        assert mine.id != first.id
        decide(world, people.ines, mine, Status.NOT_RELEVANT, "news")
    other = review.next_alert(world.record, people.okafor, NOW)
    assert other is not None
    assert (other.id, other.status) == (first.id, Status.SECOND_LOOK)


def test_whoever_was_told_of_a_decision_is_told_when_it_is_taken_back(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    decide(world, people.ines, alert)
    with pytest.raises(Refused):
        review.reopen(world.record, people.ines, alert.id, "a mistake", NOW, URL)
    opened = review.reopen(world.record, people.sten, alert.id, "a mistake", NOW, URL)
    assert (opened.status, opened.decided_by, opened.reason) == (Status.NEW, "", "")
    decide(world, people.okafor, opened, Status.NOT_RELEVANT, "news")
    statuses = {d.payload["data"]["status"] for d in told(world, alert)}  # type: ignore[index]
    assert statuses == {"relevant", "new", "not_relevant"}


def test_only_reviewers_decide(world: World, people: Any) -> None:
    with world.record.read() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
    for nobody in (people.vera, people.adm, people.audrey, people.lindqvist):
        with pytest.raises(Refused, match="may not review alerts"):
            decide(world, nobody, alert)
    assert decide(world, people.sten, alert).status is Status.RELEVANT


def test_every_act_is_in_the_log_without_words(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    reading.open_alert(world.record, people.ines, alert.id, NOW)
    review.add_note(world.record, people.ines, alert.id, "nightjar", NOW)
    decide(world, people.ines, alert, note="owl")
    with world.record.read() as tx:
        events = tx.audit_of(alert.id, 100)
        notes = {note.text for note in tx.notes(alert.id)}
    assert [e.action for e in events] == ["alert.raise", "alert.claim", "alert.read", "alert.note", "alert.decide"]
    assert {e.actor for e in events} == {"line", "ines"}
    assert notes == {"nightjar", "owl"}
    assert "nightjar" not in repr(events)
    assert "owl" not in repr([e.details for e in events])


def test_a_note_needs_words_an_alert_and_a_sensible_length(world: World, people: Any) -> None:
    with world.record.read() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
    with pytest.raises(BadInput, match="needs words"):
        review.add_note(world.record, people.ines, alert.id, " \n", NOW)
    with pytest.raises(BadInput, match="at most"):
        review.add_note(world.record, people.ines, alert.id, "x" * 4_001, NOW)
    with pytest.raises(NotFound):
        review.add_note(world.record, people.ines, "no-such", "words", NOW)
