"""From challenger to current and back: gates, shadow, another person, and an event for each."""

from dataclasses import replace
from typing import Any

import pytest

from nlp.assessment import Assessment
from pipeline.desk.models import (
    begin_shadow,
    compare,
    end_shadow,
    list_models,
    promote,
    roll_back,
    show_model,
)
from pipeline.domain.accounts import operator
from pipeline.domain.learning import ModelRow, ModelState
from pipeline.errors import Conflict, NotFound, Refused
from tests.browser.seeding import MODEL, NOW, World

SHIPPED = MODEL
"""What is in force where none was promoted; the challengers were judged against it."""


@pytest.fixture
def trained(world: World) -> str:
    """A challenger that ines trained and gates let through."""
    return keep(world, "m2")


def keep(world: World, model_id: str, **changes: Any) -> str:
    row = ModelRow(model_id, ModelState.CHALLENGER, True, {"against": SHIPPED, "failed": []}, "ines", NOW)
    with world.record.write() as tx:
        tx.save_model(replace(row, **changes))
    return model_id


def shadowed(world: World, model_id: str, count: int = 3) -> None:
    """Let it judge the first posts: 0.9 and flagged for each."""
    with world.record.write() as tx:
        said = Assessment(0.9, True, {}, (), "en", False, model_id)
        tx.save_shadow({post.post.revision_id: said for post in tx.all_posts(0, count)}, NOW)


def state(world: World, model_id: str) -> ModelState:
    with world.record.read() as tx:
        row = tx.model(model_id)
    assert row
    return row.state


def last_event(world: World, subject: str) -> tuple[str, str]:
    with world.record.read() as tx:
        event = tx.audit_of(subject, 1)[0]
    return event.actor, event.action


def in_force(world: World, model_id: str, by: Any) -> ModelRow:
    """Through shadow into force."""
    begin_shadow(world.record, by, model_id, NOW)
    shadowed(world, model_id)
    return promote(world.record, by, model_id, SHIPPED, 3, NOW)


def test_a_model_goes_through_shadow_into_force_and_back(world: World, people: Any, trained: str) -> None:
    assert begin_shadow(world.record, people.sten, trained, NOW).state is ModelState.SHADOW
    assert last_event(world, trained) == ("sten", "model.shadow")
    shadowed(world, trained)
    row = promote(world.record, people.sten, trained, SHIPPED, 3, NOW)
    assert (row.state, row.promoted_by, row.promoted_at, row.replaced) == (ModelState.CURRENT, "sten", NOW, "")
    assert show_model(world.record, people.sten, trained) == row
    assert last_event(world, trained) == ("sten", "model.promote")
    assert roll_back(world.record, people.adm, NOW) == ""
    assert state(world, trained) is ModelState.RETIRED
    assert last_event(world, trained) == ("adm", "model.rollback")


def test_each_rollback_goes_one_model_further_back_and_never_forth(world: World, people: Any, trained: str) -> None:
    in_force(world, trained, people.sten)
    in_force(world, keep(world, "m3", report={"against": trained}), people.sten)
    assert (state(world, "m2"), state(world, "m3")) == (ModelState.RETIRED, ModelState.CURRENT)
    assert roll_back(world.record, people.sten, NOW) == "m2"
    assert (state(world, "m2"), state(world, "m3")) == (ModelState.CURRENT, ModelState.RETIRED)
    assert roll_back(world.record, people.sten, NOW) == ""
    with pytest.raises(Conflict, match="none before it"):
        roll_back(world.record, people.sten, NOW)


def test_who_goes_back_from_a_model_that_came_into_force_twice_reaches_the_shipped_one(
    world: World, people: Any, trained: str
) -> None:
    in_force(world, trained, people.sten)
    in_force(world, keep(world, "m3", report={"against": trained}), people.sten)
    with world.record.write() as tx:
        again = tx.model(trained)
        assert again
        tx.save_model(replace(again, report={"against": "m3"}))
    in_force(world, trained, people.sten)
    assert [roll_back(world.record, people.sten, NOW) for _ in range(2)] == ["m3", ""]
    assert (state(world, trained), state(world, "m3")) == (ModelState.RETIRED, ModelState.RETIRED)


@pytest.mark.parametrize("trainer", ["sten", "cli:sten"])
def test_who_trained_a_model_cannot_promote_it(world: World, people: Any, trainer: str) -> None:
    own = keep(world, "own", trained_by=trainer)
    begin_shadow(world.record, people.sten, own, NOW)
    shadowed(world, own)
    for actor in (people.sten, operator("sten")):
        with pytest.raises(Refused, match="another person has to promote it"):
            promote(world.record, actor, own, SHIPPED, 3, NOW)
    assert promote(world.record, people.adm, own, SHIPPED, 3, NOW).state is ModelState.CURRENT


def test_a_model_that_a_gate_holds_back_gets_nowhere(world: World, people: Any) -> None:
    bad = keep(world, "bad", passed=False)
    with pytest.raises(Refused, match="nightlight model show bad"):
        begin_shadow(world.record, people.sten, bad, NOW)
    keep(world, "bad", passed=False, state=ModelState.SHADOW)
    shadowed(world, bad)
    with pytest.raises(Refused, match="Gates hold bad back"):
        promote(world.record, people.sten, bad, SHIPPED, 3, NOW)


def test_no_model_is_promoted_past_the_shadow(world: World, people: Any, trained: str) -> None:
    shadowed(world, trained)
    with pytest.raises(Refused, match="not in shadow"):
        promote(world.record, people.sten, trained, SHIPPED, 0, NOW)
    begin_shadow(world.record, people.sten, trained, NOW)
    with pytest.raises(Refused, match="judged 3 of 4 posts"):
        promote(world.record, people.sten, trained, SHIPPED, 4, NOW)
    assert state(world, trained) is ModelState.SHADOW


def test_a_model_that_was_judged_against_another_is_judged_again_first(world: World, people: Any, trained: str) -> None:
    begin_shadow(world.record, people.sten, trained, NOW)
    shadowed(world, trained)
    keep(world, "newer", state=ModelState.CURRENT)
    with pytest.raises(Conflict, match="newer came into force meanwhile"):
        promote(world.record, people.sten, trained, SHIPPED, 3, NOW)
    roll_back(world.record, people.sten, NOW)
    assert promote(world.record, people.sten, trained, SHIPPED, 3, NOW).state is ModelState.CURRENT


def test_one_model_at_a_time_is_in_shadow(world: World, people: Any, trained: str) -> None:
    other = keep(world, "m3")
    begin_shadow(world.record, people.sten, trained, NOW)
    begin_shadow(world.record, people.sten, other, NOW)
    assert (state(world, trained), state(world, other)) == (ModelState.CHALLENGER, ModelState.SHADOW)
    with pytest.raises(Conflict, match="shadow already"):
        begin_shadow(world.record, people.sten, other, NOW)
    assert end_shadow(world.record, people.sten, NOW).id == other
    assert last_event(world, other) == ("sten", "model.unshadow")
    with pytest.raises(Conflict, match="No model is in shadow"):
        end_shadow(world.record, people.sten, NOW)


def test_a_comparison_says_what_would_have_been_flagged_otherwise(world: World, people: Any, trained: str) -> None:
    with world.record.read() as tx:
        posts = tx.all_posts(0, 6)
    flagged = sum(bool(post.assessment and post.assessment.flagged) for post in posts)
    assert 0 < flagged < 6
    shadowed(world, trained, 6)
    found = compare(world.record, people.sten, trained)
    assert (found.posts, found.agree, found.only_new, found.only_old) == (6, flagged, 6 - flagged, 0)


def test_models_are_for_supervisors_and_administrators(world: World, people: Any, trained: str) -> None:
    acts: list[Any] = [
        lambda actor: list_models(world.record, actor),
        lambda actor: show_model(world.record, actor, trained),
        lambda actor: begin_shadow(world.record, actor, trained, NOW),
        lambda actor: end_shadow(world.record, actor, NOW),
        lambda actor: compare(world.record, actor, trained),
        lambda actor: promote(world.record, actor, trained, SHIPPED, 0, NOW),
        lambda actor: roll_back(world.record, actor, NOW),
    ]
    for act in acts:
        for actor in (people.ines, people.vera, people.lindqvist, people.audrey):
            with pytest.raises(Refused, match="may not train and promote models"):
                act(actor)
    for actor in (people.sten, people.adm):
        assert [row.id for row in list_models(world.record, actor)] == [trained]
        with pytest.raises(NotFound, match="nightlight model list"):
            show_model(world.record, actor, "unknown")
