"""Models: watched in shadow, promoted by another person than trained them, taken back by one command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.learning import Comparison, ModelRow, ModelState, compared, person
from pipeline.errors import Conflict, NotFound, Refused
from pipeline.ports import Learning, Record

_HELD_BACK = "Gates hold {model} back; see which: nightlight model show {model}"


def list_models(record: Record, actor: Actor) -> Sequence[ModelRow]:
    """Every model trained here, latest first. Raises: Refused."""
    require(actor, Permission.MANAGE_MODELS)
    with record.read() as tx:
        return tx.models()


def show_model(record: Record, actor: Actor, model_id: str) -> ModelRow:
    """One of them. Raises: Refused, NotFound."""
    require(actor, Permission.MANAGE_MODELS)
    with record.read() as tx:
        return _known(tx, model_id)


def begin_shadow(record: Record, actor: Actor, model_id: str, now: datetime) -> ModelRow:
    """Let a model that every gate let through judge new posts unseen; one that was in shadow before is out of it.

    Raises: Refused: a gate holds it back; NotFound; Conflict: it is in shadow or in force.
    """
    require(actor, Permission.MANAGE_MODELS)
    with record.write() as tx:
        row = _known(tx, model_id)
        if row.state in (ModelState.SHADOW, ModelState.CURRENT):
            raise Conflict(f"{model_id} is {row.state} already")
        if not row.passed:
            raise Refused(_HELD_BACK.format(model=model_id))
        if other := tx.model_in(ModelState.SHADOW):
            tx.save_model(replace(other, state=ModelState.CHALLENGER))
        after = replace(row, state=ModelState.SHADOW)
        tx.save_model(after)
        keep_event(tx, actor, "model.shadow", model_id, now, instead=other.id if other else "")
    return after


def end_shadow(record: Record, actor: Actor, now: datetime) -> ModelRow:
    """Take the model in shadow out of it. Raises: Refused, Conflict: none is."""
    require(actor, Permission.MANAGE_MODELS)
    with record.write() as tx:
        row = tx.model_in(ModelState.SHADOW)
        if row is None:
            raise Conflict("No model is in shadow; begin with: nightlight model shadow MODEL")
        after = replace(row, state=ModelState.CHALLENGER)
        tx.save_model(after)
        keep_event(tx, actor, "model.unshadow", row.id, now)
    return after


def compare(record: Record, actor: Actor, model_id: str) -> Comparison:
    """What the model would have done otherwise than the one in force, over the posts it judged in shadow.

    Raises: Refused, NotFound.
    """
    require(actor, Permission.MANAGE_MODELS)
    with record.read() as tx:
        _known(tx, model_id)
        return compared(tx.shadowed(model_id))


def promote(record: Record, actor: Actor, model_id: str, shipped: str, least: int, now: datetime) -> ModelRow:
    """Put a model in force; workers follow with their next batch.

    shipped: id of the model in force where none was promoted. least: posts it must have judged in shadow.
    Raises: Refused: it isn't in shadow, has seen too little there, or this person trained it; NotFound; Conflict: the
    gates judged it against another model than the one in force now.
    """
    require(actor, Permission.MANAGE_MODELS)
    with record.write() as tx:
        row = _known(tx, model_id)
        before = tx.model_in(ModelState.CURRENT)
        in_force = before.id if before else shipped
        seen = len(tx.shadowed(model_id))
        _may_be_promoted(row, actor, in_force, seen, least)
        if before:
            tx.save_model(replace(before, state=ModelState.RETIRED))
        for later in tx.models():
            if later.replaced == model_id:  # it was in force before: who goes back passes it once
                tx.save_model(replace(later, replaced=row.replaced))
        after = replace(
            row,
            state=ModelState.CURRENT,
            promoted_by=actor.name,
            promoted_at=now,
            replaced=before.id if before else "",
        )
        tx.save_model(after)
        keep_event(tx, actor, "model.promote", model_id, now, replaced=in_force, trained_by=row.trained_by, shadow=seen)
    return after


def roll_back(record: Record, actor: Actor, now: datetime) -> str:
    """Put the model before the current one in force again; returns its id, "" for the shipped one.

    One pair of hands is enough: what goes wrong must be stopped at once.
    Raises: Refused, Conflict: nothing to go back to.
    """
    require(actor, Permission.MANAGE_MODELS)
    with record.write() as tx:
        current = tx.model_in(ModelState.CURRENT)
        if current is None:
            raise Conflict("The shipped model is in force; there is none before it")
        tx.save_model(replace(current, state=ModelState.RETIRED))
        if current.replaced:
            tx.save_model(replace(_known(tx, current.replaced), state=ModelState.CURRENT))
        keep_event(tx, actor, "model.rollback", current.id, now, to=current.replaced)
    return current.replaced


def _may_be_promoted(row: ModelRow, actor: Actor, in_force: str, seen: int, least: int) -> None:
    if row.state is not ModelState.SHADOW:
        raise Refused(f"{row.id} is not in shadow; begin with: nightlight model shadow {row.id}")
    if not row.passed:
        raise Refused(_HELD_BACK.format(model=row.id))
    if person(actor.name) == person(row.trained_by):
        raise Refused(f"{person(row.trained_by)} trained {row.id}; another person has to promote it")
    if row.report["against"] != in_force:
        raise Conflict(f"{in_force} came into force meanwhile; judge it again: nightlight model admit {row.id}")
    if seen < least:
        raise Refused(f"{row.id} has judged {seen} of {least} posts in shadow; wait for more, or lower shadow_posts")


def _known(tx: Learning, model_id: str) -> ModelRow:
    row = tx.model(model_id)
    if row is None:
        raise NotFound(f"No model trained here is called {model_id}; see: nightlight model list")
    return row
