"""The figures of a model for people, as Markdown.

`python -m nlp.card` puts those of the shipped model into docs/model-card.md. With `--dev FOLDER` it also measures the
model on the labelled files there (JSON lines, see `nlp.rows`) and on the corpus' unseen writers, and draws the curves.
"""

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlp import artifact, shipped
from nlp.artifact import Manifest
from nlp.classifier import MODELS, Classifier
from nlp.corpus.dataset import load
from nlp.evaluate import Demand, demanded, disguised, figures, judge, read_files
from nlp.rows import LabelledRow
from nlp.summary import demand_sentences, number, weak_spots, with_interval

PAGE = Path(__file__).parents[1] / "docs/model-card.md"
TRAINED, MEASURED = "python -m nlp.card", "python -m nlp.card --dev FOLDER"
# An example of a place to work in: one post in 200 alerts, and two people look at 25 alerts a day each.
EXAMPLE = Demand(base_rate=0.005, volume=10_000, capacity=50)

_FIGURES = {
    "PR-AUC": "pr_auc",
    "ROC-AUC": "roc_auc",
    "precision": "precision",
    "recall": "recall",
    "false-positive rate": "fpr",
}
_SLICED = ("language", "length", "bypass")
_FORMS = ("known", "unseen")
_SETS = ("texts", "alerting", *_FIGURES, "recall at FPR 0.01", "recall at FPR 0.1", "ECE")


def card(manifest: Manifest) -> str:
    """Tables of every set measured at training, and of every kind."""
    kinds = [
        (f"`{kind}`", str(found["positives"]), with_interval(found, "pr_auc"), with_interval(found, "roc_auc"))
        for kind, found in sorted(manifest.metrics["kinds"].items())
    ]
    parts = (
        f"Model `{manifest.model_id}`, taxonomy {manifest.taxonomy}, seed {manifest.seed}. "
        f"Flagged from a probability of {number(manifest.threshold)}.",
        _sets("set", sorted(manifest.metrics["sets"].items())),
        _table(("kind", "texts of it", "PR-AUC", "ROC-AUC"), kinds),
    )
    return "\n\n".join(parts) + "\n"


def measured(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of `nlp.evaluate.figures`, by the name of the set; the first set is also told of in slices."""
    name, first = next(iter(found.items()))
    disguised = {name: one["disguise"] for name, one in found.items() if "disguise" in one}
    parts = [
        f"Model `{first['model']}`. Flagged from a probability of {number(first['threshold'])}.",
        _sets("set", [*found.items(), *first["by_file"].items()]),
        " ".join(demand_sentences(first["demand"])),
        f"Slices of {name}, and what share of each kind is flagged:",
        _slices(first),
        _kinds(first["by_kind"]),
        "Share of recall lost where the words for bypass, safeguard and evasion are written in disguise:",
        _disguises(disguised),
        _languages(disguised),
        *(f"Weak spots on {name}:\n\n{_listed(weak_spots(found[name]))}" for name in disguised),
    ]
    return "\n\n".join(parts) + "\n"


def unseen_rows() -> list[LabelledRow]:
    """Test rows of the corpus by writers of whom nothing was trained on."""
    examples = load()
    known = {example.author for example in examples if example.split != "test"}
    return [
        LabelledRow(
            id=example.id,
            text=example.text,
            title=example.title,
            label=example.label,
            kind=" and ".join(example.intents) or "none",
            language=example.language,
            writer=example.author,
        )
        for example in examples
        if example.author not in known
    ]


def put(command: str, words: str, page: Path = PAGE) -> None:
    """Replace what this command wrote into the page before. Raises: ValueError when the page has no place for it."""
    place = re.compile(f"(<!-- table: {re.escape(command)} -->\n).*?(<!-- end -->\n)", re.DOTALL)
    text, count = place.subn(lambda marks: marks[1] + words + marks[2], page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page.name} needs one place for what `{command}` writes; see the marks of the other")
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """Write the card of the shipped model."""
    parser = argparse.ArgumentParser(prog=TRAINED, description="Write docs/model-card.md.")
    parser.add_argument(
        "--dev", type=Path, metavar="FOLDER", help="labelled files to measure on, and to draw curves of"
    )
    folder = parser.parse_args().dev
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    put(TRAINED, card(manifest))
    if folder:
        put(MEASURED, _measure(folder))


def _measure(folder: Path) -> str:
    from nlp.curves import draw

    classifier, files = Classifier.load(), read_files(sorted(folder.glob("*.jsonl")))
    mixed = {name: rows for name, rows in files.items() if len({row.label for row in rows}) > 1}
    whole, both, unseen = (judge(some, classifier) for some in (files, mixed, {"corpus": unseen_rows()}))
    names = "all files", "files of both labels", "unseen writers of the corpus"
    draw(dict(zip(names, (whole, both, unseen), strict=True)), PAGE.parent / "images")
    found = dict(zip(names, (figures(judged) for judged in (whole, both, unseen)), strict=True))
    found[names[0]]["demand"] = demanded(whole, EXAMPLE)
    for name, judged in ((names[0], whole), (names[2], unseen)):
        found[name]["disguise"] = disguised(judged, classifier)
    return measured(found)


def _sets(what: str, sets: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    return _table((what, *_SETS), [_set(name, found) for name, found in sets])


def _set(name: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        str(found["n"]),
        str(found["positives"]),
        *(with_interval(found, key) for key in _FIGURES.values()),
        *(number(found[key]) for key in ("recall_at_1_percent_fpr", "recall_at_10_percent_fpr", "ece")),
    )


def _kinds(kinds: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (f"`{kind}`", str(one["n"]), str(one["positives"]), with_interval(one, "flagged"))
        for kind, one in kinds.items()
    ]
    return _table(("kind", "texts", "alerting", "flagged"), rows)


def _slices(found: Mapping[str, Any]) -> str:
    slices = ((f"{what} {name}", one) for what in _SLICED for name, one in found[f"by_{what}"].items())
    rows = [
        (name, str(one["n"]), str(one["positives"]), *(with_interval(one, key) for key in ("pr_auc", "recall", "fpr")))
        for name, one in slices
    ]
    return _table(("slice", "texts", "alerting", "PR-AUC", "recall", "false-positive rate"), rows)


def _disguises(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The losses of each set, one column each: of known and of unseen forms, and of each form."""
    losses = [{**{f"{name} forms": one[name] for name in _FORMS}, **one["forms"]} for one in found.values()]
    rows = [(form, *(with_interval(loss[form], "lost") for loss in losses)) for form in losses[0]]
    return _table(("disguise", *found), rows)


def _languages(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The losses of each set in each language, of known and of unseen forms."""
    columns = [(one["by_language"], f"{name}, {form} forms", form) for name, one in found.items() for form in _FORMS]
    rows = [
        (
            language,
            *(with_interval(of[language][form], "lost") if language in of else "no texts" for of, _, form in columns),
        )
        for language in sorted({language for of, _, _ in columns for language in of})
    ]
    return _table(("language", *(name for _, name, _ in columns)), rows)


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
