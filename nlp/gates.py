"""What a challenger must not lose against the model in force, on texts neither was trained on (pure)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.resample import middle
from nlp.train import Row

MAX_LOSS = 0.005
"""Half a point: so much recall may a slice lose, and by so much may its false-positive rate grow."""

DISGUISED = "disguised"
"""The set of golden texts whose trigger words are written in a known disguise."""

_DRAWS = 2_000
_SEED = 7

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gate:
    """One measure of one slice, before and after.

    measure: "recall" or "fpr". texts: how many it is a share of. low, high: 95 % bootstrap interval of new - old over
    pairs, since both models judged the same texts.
    """

    slice: str
    measure: str
    texts: int
    old: float
    new: float
    low: float
    high: float

    @property
    def loss(self) -> float:
        """How much worse the new one is; below 0: better."""
        return self.old - self.new if self.measure == "recall" else self.new - self.old

    @property
    def allowed(self) -> float:
        """MAX_LOSS, but never less than one text: half a text can't be lost."""
        return max(MAX_LOSS, 1 / self.texts)

    @property
    def passed(self) -> bool:
        """Is the loss allowed?"""
        return self.loss <= self.allowed + 1e-9

    def sentence(self) -> str:
        """For people: what happened, by how much, and what would have been allowed."""
        name, moved = ("recall", "falls") if self.measure == "recall" else ("false-positive rate", "rises")
        return (
            f"{self.slice}: {name} {moved} by {100 * self.loss:.2f} points, from {self.old:.3f} to {self.new:.3f} "
            f"(95 % {100 * self.low:+.1f} to {100 * self.high:+.1f}, {self.texts} texts); "
            f"at most {100 * self.allowed:.2f} are allowed"
        )


@dataclass(frozen=True, slots=True)
class Golden:
    """Texts that measure and never teach. labels: (texts,). slices: name → (texts,). digest: SHA-256 of all.

    Disguised copies of texts are in the slice DISGUISED and in no other.
    """

    labels: NDArray[np.int8]
    slices: Mapping[str, Marks]
    digest: str


def golden(rows: Sequence[Row], named: Marks) -> Golden:
    """The test rows of a training, by set, by intent, and by whether they name a bypass. named: (rows,)."""
    plain = np.array([DISGUISED not in row.sets for row in rows])
    slices = {"all": plain, "bypass named": plain & named, "bypass not named": plain & ~named}
    for name in sorted({name for row in rows for name in row.sets}):
        slices[name] = np.array([name in row.sets for row in rows])
    for kind in sorted({kind for row in rows for kind in row.kinds or ()}):
        slices[f"kind {kind}"] = np.array([kind in (row.kinds or ()) for row in rows])
    return Golden(np.array([row.label for row in rows], dtype=np.int8), slices, digest(rows))


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 over labels, titles and texts, in any order."""
    whole = hashlib.sha256()
    parts = (f"{row.label}\0{row.text.title}\0{row.text.text}\0" for row in rows)
    for part in sorted(part.encode(errors="replace") for part in parts):
        whole.update(part)
    return whole.hexdigest()


def judge(texts: Golden, old: Marks, new: Marks) -> list[Gate]:
    """Every gate: recall where a slice has alerting texts, false-positive rate where it has others.

    old, new: (texts,) which of them each model flags, at its own threshold.
    """
    gates = []
    for name, chosen in texts.slices.items():
        for measure, label in (("recall", 1), ("fpr", 0)):
            here = chosen & (texts.labels == label)
            if here.any():
                gates.append(_gate(name, measure, old[here], new[here]))
    return gates


def _gate(name: str, measure: str, old: Marks, new: Marks) -> Gate:
    low, high = _interval(new.astype(int) - old.astype(int))
    return Gate(name, measure, len(old), float(old.mean()), float(new.mean()), low, high)


def _interval(changes: NDArray[np.int_]) -> tuple[float, float]:
    """Of the mean change: texts drawn again with both judgements (Efron 1979); only three things can happen to one."""
    n = len(changes)
    shares = [float((changes == change).mean()) for change in (-1, 0, 1)]
    drawn = np.random.default_rng(_SEED).multinomial(n, shares, _DRAWS)
    return middle((drawn[:, 2] - drawn[:, 0]) / n)
