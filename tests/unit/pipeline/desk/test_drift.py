"""Drift by source: this week against the four before."""

from datetime import timedelta
from typing import Any

import pytest

from crawler.post import Post
from nlp.assessment import Assessment
from nlp.drift import LEAST
from pipeline.desk.drift import drift
from pipeline.errors import Refused
from tests.browser.seeding import NOW, World
from tests.contract.making import capture


def judged(world: World, weeks_ago: float, words: str, score: float, model: str = "m1", count: int = LEAST) -> None:
    """Posts first seen then, of which the model said so much, or a little more."""
    at = NOW - timedelta(weeks=weeks_ago)
    thread = f"t{weeks_ago}{model}"
    posts = [
        Post("quarry", thread, f"{thread}-{n}", "ann", f"{words} {n}", "http://q.example/", at) for n in range(count)
    ]
    with world.record.write() as tx:
        visited = capture(*posts, thread=thread, at=at)
        ids = tx.save_capture(visited, at)
        said = [Assessment(score + n / 10_000, False, {}, (), "en", False, model) for n in range(count)]
        tx.save_assessments(dict(zip(ids, said, strict=True)), at)


def test_a_week_of_other_scores_and_new_words_shows(world: World, people: Any) -> None:
    judged(world, 2, "has anyone found a way", 0.1)
    judged(world, 0.5, "quorvex zelmorin", 0.4)
    judged(world, 9, "long ago", 0.9)
    judged(world, 0.4, "of another model", 0.9, model="m0")
    [found] = drift(world.record, people.sten, "m1", NOW)
    assert (found.source_id, found.posts, found.posts_before) == ("quarry", LEAST, LEAST)
    assert found.scores is not None
    assert found.scores > 0.25
    assert (found.unknown, found.unknown_before) == (1, 0)


def test_a_steady_week_is_steady_and_a_first_week_is_undefined(world: World, people: Any) -> None:
    judged(world, 0.5, "has anyone found a way", 0.1)
    [first] = drift(world.record, people.sten, "m1", NOW)
    assert (first.scores, first.unknown, first.unknown_before) == (None, 0, None)
    judged(world, 2, "has anyone found a way", 0.1)
    [second] = drift(world.record, people.sten, "m1", NOW)
    assert second.scores == pytest.approx(0)


def test_drift_is_for_those_who_manage_models(world: World, people: Any) -> None:
    with pytest.raises(Refused):
        drift(world.record, people.ines, "m1", NOW)
    assert drift(world.record, people.adm, "m1", NOW) == []
