"""Train a challenger on people's labels and judge it against the model in force."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact
from nlp.artifact import Manifest
from nlp.card import card
from nlp.classifier import Classifier
from nlp.features import prepare
from nlp.gates import DISGUISED, Gate, Golden, golden, judge
from nlp.labels import SET, Dataset
from nlp.metrics import measure
from nlp.model import Scores
from nlp.perturb import KNOWN, disguise
from nlp.train import CARD, Row, train


@dataclass(frozen=True, slots=True)
class Report:
    """How a challenger did. against: id of the model it was judged against. digest: SHA-256 of the golden set."""

    model: str
    against: str
    threshold: float
    digest: str
    texts: int
    gates: tuple[Gate, ...]

    @property
    def failed(self) -> list[str]:
        """A sentence for each gate that doesn't let it through."""
        return [gate.sentence() for gate in self.gates if not gate.passed]

    def as_json(self) -> dict[str, Any]:
        """As the record keeps it: figures and names of slices, no text."""
        gates = [asdict(gate) | {"passed": gate.passed} for gate in self.gates]
        return asdict(self) | {"gates": gates, "failed": self.failed}


def challenge(
    corpus: Sequence[Row], labels: Dataset, old: Classifier, folder: Path, key: Ed25519PrivateKey, seed: int
) -> Report:
    """Train on the corpus and the labels; writes folder/<model id>/, signed with the instance key.

    The challenger's threshold is the one at which it flags as many golden texts as the model in force: people can read
    so many, and what they lose or gain then lies in the order alone. What was trained before is only judged again.
    """
    manifest, weights = train([*corpus, *(row for row in labels.rows() if row.split == "train")], seed)
    if (folder / manifest.model_id / artifact.MANIFEST).exists():  # what is written last
        return compare(corpus, labels, old, Classifier.load(folder / manifest.model_id, public_key=key.public_key()))
    tests = golden_rows(corpus, labels)
    with TemporaryDirectory() as place:
        artifact.write(Path(place), manifest, weights, key)
        scores = _scores(Classifier.load(Path(place) / manifest.model_id, public_key=key.public_key()), tests)
    before = _scores(old, tests) >= old.threshold
    texts = _golden(tests)
    plain = texts.slices["all"]
    manifest = _at(manifest, as_many(scores[plain], int(before[plain].sum()), manifest.threshold), texts, scores)
    artifact.write(folder, manifest, weights, key)
    (folder / manifest.model_id / CARD).write_text(card(manifest), encoding="utf-8")
    gates = judge(texts, before, scores >= manifest.threshold)
    return Report(manifest.model_id, old.model_id, manifest.threshold, texts.digest, len(tests), tuple(gates))


def compare(corpus: Sequence[Row], labels: Dataset, old: Classifier, new: Classifier) -> Report:
    """Judge a model that is there already, at its own threshold."""
    tests = golden_rows(corpus, labels)
    texts = _golden(tests)
    before, after = (_scores(model, tests) >= model.threshold for model in (old, new))
    gates = judge(texts, before, after)
    return Report(new.model_id, old.model_id, new.threshold, texts.digest, len(tests), tuple(gates))


def golden_rows(corpus: Sequence[Row], labels: Dataset) -> list[Row]:
    """What measures and never teaches: frames and writers the corpus holds out, and labels of golden writers.

    Each alerting one of the corpus comes again in a known disguise, if it has words that people disguise.
    """
    held = [row for row in corpus if row.split == "test"]
    again = [_disguised(row, KNOWN[place % len(KNOWN)]) for place, row in enumerate(held) if row.label]
    plain = {row.text for row in held}
    return [
        *held,
        *(row for row in labels.rows() if row.split == "test"),
        *(row for row in again if row.text not in plain),
    ]


def _disguised(row: Row, form: str) -> Row:
    return replace(row, text=replace(row.text, text=disguise(row.text.text, form)), kinds=None, sets=(DISGUISED,))


def as_many(scores: Scores, count: int, otherwise: float) -> float:
    """The threshold at which `count` texts are flagged; `otherwise` for none."""
    return float(np.sort(scores)[-count]) if count else otherwise


def _golden(tests: Sequence[Row]) -> Golden:
    return golden(tests, prepare([row.text for row in tests]).named)


def _scores(model: Classifier, rows: Sequence[Row]) -> Scores:
    return np.array(model.scores([row.text for row in rows]), dtype=np.float64)


def _at(manifest: Manifest, threshold: float, texts: Golden, scores: Scores) -> Manifest:
    """The manifest with this threshold, and its figures measured there; those of golden labels are added."""
    sets = dict(manifest.metrics["sets"])
    for name in (sets.keys() | {SET}) & texts.slices.keys():
        here = texts.slices[name]
        found = measure(texts.labels[here], scores[here], threshold, manifest.seed)
        if name in sets:
            found["ece"] = sets[name]["ece"]  # weighted to the mix that is assumed; no threshold changes it
        sets[name] = found
    return replace(manifest, threshold=threshold, metrics=manifest.metrics | {"sets": sets})
