"""Challengers: what good labels teach gets through, what poisoned ones cost is held back or hardly felt.

All on a part of the corpus, so that a training takes seconds. Golden texts decide at the gates; how much a challenger
really lost is counted on other texts, which nothing here has seen.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact
from nlp.challenger import Report, as_many, challenge, compare, golden_rows
from nlp.classifier import Classifier
from nlp.errors import Corrupt
from nlp.gates import DISGUISED, digest
from nlp.labels import SET, Dataset, Labelled, Policy, dataset, is_golden
from nlp.model import Scores
from nlp.train import Row, corpus_rows, train

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SEED = 7
POISON = 0.05
"""The share of everything a model is trained on that one person got flipped labels into."""

WIDE = Policy(100_000, 100_000, 100_000, "salt")
SHIPPED = Policy(20, 1_000, 2_000, "salt")
"""The caps that the settings have unless somebody changes them."""


@dataclass(frozen=True)
class Bench:
    """A model in force, what it was trained on and is measured by, texts nobody saw, and texts people may label."""

    folder: Path
    corpus: list[Row]
    unseen: list[Row]
    posts: list[Row]
    old: Classifier

    @property
    def learned(self) -> list[Row]:
        """What the model in force was trained on."""
        return [row for row in self.corpus if row.split == "train"]

    def challenge(self, labels: Sequence[Labelled], policy: Policy = WIDE) -> Report:
        """Train on these labels and judge."""
        return challenge(self.corpus, self.dataset(labels, policy), self.old, self.folder, KEY, SEED)

    def dataset(self, labels: Sequence[Labelled], policy: Policy = WIDE) -> Dataset:
        """As it is made of them."""
        return dataset(labels, policy, [row.text for row in self.corpus if row.split == "test"])

    def load(self, model_id: str) -> Classifier:
        """One of the folder."""
        return Classifier.load(self.folder / model_id, public_key=KEY.public_key())

    @cached_property
    def before(self) -> Scores:
        """Of the model in force on the texts nobody saw."""
        return self.scores(self.old)

    def scores(self, model: Classifier) -> Scores:
        """On the texts nobody saw."""
        return np.array(model.scores([row.text for row in self.unseen]))

    def cost(self, report: Report) -> float:
        """Recall that is lost on texts nobody saw, at the false-positive rate of the model in force."""
        labels = np.array([row.label for row in self.unseen])
        old, new = self.before, self.scores(self.load(report.model))
        false = int((old[labels == 0] >= self.old.threshold).sum())
        limit = np.sort(new[labels == 0])[-false - 1]
        return float((old[labels == 1] >= self.old.threshold).mean() - (new[labels == 1] > limit).mean())


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The first model learns from an eighth of the corpus; people label posts from another eighth."""
    folder = tmp_path_factory.mktemp("models")
    rows = list(corpus_rows())
    learned, tested = ([row for row in rows if row.split == split] for split in ("train", "test"))
    corpus = [*learned[::8], *tested[::5]]
    manifest, weights = train(corpus, SEED)
    artifact.write(folder, manifest, weights, KEY)
    old = Classifier.load(folder / manifest.model_id, public_key=KEY.public_key())
    return Bench(folder, corpus, tested[1::5], learned[1::8], old)


@pytest.fixture(scope="module")
def known(bench: Bench) -> list[Labelled]:
    """Labels that say what the model in force was taught, and a few golden ones."""
    told = labels_of(bench.learned[:4], writer=named("ann", golden=False))
    return told + labels_of(bench.posts[:8], writer=named("bob", golden=True), reviewer="okafor")


@pytest.fixture(scope="module")
def report(bench: Bench, known: list[Labelled]) -> Report:
    """Of the challenger that learned from them."""
    return bench.challenge(known)


def labels_of(
    rows: Sequence[Row], *, flipped: bool = False, writer: str = "", reviewer: str = "ines"
) -> list[Labelled]:
    """As two people label them; writer: one who wrote all of them, else each is by one of very many."""
    return [
        Labelled(
            f"{reviewer} {n}",
            row.text,
            1 - row.label if flipped else row.label,
            "",
            writer or f"board/{row.writer} {n}",
            "board",
            (reviewer, "sten"),
        )
        for n, row in enumerate(rows)
    ]


def named(name: str, *, golden: bool) -> str:
    """A writer of about this name whose texts are golden, or not."""
    return next(f"board/{name} {n}" for n in range(99) if is_golden(f"board/{name} {n}", WIDE) is golden)


def poison(bench: Bench) -> list[Row]:
    """So many posts that they are POISON of all that is learned from."""
    rows = list(bench.posts)
    random.Random(SEED).shuffle(rows)
    return rows[: round(len(bench.learned) * POISON / (1 - POISON))]


def blocked_or_harmless(bench: Bench, report: Report) -> bool:
    return bool(report.failed) or bench.cost(report) <= 0.01


def test_labels_that_say_what_the_model_knows_get_through(bench: Bench, report: Report) -> None:
    assert report.failed == []
    assert report.model != report.against == bench.old.model_id
    assert bench.cost(report) <= 0.01


def test_many_flipped_labels_are_held_back_and_would_have_cost_recall(bench: Bench) -> None:
    """The positive control: there is something to hold back."""
    report = bench.challenge(labels_of(bench.posts, flipped=True))
    assert len(report.failed) > 3
    assert bench.cost(report) > 0.01


def test_one_author_who_gets_flipped_labels_reaches_no_further_than_the_cap(bench: Bench) -> None:
    """Even where both reviewers fall for every post of one author."""
    flipped = labels_of(poison(bench), flipped=True, writer=named("crow", golden=False))
    assert len(flipped) > 2 * SHIPPED.writer
    assert len(bench.dataset(flipped, SHIPPED).train) == SHIPPED.writer
    assert blocked_or_harmless(bench, bench.challenge(flipped, SHIPPED))


def test_one_reviewer_whose_flipped_labels_all_get_through_is_blocked_or_harmless(bench: Bench) -> None:
    """Even where the second person agrees with every flipped label, and no cap helps."""
    flipped = labels_of(poison(bench), flipped=True, reviewer="mallory")
    learned = len(bench.dataset(flipped).train)
    assert learned / (len(bench.learned) + learned) > POISON * 0.7, "golden writers are a fifth"
    assert blocked_or_harmless(bench, bench.challenge(flipped))


def test_the_golden_set_is_pinned(bench: Bench, known: list[Labelled], report: Report) -> None:
    golden = golden_rows(bench.corpus, bench.dataset(known))
    assert (report.texts, report.digest) == (len(golden), digest(golden))
    plain = [row for row in golden if DISGUISED not in row.sets]
    assert len(plain) == sum(row.split == "test" for row in bench.corpus) + 8
    hidden = [row for row in golden if DISGUISED in row.sets]
    assert len(hidden) > 20
    assert {row.label for row in hidden} == {1}
    assert not {row.text.text for row in hidden} & {row.text.text for row in plain}


def test_a_challenger_flags_as_many_golden_texts_as_the_model_in_force(
    bench: Bench, known: list[Labelled], report: Report
) -> None:
    new = bench.load(report.model)
    golden = [row for row in golden_rows(bench.corpus, bench.dataset(known)) if DISGUISED not in row.sets]
    before, after = (
        sum(score >= model.threshold for score in model.scores([row.text for row in golden]))
        for model in (bench.old, new)
    )
    assert before == after > 10
    sets = new.manifest.metrics["sets"]
    assert new.threshold == report.threshold == sets["all"]["threshold"]
    assert (sets["all"]["n"], sets[SET]["n"]) == (len(golden), 8)
    assert compare(bench.corpus, bench.dataset(known), bench.old, new) == report, "judged afresh it is what it was"


def test_golden_labels_teach_nothing_and_the_same_challenger_is_signed_and_written_once(
    bench: Bench, known: list[Labelled], report: Report
) -> None:
    manifest = bench.folder / report.model / artifact.MANIFEST
    written = manifest.stat()
    assert bench.challenge(known[:4]).model == report.model, "the others are golden"
    assert manifest.stat() == written
    (half := bench.folder / "half" / report.model).mkdir(parents=True)
    (half / artifact.WEIGHTS).write_bytes(b"half of the arra")
    again = challenge(bench.corpus, bench.dataset(known), bench.old, half.parent, KEY, SEED)
    assert again == report, "one that died while it was written is written again"
    with pytest.raises(Corrupt, match="signed"):
        Classifier.load(manifest.parent, public_key=Ed25519PrivateKey.generate().public_key())


def test_the_record_of_a_report_names_slices_and_figures_and_no_text(
    bench: Bench, known: list[Labelled], report: Report
) -> None:
    kept = repr(report.as_json())
    assert "language de" in kept
    texts = [*(label.text.text for label in known), *(row.text.text for row in bench.corpus)]
    assert not any(text in kept for text in texts if len(text) > 20)


@pytest.mark.parametrize(("count", "threshold"), [(0, 0.7), (1, 0.9), (2, 0.4), (3, 0.2)])
def test_the_threshold_for_so_many_flags(count: int, threshold: float) -> None:
    assert as_many(np.array([0.4, 0.9, 0.2]), count, 0.7) == threshold
