"""`nightlight assess`, `evaluate`, `train`, `lexicon`: the classifier by itself.

It is heavy to import, so only the commands that need it do.
"""

import json
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.frame import emit, home_of, read_file, say
from pipeline.cli.lines import read_texts
from pipeline.cli.progress import AssessProgress
from pipeline.errors import BadInput, Misconfigured
from pipeline.keys import instance_key

if TYPE_CHECKING:
    from nlp.assessment import Assessment
    from nlp.classifier import Classifier
    from nlp.evaluate import Demand, Judged

BATCH = 500

lexicon = typer.Typer(help="Term lists an agency brings.", no_args_is_help=True)

Model = Annotated[Path | None, typer.Option(help="Folder of a model artifact; the shipped model if left out.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("assess")(assess)
    app.command("evaluate")(evaluate)
    app.command("train")(train)
    app.add_typer(lexicon, name="lexicon")


def assess(
    context: typer.Context,
    model: Model = None,
    sealed: Annotated[Path | None, typer.Option(help="Sealed term list of an agency; its name is the file's.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="What opens the sealed list.")] = None,
    progress: Annotated[
        bool | None, typer.Option(help="Show how far it is, on stderr; on a terminal if left out.")
    ] = None,
) -> None:
    """Judge JSON lines {id, text, title?} from standard input; prints one JSON line for each as it goes."""
    classifier = _with_sealed(_classifier(context, model), sealed, key_file)
    lines = read_texts(sys.stdin)
    with AssessProgress(sys.stdin, progress) as shown:
        while batch := list(islice(lines, BATCH)):
            judged = classifier.assess([text for _, text in batch])
            for (key, _), assessment in zip(batch, judged, strict=True):
                emit(_row(key, assessment))
            shown.add(len(judged), sum(assessment.flagged for assessment in judged))


def _with_sealed(classifier: "Classifier", sealed: Path | None, key_file: Path | None) -> "Classifier":
    from nlp.sealed import open_files

    if sealed is None and key_file is None:
        return classifier
    if sealed is None or key_file is None:
        raise BadInput("--sealed and --key-file go together; name both")
    return classifier.with_sealed(open_files({sealed.stem: (sealed, key_file)}))


def _row(key: str, assessment: "Assessment") -> dict[str, object]:
    return {
        "id": key,
        "score": round(assessment.score, 6),
        "flagged": assessment.flagged,
        "kinds": {kind: round(p, 6) for kind, p in assessment.kinds.items()},
        "spans": [[span.start, span.end, span.reason] for span in assessment.spans],
        "language": assessment.language,
        "child_safety_context": assessment.child_safety_context,
        "model": assessment.model,
    }


def evaluate(
    context: typer.Context,
    data: Annotated[
        list[Path],
        typer.Argument(help="JSON lines {id, text, label, kind?, title?, language?, thread?, writer?, source?}."),
    ],
    model: Model = None,
    against: Annotated[Path | None, typer.Option(help="Folder of another model, to compare on the same texts.")] = None,
    base_rate: Annotated[
        float | None, typer.Option(help="Share of alerting posts where the model is to work, such as 0.005.")
    ] = None,
    volume: Annotated[float | None, typer.Option(help="Posts a day there.")] = None,
    capacity: Annotated[float | None, typer.Option(help="Alerts a day that can be looked at.")] = None,
    disguise: Annotated[bool, typer.Option("--disguise", help="Also with words written in disguise.")] = False,
    curves: Annotated[Path | None, typer.Option(help="Folder for pictures of the curves.")] = None,
) -> None:
    """Measure a model on labelled texts; prints figures with intervals as JSON, and a summary for people."""
    from nlp import evaluate as measuring
    from nlp.summary import sentences

    for file in data:
        read_file(file)
    demand, draw = _demand(base_rate, volume, capacity), _draw() if curves else None
    classifier, files = _classifier(context, model), measuring.read_files(data)
    judged = measuring.judge(files, classifier)
    found = measuring.figures(judged)
    if demand:
        found["demand"] = measuring.demanded(judged, demand)
    if disguise:
        found["disguise"] = measuring.disguised(judged, classifier)
    if against:
        found["comparison"] = measuring.compared(judged, measuring.judge(files, _classifier(context, against)))
    if draw and curves:
        found["curves"] = [str(file) for file in draw({"all texts": judged}, curves)]
    typer.echo(json.dumps(found, indent=2))
    for sentence in sentences(found):
        say(sentence)


def _demand(base_rate: float | None, volume: float | None, capacity: float | None) -> "Demand | None":
    from nlp.evaluate import Demand

    if base_rate is None:
        if volume is not None or capacity is not None:
            raise BadInput(
                "--volume and --capacity say something only with --base-rate; add the share of alerting posts"
            )
        return None
    if not 0 < base_rate < 1:
        raise BadInput("--base-rate is a share, such as 0.005; name one above 0 and below 1")
    if capacity is not None and volume is None:
        raise BadInput("--capacity is of the posts a day; add how many with --volume")
    if not all(many is None or many > 0 for many in (volume, capacity)):
        raise BadInput("--volume and --capacity are numbers a day above 0; correct them")
    return Demand(base_rate, volume, capacity)


def _draw() -> "Callable[[Mapping[str, Judged], Path], list[Path]]":
    try:
        from nlp.curves import draw
    except ImportError as error:
        raise Misconfigured("--curves needs the extra `curves`: pip install 'nightlight[curves]'") from error
    return draw


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
    from nlp.sealed import seal_file

    read_file(file)
    say(f"Sealed into {seal_file(file, key_file)}; delete {file} when you have checked it.")


def _classifier(context: typer.Context, model: Path | None) -> "Classifier":
    """The shipped model, or a local one whose signature the instance key proves."""
    from nlp.classifier import Classifier

    if model is None:
        return Classifier.load()
    return Classifier.load(model, public_key=instance_key(home_of(context)).public_key())
