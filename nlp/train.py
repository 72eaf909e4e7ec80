"""Train a model from the corpus, and from rows a user adds; the same seed and rows give the same bytes."""

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from nlp import artifact, features, taxonomy
from nlp.artifact import Manifest
from nlp.assessment import Text
from nlp.classifier import MODELS
from nlp.corpus.dataset import load
from nlp.fit import RATE, Head, fit, threshold
from nlp.metrics import measure
from nlp.model import MAIN
from nlp.rows import read_rows

SHIPPED = Path(__file__).parent / "shipped.py"
_LEARNED = (*taxonomy.INTENTS, *taxonomy.METHODS)
_HELD_SHARE = 64  # of 256: a quarter of added rows is held back to calibrate


@dataclass(frozen=True, slots=True)
class Row:
    """One training text.

    kinds: its taxonomy kinds, or None where nobody said which. split: "train", "calibrate" or "test".
    """

    text: Text
    label: int
    kinds: frozenset[str] | None
    split: str


def train_to(folder: Path, *, extra: Path | None, seed: int, key: Ed25519PrivateKey) -> Manifest:
    """Train from the corpus and the rows in `extra`; writes folder/<model id>/, signed with the instance key.

    Raises: Corrupt: a row of `extra` can't be used; the message names its line.
    """
    manifest, weights = train([*corpus_rows(), *(added_rows(extra) if extra else ())], seed)
    artifact.write(folder, manifest, weights, key)
    return manifest


def ship(seed: int) -> Manifest:
    """Train the model the package ships from the corpus alone; replaces the old one and the pinned hash."""
    manifest, weights = train(list(corpus_rows()), seed)
    shutil.rmtree(MODELS, ignore_errors=True)
    pinned = artifact.write(MODELS, manifest, weights, None)
    SHIPPED.write_text(
        '"""Which model the package ships; written by `nightlight train --ship`."""\n\n'
        f'MODEL_ID = "{manifest.model_id}"\nMANIFEST_SHA256 = "{pinned}"\n'
    )
    return manifest


def train(rows: Sequence[Row], seed: int) -> tuple[Manifest, bytes]:
    """A manifest and the packed weights of a model trained on these rows."""
    matrices = {split: features.matrix([features.prepare(row.text) for row in _of(rows, split)]) for split in _SPLITS}
    heads = [_head(name, rows) for name in (MAIN, *_LEARNED)]
    model = fit(matrices["train"], matrices["calibrate"], heads, seed)
    limit = threshold(model.probabilities(matrices["calibrate"])[:, 0], _labels(rows, "calibrate"))
    tested = model.probabilities(matrices["test"])[:, 0]
    weights = artifact.pack(model)
    manifest = Manifest(
        model_id=artifact.name_of(weights),
        taxonomy=taxonomy.VERSION,
        features=features.VERSION,
        terms=artifact.terms_hash(),
        heads=model.heads,
        threshold=limit,
        rate=RATE,
        seed=seed,
        training=_fingerprint(rows),
        libraries={name: version(name) for name in ("numpy", "scipy", "scikit-learn", "spacy")},
        metrics={"corpus test split": measure(_labels(rows, "test"), tested, limit, seed)},
        files={artifact.WEIGHTS: hashlib.sha256(weights).hexdigest()},
    )
    return manifest, weights


_SPLITS = ("train", "calibrate", "test")


def corpus_rows() -> Iterable[Row]:
    """The corpus as training rows."""
    for example in load():
        kinds = frozenset((*example.intents, *example.methods))
        yield Row(Text(example.text, example.title), example.label, kinds, example.split)


def added_rows(file: Path) -> Iterable[Row]:
    """A user's rows; a quarter of them, chosen by their text, calibrates. Their kinds aren't those of the taxonomy."""
    for row in read_rows(file):
        held = hashlib.sha256(row.text.encode(errors="replace")).digest()[0] < _HELD_SHARE
        yield Row(Text(row.text, row.title), row.label, None, "calibrate" if held else "train")


def _of(rows: Sequence[Row], split: str) -> list[Row]:
    return [row for row in rows if row.split == split]


def _labels(rows: Sequence[Row], split: str) -> NDArray[np.int8]:
    return np.array([row.label for row in _of(rows, split)], dtype=np.int8)


def _head(name: str, rows: Sequence[Row]) -> Head:
    train, held = (np.array([_answer(name, row) for row in _of(rows, s)], dtype=np.int8) for s in _SPLITS[:2])
    return Head(name, train, held)


def _answer(name: str, row: Row) -> int:
    """1, 0, or -1 where the row doesn't say."""
    if name == MAIN:
        return row.label
    return -1 if row.kinds is None else int(name in row.kinds)


def _fingerprint(rows: Sequence[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        kinds = "?" if row.kinds is None else ",".join(sorted(row.kinds))
        for part in (row.split, str(row.label), kinds, row.text.title, row.text.text):
            digest.update(part.encode(errors="replace") + b"\0")
    return digest.hexdigest()
