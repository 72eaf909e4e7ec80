"""`nightlight assess`, `evaluate`, `train`, `lexicon`: the classifier by itself.

It is heavy to import, so only the commands that need it do.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlp.assessment import Text
from nlp.lexicon import seal_file
from pipeline.cli.frame import emit, home_of, read_file, say
from pipeline.cli.lines import read_texts
from pipeline.keys import instance_key

if TYPE_CHECKING:
    from nlp.classifier import Classifier

BATCH = 500

lexicon = typer.Typer(help="Term lists an agency brings.", no_args_is_help=True)

Model = Annotated[Path | None, typer.Option(help="Folder of a model artifact; the shipped model if left out.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("assess")(assess)
    app.command("evaluate")(evaluate)
    app.command("train")(train)
    app.add_typer(lexicon, name="lexicon")


def assess(context: typer.Context, model: Model = None) -> None:
    """Judge JSON lines {id, text, title?} from standard input; prints one JSON line for each."""
    classifier = _classifier(context, model)
    batch: list[tuple[str, Text]] = []
    for item in read_texts(sys.stdin):
        batch.append(item)
        if len(batch) == BATCH:
            _print(classifier, batch)
            batch = []
    _print(classifier, batch)


def _print(classifier: "Classifier", batch: list[tuple[str, Text]]) -> None:
    if not batch:
        return
    for (key, _), a in zip(batch, classifier.assess([text for _, text in batch]), strict=True):
        row = {
            "id": key,
            "score": round(a.score, 6),
            "flagged": a.flagged,
            "kinds": {kind: round(p, 6) for kind, p in a.kinds.items()},
            "spans": [[s.start, s.end, s.reason] for s in a.spans],
            "language": a.language,
            "child_safety_context": a.child_safety_context,
            "model": a.model,
        }
        emit(row)


def evaluate(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(help="JSON lines {id, text, label, kind}.")],
    model: Model = None,
) -> None:
    """Measure a model on labelled texts; prints metrics with intervals as JSON."""
    from nlp.evaluate import evaluate_file

    read_file(data)
    typer.echo(json.dumps(evaluate_file(data, _classifier(context, model)), indent=2))


def train(
    context: typer.Context,
    add: Annotated[Path | None, typer.Option(help="More labelled JSON lines {id, text, label, kind}.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and data give the same bytes.")] = 7,
    into: Annotated[
        Path | None, typer.Option(help="Folder to write to; models/ in the home folder if left out.")
    ] = None,
    shipped: Annotated[bool, typer.Option("--ship", help="Train the model the package ships (developers).")] = False,
) -> None:
    """Train a model from the corpus; writes the artifact and its card."""
    from nlp.train import ship, train_to

    if add:
        read_file(add)
    if shipped:
        manifest = ship(seed)
    else:
        home = home_of(context)
        manifest = train_to(into or home / "models", extra=add, seed=seed, key=instance_key(home))
    say(f"Model {manifest.model_id} is trained.")
    typer.echo(manifest.model_id)


@lexicon.command("seal")
def seal(
    file: Annotated[Path, typer.Argument(help="Plain terms, one a line.")],
    key_file: Annotated[Path, typer.Option(help="Key file; made if it doesn't exist. Keep it apart from the list.")],
) -> None:
    """Encrypt a term list so that its words stand nowhere in plain; the sealed list goes beside the file."""
    read_file(file)
    say(f"Sealed into {seal_file(file, key_file)}; delete {file} when you have checked it.")


def _classifier(context: typer.Context, model: Path | None) -> "Classifier":
    """The shipped model, or a local one whose signature the instance key proves."""
    from nlp.classifier import Classifier

    if model is None:
        return Classifier.load()
    return Classifier.load(model, public_key=instance_key(home_of(context)).public_key())
