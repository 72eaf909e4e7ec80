"""Second opinions and samples: asked of the right people, given once, never seeing the first."""

from typing import Any

import pytest

from pipeline.desk import review
from pipeline.desk.labelling import SAMPLE, SECOND, Asked, asked, label
from pipeline.domain.alert import Alert, Status
from pipeline.domain.learning import Sample, agreed
from pipeline.errors import BadInput, Conflict, Refused
from pipeline.ports import StoredPost
from tests.browser.seeding import MODEL, NOW, URL, World


def decided(world: World, actor: Any, status: Status, reason: str) -> tuple[Alert, list[str]]:
    """The next alert, decided by this person, and its posts."""
    alert = review.next_alert(world.record, actor, NOW)
    assert alert is not None
    review.decide(world.record, actor, alert.id, alert.revision, status, reason, "", NOW, URL)
    with world.record.read() as tx:
        return alert, [post.post.revision_id for post in tx.alert_posts(alert.id)]


def sampled(world: World) -> str:
    """An unflagged post, drawn for people to label."""
    with world.record.write() as tx:
        [post] = tx.unsure(MODEL, 1)
        tx.save_samples([Sample(post.post.revision_id, MODEL, 0.4, NOW)])
    return post.post.revision_id


def waiting(world: World, actor: Any) -> list[tuple[str, str]]:
    return [(item.post.post.revision_id, item.why) for item in asked(world.record, actor, NOW, 100)]


def events(world: World, subject: str) -> list[tuple[str, str, Any]]:
    with world.record.read() as tx:
        return [(event.actor, event.action, event.details) for event in tx.audit_of(subject, 100)]


def test_a_decision_is_the_first_opinion_and_another_person_is_asked_for_the_second(world: World, people: Any) -> None:
    _, posts = decided(world, people.ines, Status.NOT_RELEVANT, "news")
    assert waiting(world, people.ines) == []
    assert sorted(waiting(world, people.okafor)) == sorted((post, SECOND) for post in posts)
    for post in posts:
        label(world.record, people.okafor, post, "news", NOW)
    assert waiting(world, people.okafor) == waiting(world, people.sten) == []
    with world.record.read() as tx:
        labels, _ = agreed(tx.opinions())
    assert {post: (labels[post].label, labels[post].reviewers) for post in posts} == dict.fromkeys(
        posts, (0, ("ines", "okafor"))
    )


def test_a_sample_needs_two_people_and_comes_after_what_was_begun(world: World, people: Any) -> None:
    sample = sampled(world)
    _, posts = decided(world, people.ines, Status.RELEVANT, "offers")
    assert waiting(world, people.ines) == [(sample, SAMPLE)]
    assert waiting(world, people.okafor)[-1] == (sample, SAMPLE)
    assert {why for _, why in waiting(world, people.okafor)[:-1]} == {SECOND}
    assert len(waiting(world, people.okafor)) == len(posts) + 1
    label(world.record, people.ines, sample, "opinion", NOW)
    assert waiting(world, people.ines) == []
    assert (sample, SECOND) in waiting(world, people.okafor)


def test_nobody_labels_what_they_are_not_asked_about(world: World, people: Any) -> None:
    """Else one pair of hands could choose what is taught, or be both people."""
    sample = sampled(world)
    _, posts = decided(world, people.ines, Status.NOT_RELEVANT, "news")
    with world.record.read() as tx:
        [unasked] = tx.unsure(MODEL, 1)
    refused = [(people.ines, posts[0]), (people.okafor, unasked.post.revision_id), (people.okafor, "nothing")]
    for actor, post in refused:
        with pytest.raises(Conflict, match="not asked"):
            label(world.record, actor, post, "news", NOW)
    label(world.record, people.okafor, sample, "seeks", NOW)
    with pytest.raises(Conflict, match="not asked"):
        label(world.record, people.okafor, sample, "news", NOW)
    label(world.record, people.sten, sample, "seeks", NOW)
    with pytest.raises(Conflict, match="two opinions"):
        label(world.record, people.ines, sample, "news", NOW)


def test_the_second_person_does_not_see_what_the_first_said(world: World, people: Any) -> None:
    decided(world, people.ines, Status.NOT_RELEVANT, "news")
    assert set(Asked.__slots__) == {"post", "why"}
    assert not {"reason", "reviewer", "label", "decided_by"} & set(StoredPost.__slots__)
    assert {why for _, why in waiting(world, people.okafor)} == {SECOND}


def test_reading_and_labelling_stand_in_the_log_without_words(world: World, people: Any) -> None:
    sample = sampled(world)
    asked(world.record, people.okafor, NOW, 5)
    label(world.record, people.okafor, sample, "seeks", NOW)
    assert events(world, "labels")[-1] == ("okafor", "label.read", {"posts": [sample]})
    assert events(world, sample)[-1] == ("okafor", "label.give", {"reason": "seeks"})


def test_only_reviewers_label_and_only_with_known_reasons(world: World, people: Any) -> None:
    sample = sampled(world)
    for actor in (people.vera, people.adm, people.audrey):
        with pytest.raises(Refused):
            asked(world.record, actor, NOW, 5)
        with pytest.raises(Refused):
            label(world.record, actor, sample, "seeks", NOW)
    for reason in ("danger", "provider", "unsure", ""):
        with pytest.raises(BadInput, match="one of offers"):
            label(world.record, people.ines, sample, reason, NOW)
