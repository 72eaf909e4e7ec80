"""The figures of a model for people, as Markdown: `python -m nlp.card` prints those of the shipped model."""

from typing import Any

from nlp import artifact, shipped
from nlp.artifact import Manifest
from nlp.classifier import MODELS


def card(manifest: Manifest) -> str:
    """Tables of every measured set and of every kind."""
    parts = [
        f"Model `{manifest.model_id}`, taxonomy {manifest.taxonomy}, seed {manifest.seed}. "
        f"Flagged from a probability of {manifest.threshold:.3f}.",
        _table(
            (
                "set",
                "texts",
                "alerting",
                "PR-AUC",
                "ROC-AUC",
                "precision",
                "recall",
                "false-positive rate",
                "recall at FPR 0.1",
                "ECE",
            ),
            [_measured(name, found) for name, found in sorted(manifest.metrics["sets"].items())],
        ),
        _table(
            ("kind", "texts of it", "PR-AUC", "ROC-AUC"),
            [
                (f"`{kind}`", str(found["positives"]), _share(found, "pr_auc"), _share(found, "roc_auc"))
                for kind, found in sorted(manifest.metrics["kinds"].items())
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _measured(name: str, found: dict[str, Any]) -> tuple[str, ...]:
    shares = (_share(found, figure) for figure in ("pr_auc", "roc_auc", "precision", "recall", "fpr"))
    return (
        name,
        str(found["n"]),
        str(found["positives"]),
        *shares,
        _number(found["recall_at_10_percent_fpr"]),
        _number(found["ece"]),
    )


def _share(found: dict[str, Any], name: str) -> str:
    if found[name] is None:
        return "–"
    low, high = found[f"{name}_95"]
    return f"{_number(found[name])} ({_number(low)}–{_number(high)})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the card of the shipped model."""
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    print(card(manifest), end="")  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
