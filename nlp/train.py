"""Train a model from the corpus, and from rows a user adds; the same seed and rows give the same bytes."""

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact, features, taxonomy
from nlp.artifact import Manifest
from nlp.assessment import Text
from nlp.card import card
from nlp.classifier import MODELS
from nlp.corpus.dataset import load
from nlp.exemplars import remember
from nlp.fit import RATES, Training, assumed, fit, threshold
from nlp.metrics import measure
from nlp.model import Model
from nlp.rows import read_rows

SHIPPED = Path(__file__).parent / "shipped.py"
CARD = "card.md"
_EVEN = 0.5
_LEARNED = (*taxonomy.INTENTS, *taxonomy.METHODS)
_PARTS = 16
_MAX_ID_CHARS = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One training text.

    kinds: its taxonomy kinds, or None where nobody said which. split: "train" or "test".
    writer: who wrote it. sets: names of the sets in which it is measured, if it is a test row. id: by which a person is
    shown that a text is like it; "" for never.
    """

    text: Text
    label: int
    kinds: frozenset[str] | None
    split: str
    writer: str
    sets: tuple[str, ...] = ()
    id: str = ""


def train_to(folder: Path, *, extra: Path | None, seed: int, key: Ed25519PrivateKey) -> Manifest:
    """Train from the corpus and the rows in `extra`; writes folder/<model id>/, signed with the instance key.

    Raises: Corrupt: a row of `extra` can't be used; the message names its line.
    """
    manifest, weights = train([*corpus_rows(), *(added_rows(extra) if extra else ())], seed)
    artifact.write(folder, manifest, weights, key)
    _write_card(folder, manifest)
    return manifest


def ship(seed: int) -> Manifest:
    """Train the model the package ships from the corpus alone; replaces the old one and the pinned hash."""
    manifest, weights = train(list(corpus_rows()), seed)
    shutil.rmtree(MODELS, ignore_errors=True)
    pinned = artifact.write(MODELS, manifest, weights, None)
    _write_card(MODELS, manifest)
    SHIPPED.write_text(
        '"""Which model the package ships; written by `nightlight train --ship`."""\n\n'
        f'MODEL_ID = "{manifest.model_id}"\nMANIFEST_SHA256 = "{pinned}"\n'
    )
    return manifest


def train(rows: Sequence[Row], seed: int) -> tuple[Manifest, bytes]:
    """A manifest and the packed weights of a model trained on these rows."""
    learned, tested = ([row for row in rows if row.split == split] for split in ("train", "test"))
    data = _training(learned)
    labels = np.array([row.label for row in learned], dtype=np.int8)
    kinds = {kind: np.array([_answer(kind, row) for row in learned], dtype=np.int8) for kind in _LEARNED}
    model, left_out = fit(data, labels, kinds, seed)
    model = replace(model, examples=remember(model, data.rows, [row.id for row in learned], labels))
    limit = threshold(left_out, labels, data.named)
    weights = artifact.pack(model)
    manifest = Manifest(
        model_id=artifact.name_of(weights),
        taxonomy=taxonomy.VERSION,
        features=features.VERSION,
        terms=artifact.terms_hash(),
        heads=model.heads,
        threshold=limit,
        rates=RATES,
        seed=seed,
        training=_fingerprint(rows),
        libraries={name: version(name) for name in ("numpy", "scipy", "scikit-learn", "spacy")},
        metrics=_measured(tested, model, limit, seed),
        files={artifact.WEIGHTS: hashlib.sha256(weights).hexdigest()},
    )
    return manifest, weights


def _training(rows: Sequence[Row]) -> Training:
    read = features.prepare([row.text for row in rows])
    found = features.matrix(read)
    found.sum_duplicates()
    return Training(found, features.widths(), read.named, [row.writer for row in rows])


def corpus_rows() -> Iterable[Row]:
    """The corpus as training rows."""
    examples = load()
    known = {example.author for example in examples if example.split != "test"}
    for example in examples:
        kinds = frozenset((*example.intents, *example.methods))
        sets = (f"language {example.language}", *(("writers never seen",) if example.author not in known else ()))
        text = Text(example.text, example.title)
        yield Row(text, example.label, kinds, example.split, example.author, sets, example.id)


def added_rows(file: Path) -> Iterable[Row]:
    """A user's rows. Their writers are unknown, and parts chosen by their text stand for them; kinds stay open."""
    for row in read_rows(file):
        part = hashlib.sha256(row.text.encode(errors="replace")).digest()[0] % _PARTS
        yield Row(Text(row.text, row.title), row.label, None, "train", f"added {part}", id=_shown(row.id))


def _shown(name: str) -> str:
    """A user's id as it can be stored and shown anywhere."""
    return name[:_MAX_ID_CHARS].encode(errors="replace").decode()


def _measured(rows: Sequence[Row], model: Model, limit: float, seed: int) -> dict[str, Any]:
    """Figures of the test rows: of all, of each set, and of each kind."""
    data = _training(rows)
    scores = model.probabilities(data.rows, data.named)
    labels = np.array([row.label for row in rows], dtype=np.int8)
    writers = np.array(data.groups, dtype=np.str_)
    sets = {"all": np.ones(len(rows), dtype=bool), "bypass named": data.named, "bypass not named": ~data.named}
    for name in sorted({name for row in rows for name in row.sets}):
        sets[name] = np.array([name in row.sets for row in rows])
    kinds = {}
    for column, kind in enumerate(_LEARNED, 1):
        answers = np.array([_answer(kind, row) for row in rows], dtype=np.int8)
        known = answers >= 0
        kinds[kind] = measure(answers[known], scores[known, column], _EVEN, seed, groups=writers[known].tolist())
    return {
        "sets": {
            name: measure(
                labels[of], scores[of, 0], limit, seed, assumed(labels[of], data.named[of]), writers[of].tolist()
            )
            for name, of in sets.items()
        },
        "kinds": kinds,
    }


def _write_card(folder: Path, manifest: Manifest) -> None:
    (folder / manifest.model_id / CARD).write_text(card(manifest), encoding="utf-8")


def _answer(kind: str, row: Row) -> int:
    """1, 0, or -1 where the row doesn't say."""
    return -1 if row.kinds is None else int(kind in row.kinds)


def _fingerprint(rows: Sequence[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        kinds = "?" if row.kinds is None else ",".join(sorted(row.kinds))
        for part in (row.id, row.split, row.writer, str(row.label), kinds, row.text.title, row.text.text):
            digest.update(part.encode(errors="replace") + b"\0")
    return digest.hexdigest()
