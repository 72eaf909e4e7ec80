"""What the queue and the alert page are made of."""

from typing import Any

import pytest

from pipeline.desk import reading, review
from pipeline.domain.alert import Severity, Status
from pipeline.errors import NotFound, Refused
from tests.browser.seeding import NOW, URL, World


def test_the_queue_counts_everything_open_and_shows_a_page_of_it(world: World, people: Any) -> None:
    review.next_alert(world.record, people.ines, NOW)
    shown = reading.queue(world.record, people.ines, NOW, limit=3)
    assert shown.total == 7
    assert shown.in_hand is not None
    assert shown.in_hand.alert.claimed_by == "ines"
    assert len(shown.rows) == 2
    assert shown.in_hand.alert.id not in {row.alert.id for row in shown.rows}
    ranks = [row.alert.severity.rank for row in reading.queue(world.record, people.okafor, NOW).rows]
    assert ranks == sorted(ranks, reverse=True)


def test_the_loudest_post_speaks_for_an_alert(world: World, people: Any) -> None:
    rows = {row.alert.thread_id: row for row in reading.queue(world.record, people.ines, NOW).rows}
    loudest = rows["77"].loudest
    assert loudest is not None
    assert loudest.post.author == "stallholder_9"
    assert rows["77"].source_name == "Gravel Market"


def test_an_alert_opens_with_its_whole_thread(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    case = reading.open_alert(world.record, people.ines, alert.id, NOW)
    assert len(case.thread) == 3
    assert len(case.flagged) == alert.posts == 2
    assert case.source is not None
    assert case.before is None


def test_reading_is_refused_to_those_who_only_configure_or_audit(world: World, people: Any) -> None:
    with world.record.read() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
    for nobody in (people.adm, people.audrey, people.lindqvist):
        with pytest.raises(Refused):
            reading.queue(world.record, nobody, NOW)
        with pytest.raises(Refused):
            reading.open_alert(world.record, nobody, alert.id, NOW)
    assert reading.open_alert(world.record, people.vera, alert.id, NOW).alert.id == alert.id
    with pytest.raises(NotFound):
        reading.open_alert(world.record, people.vera, "none", NOW)


def test_the_confirmed_share_counts_decisions_of_the_band(world: World, people: Any) -> None:
    assert reading.confirmed_shares(world.record, NOW).of(Severity.CRITICAL) == reading.Share(0, 0)
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    review.decide(world.record, people.ines, alert.id, alert.revision, Status.RELEVANT, "sells", "", NOW, URL)
    assert reading.confirmed_shares(world.record, NOW).of(alert.severity) == reading.Share(1, 1)
