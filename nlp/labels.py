"""From people's labels to training rows: copies collapsed, nobody too loud, a share never trained on (pure)."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

from nlp.assessment import Text
from nlp.language import identify
from nlp.train import Row

SET = "labels of people"
"""The set in which golden labels are measured."""

GOLDEN_SHARE = 5
"""One writer in so many is golden: whose texts measure models and teach none."""

ALIKE = 0.8
"""Jaccard similarity of five-character shingles from which one text is a copy of the other."""

_SHINGLE = 5
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text on whose label at least two people agree.

    id: of the post's revision. label: 1 if it alerts, else 0. kind: intent of the taxonomy, or "". writer: who wrote
    it, unique over sources. reviewers: who gave the label.
    """

    id: str
    text: Text
    label: int
    kind: str
    writer: str
    source: str
    reviewers: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As `nlp.rows.read_rows` takes it, and whose words and labels they are."""
        fields = {"id": self.id, **asdict(self.text), "label": self.label, "kind": self.kind}
        return fields | {"writer": self.writer, "source": self.source, "reviewers": list(self.reviewers)}


@dataclass(frozen=True, slots=True)
class Policy:
    """At most so many labels of one writer, of one source, by one reviewer: nobody teaches the model alone.

    salt: a secret of the instance, so that nobody can foresee whose texts are golden and which labels a cap lets in.
    """

    writer: int
    source: int
    reviewer: int
    salt: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labels to learn from, labels to measure with, and how many were left out for what."""

    train: tuple[Labelled, ...]
    golden: tuple[Labelled, ...]
    left_out: dict[str, int]

    def rows(self) -> list[Row]:
        """As training takes them: golden ones are test rows, in the sets of labels and of their language."""
        learned = [_row(label, "train") for label in self.train]
        return learned + [_row(label, "test") for label in self.golden]


def dataset(labels: Sequence[Labelled], policy: Policy, held: Sequence[Text] = ()) -> Dataset:
    """One label of each group of near-copies, within the caps. The order of the labels changes nothing.

    Groups whose labels contradict each other are left out whole, and what copies a text of `held` (other golden texts)
    isn't learned from. Which labels a cap lets in is decided by salted hashes of their ids.
    """
    left_out: Counter[str] = Counter()
    ordered = sorted(labels, key=lambda label: _digest(policy.salt, "place", label.id))
    alone = _collapsed(ordered, held, left_out)
    sides = {
        golden: [label for label in alone if is_golden(label.writer, policy) is golden] for golden in (True, False)
    }
    golden, train = (_capped(sides[side], policy, left_out) for side in (True, False))
    return Dataset(tuple(train), tuple(golden), dict(left_out))


def is_golden(writer: str, policy: Policy) -> bool:
    """Is this writer one whose texts only measure? By hash, so it never changes; whole writers, so none is in both."""
    return int.from_bytes(_digest(policy.salt, "golden", writer)[:8]) % GOLDEN_SHARE == 0


def copies(texts: Sequence[Text]) -> NDArray[np.int64]:
    """The number of the group of each text: near-copies, and copies of copies, share it."""
    rows = _shingles().transform([" ".join(text.text.split()).lower() for text in texts])
    sizes = np.asarray(rows.sum(axis=1)).ravel()
    pairs = [_alike(rows, sizes, start) for start in range(0, len(texts), _BATCH)]
    graph = sparse.vstack(pairs) if pairs else sparse.csr_matrix((0, 0))
    groups: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def _alike(rows: sparse.csr_matrix, sizes: NDArray[np.float64], start: int) -> sparse.csr_matrix:
    """(batch, texts): which texts are near-copies of those from `start` on."""
    common = (rows[start : start + _BATCH] @ rows.T).tocoo()
    union = sizes[common.row + start] + sizes[common.col] - common.data
    close = common.data >= ALIKE * union
    return sparse.csr_matrix((close[close], (common.row[close], common.col[close])), shape=common.shape)


@cache
def _shingles() -> HashingVectorizer:
    return HashingVectorizer(
        analyzer="char_wb", ngram_range=(_SHINGLE, _SHINGLE), binary=True, norm=None, alternate_sign=False,
        n_features=2**22, lowercase=False,
    )  # fmt: skip


def _collapsed(labels: Sequence[Labelled], held: Sequence[Text], left_out: Counter[str]) -> list[Labelled]:
    groups = copies([*(label.text for label in labels), *held])
    known = set(groups[len(labels) :].tolist())
    answers: dict[int, set[int]] = {}
    for group, label in zip(groups.tolist(), labels, strict=False):
        answers.setdefault(group, set()).add(label.label)
    kept: dict[int, Labelled] = {}
    for group, label in zip(groups.tolist(), labels, strict=False):
        if len(answers[group]) > 1:
            left_out["contradicting copies"] += 1
        elif group in known:
            left_out["copies of held texts"] += 1
        elif group in kept:
            left_out["copies"] += 1
        else:
            kept[group] = label
    return list(kept.values())


def _capped(labels: Sequence[Labelled], policy: Policy, left_out: Counter[str]) -> list[Labelled]:
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for label in labels:
        counted = _counted(label, policy)
        full = next((what for what, name, cap in counted if seen[what, name] >= cap), "")
        if full:
            left_out[f"over the cap of a {full}"] += 1
            continue
        seen.update((what, name) for what, name, _ in counted)
        kept.append(label)
    return kept


def _counted(label: Labelled, policy: Policy) -> list[tuple[str, str, int]]:
    reviewers = [("reviewer", name, policy.reviewer) for name in label.reviewers]
    return [("writer", label.writer, policy.writer), ("source", label.source, policy.source), *reviewers]


def _row(label: Labelled, split: str) -> Row:
    sets = (SET, f"language {identify(label.text.text)}") if split == "test" else ()
    return Row(label.text, label.label, None, split, f"label {label.writer}", sets)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).digest()
