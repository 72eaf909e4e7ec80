"""Counts of the corpus as Markdown, for its data card: `python -m nlp.corpus.card` prints them."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from nlp.corpus.dataset import Example, load
from nlp.taxonomy import CONTEXTS, INTENTS, METHODS

SPLITS = ("train", "test")


def counts(examples: Sequence[Example]) -> str:
    """Four tables: splits, languages, labels, lengths. Rows are examples unless the column says otherwise."""
    return "\n\n".join((_splits(examples), _languages(examples), _labels(examples), _lengths(examples))) + "\n"


def _splits(examples: Sequence[Example]) -> str:
    rows = []
    for split in (*SPLITS, "all"):
        some = [e for e in examples if split in (e.split, "all")]
        rows.append((split, len(some), _share(some), len({e.frame for e in some}), len({e.author for e in some})))
    return _table(("split", "examples", "alerting", "frames", "authors"), rows)


def _languages(examples: Sequence[Example]) -> str:
    rows = []
    for language in sorted({e.language for e in examples}):
        some = [e for e in examples if e.language == language]
        parts = Counter(e.split for e in some)
        rows.append((language, len(some), _share(some), *(parts[split] for split in SPLITS)))
    return _table(("language", "examples", "alerting", *SPLITS), rows)


def _labels(examples: Sequence[Example]) -> str:
    rows = []
    for label in (*INTENTS, *METHODS, *CONTEXTS):
        parts = Counter(e.split for e in examples if label in (*e.intents, *e.methods, *e.context))
        rows.append((label, parts.total(), *(parts[split] for split in SPLITS)))
    bare = Counter(e.split for e in examples if not (e.intents or e.methods or e.context))
    return _table(("label", "examples", *SPLITS), [*rows, ("none", bare.total(), *(bare[s] for s in SPLITS))])


def _lengths(examples: Sequence[Example]) -> str:
    rows = []
    for name, low, high in (("up to 60", 0, 60), ("61 to 200", 61, 200), ("201 and more", 201, sys.maxsize)):
        some = [e for e in examples if low <= len(e.text) <= high]
        rows.append((name, len(some), _share(some)))
    return _table(("characters", "examples", "alerting"), rows)


def _share(examples: Sequence[Example]) -> str:
    return f"{100 * sum(e.label for e in examples) / len(examples):.0f} %" if examples else "undefined"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(counts(load()))
