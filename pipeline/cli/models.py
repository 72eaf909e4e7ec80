"""`nightlight model`: labels, challengers, shadow, promotion, drift."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nlp.shipped import MODEL_ID
from pipeline.cli.frame import AsJson, acting, emit, opened, say, show
from pipeline.compose import App
from pipeline.desk import labelling, training
from pipeline.desk import models as desk
from pipeline.desk.drift import drift
from pipeline.domain.accounts import Actor
from pipeline.domain.learning import ModelRow
from pipeline.errors import BadInput

if TYPE_CHECKING:
    from nlp.labels import Policy
    from nlp.train import Row

model = typer.Typer(help="Models that learn from what people say of posts.", no_args_is_help=True)

As = Annotated[
    str, typer.Option("--as", help="Account that does it, with its password; your login at this machine if left out.")
]
Id = Annotated[str, typer.Argument(help="As `nightlight model list` shows it.")]
EXCERPT = 160


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(model, name="model")


@model.command("samples")
def samples(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many posts to show.")] = 10,
    name: As = "",
    as_json: AsJson = False,
) -> None:
    """Show posts that need your label: those another person labelled, then those the model is unsure of."""
    with opened(context) as app, acting(app, name) as actor:
        found = labelling.asked(app.record, actor, app.clock.now(), limit)
    rows = [
        {
            "post": item.post.post.revision_id,
            "why": item.why,
            "thread": item.post.thread_title,
            "text": item.post.post.text if as_json else item.post.post.text[:EXCERPT],
        }
        for item in found
    ]
    show(rows, as_json, "No post waits for your label.")


@model.command("label")
def label(
    context: typer.Context,
    post: Annotated[str, typer.Argument(help="As `nightlight model samples` shows it.")],
    reason: Annotated[str, typer.Argument(help="What the post is, in the codes of decisions: offers, opinion …")],
    name: As = "",
) -> None:
    """Say what a post is; it teaches the next model once a second person says the same."""
    with opened(context) as app, acting(app, name) as actor:
        labelling.label(app.record, actor, post, reason, app.clock.now())
    say(f"Kept: {reason}.")


@model.command("dataset")
def dataset(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write JSON lines; only you can read the file.")],
    golden: Annotated[bool, typer.Option("--golden", help="Those that only measure, never to be trained on.")] = False,
    name: As = "",
) -> None:
    """Write the labels that count to a file, for `nightlight train --add`, golden ones for `nightlight evaluate`."""
    if file.exists():
        raise BadInput(f"{file} exists already; name a new file")
    with opened(context) as app, acting(app, name) as actor:
        rows = training.export(app.record, actor, _policy(app), _corpus(), app.clock.now(), golden=golden)
    file.touch(mode=0o600)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    say(f"{len(rows)} labels written to {file}; erase it when you are done, retention doesn't reach it.")


@model.command("train")
def train(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="The same seed and labels give the same bytes.")] = 7,
    name: As = "",
) -> None:
    """Train a challenger on the corpus and the labels, judge it against the model in force; exits 3 if held back."""
    with opened(context) as app, acting(app, name) as actor:
        old = app.judges.measured()
        row = training.train(
            app.record, actor, old, app.models, app.key, _policy(app), _corpus(), app.clock.now(), seed
        )
    _tell(row)


@model.command("admit")
def admit(context: typer.Context, model_id: Id, name: As = "") -> None:
    """Judge a model below models/ (`nightlight train` made it, or it is a challenger) against the one in force."""
    with opened(context) as app, acting(app, name) as actor:
        old, new = app.judges.measured(), app.judges.load(model_id)
        row = training.admit(app.record, actor, old, new, _policy(app), _corpus(), app.clock.now())
    _tell(row)


@model.command("list")
def list_(context: typer.Context, name: As = "", as_json: AsJson = False) -> None:
    """Show every model trained here; without a current one, the shipped one is in force."""
    with opened(context) as app, acting(app, name) as actor:
        found = desk.list_models(app.record, actor)
    rows = [
        {
            "model": row.id,
            "state": row.state,
            "gates": "passed" if row.passed else "held back",
            "trained by": row.trained_by,
            "trained": row.trained_at,
            "promoted by": row.promoted_by,
            "promoted": row.promoted_at,
        }
        for row in found
    ]
    show(rows, as_json, "No model was trained here; the shipped one is in force.")


@model.command("show")
def show_(context: typer.Context, model_id: Id, name: As = "") -> None:
    """Print what a model was trained on and how it did at each gate, as JSON."""
    with opened(context) as app, acting(app, name) as actor:
        row = desk.show_model(app.record, actor, model_id)
    emit(_as_json(row))


@model.command("shadow")
def shadow(
    context: typer.Context,
    model_id: Annotated[str, typer.Argument(help="Model to begin with.")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Take the model in shadow out of it.")] = False,
    name: As = "",
) -> None:
    """Let a challenger judge new posts unseen, beside the model in force."""
    if bool(model_id) == stop:
        raise BadInput("Name a model, or say --stop")
    with opened(context) as app, acting(app, name) as actor:
        if model_id:
            _check_loads(app, actor, model_id)
        now = app.clock.now()
        row = desk.end_shadow(app.record, actor, now) if stop else desk.begin_shadow(app.record, actor, model_id, now)
    say(f"{row.id} is {'out of the' if stop else 'in'} shadow.")


@model.command("compare")
def compare(context: typer.Context, model_id: Id, name: As = "") -> None:
    """Print what a model in shadow would have flagged otherwise, as JSON."""
    with opened(context) as app, acting(app, name) as actor:
        found = desk.compare(app.record, actor, model_id)
    emit(
        {
            "posts": found.posts,
            "agree": found.agree,
            "only_new_flagged": found.only_new,
            "only_old_flagged": found.only_old,
            "mean_score_shift": found.shift,
        }
    )


@model.command("promote")
def promote(context: typer.Context, model_id: Id, name: As = "") -> None:
    """Put a model from shadow in force; somebody else must have trained it."""
    with opened(context) as app, acting(app, name) as actor:
        _check_loads(app, actor, model_id)
        desk.promote(app.record, actor, model_id, MODEL_ID, app.settings.shadow_posts, app.clock.now())
    say(f"{model_id} is in force; to go back: nightlight model rollback")


@model.command("rollback")
def rollback(context: typer.Context, name: As = "") -> None:
    """Put the model before the current one in force again."""
    with opened(context) as app, acting(app, name) as actor:
        back = desk.roll_back(app.record, actor, app.clock.now())
    say(f"{back or 'The shipped model'} is in force again.")


@model.command("drift")
def drift_(context: typer.Context, name: As = "", as_json: AsJson = False) -> None:
    """Show how far the last week's scores and words are from those of the four weeks before, by source."""
    with opened(context) as app, acting(app, name) as actor:
        found = drift(app.record, actor, app.judges.in_force().model_id, app.clock.now())
    rows = [
        {
            "source": row.source_id,
            "posts": row.posts,
            "posts before": row.posts_before,
            "score drift": _rounded(row.scores),
            "unknown words": _rounded(row.unknown),
            "unknown before": _rounded(row.unknown_before),
        }
        for row in found
    ]
    show(rows, as_json, "No post was judged in the last five weeks.")


def _check_loads(app: App, actor: Actor, model_id: str) -> None:
    """A model that can't be used would only be noticed in the log of the workers."""
    app.judges.load(desk.show_model(app.record, actor, model_id).id)


def _policy(app: App) -> "Policy":
    from nlp.labels import Policy

    settings = app.settings
    return Policy(settings.labels_per_author, settings.labels_per_source, settings.labels_per_reviewer, app.golden_salt)


def _corpus() -> "Sequence[Row]":
    from nlp.train import corpus_rows

    return list(corpus_rows())


def _tell(row: ModelRow) -> None:
    """What the gates said; exit code 3 when one holds the model back."""
    failed = row.report["failed"]
    for sentence in failed if isinstance(failed, list) else ():
        say(sentence)
    emit(_as_json(row))
    if not row.passed:
        say(f"{row.id} is held back.")
        raise typer.Exit(3)
    say(f"{row.id} may go into shadow: nightlight model shadow {row.id}")


def _as_json(row: ModelRow) -> dict[str, Any]:
    return {"model": row.id, "state": row.state, "passed": row.passed, "trained_by": row.trained_by, **row.report}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
