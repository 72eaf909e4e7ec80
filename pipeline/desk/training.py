"""Training: what people agree on becomes a data set, and the data set a challenger that gates let through or not."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.learning import ModelRow, ModelState, agreed
from pipeline.errors import BadInput, Conflict
from pipeline.ports import Record

if TYPE_CHECKING:  # heavy to import, and most commands train nothing
    from nlp.challenger import Report
    from nlp.classifier import Classifier
    from nlp.labels import Dataset, Policy
    from nlp.train import Row


def gather(record: Record, policy: "Policy", corpus: "Sequence[Row]") -> "Dataset":
    """The labels that count, within the caps, each copy once, and how many were left out for what."""
    from nlp.labels import Labelled, dataset

    with record.read() as tx:
        labels, left_out = agreed(tx.opinions())
        posts = tx.posts(list(labels))
    found = []
    for stored in posts:
        post, label = stored.post, labels[stored.post.revision_id]
        writer = f"{post.source_id}/{post.author}"
        found.append(
            Labelled(
                post.revision_id, stored.as_text(), label.label, label.kind, writer, post.source_id, label.reviewers
            )
        )
    made = dataset(found, policy, [row.text for row in corpus if row.split == "test"])
    return replace(made, left_out=left_out | made.left_out)


def export(
    record: Record, actor: Actor, policy: "Policy", corpus: "Sequence[Row]", now: datetime, *, golden: bool
) -> Sequence[dict[str, Any]]:
    """The labels to learn from, or the golden ones, as rows for a file; the audit log keeps their number and hash.

    What is handed out, retention can't reach: whoever asks for it has to erase it. Raises: Refused.
    """
    require(actor, Permission.EXPORT)
    made = gather(record, policy, corpus)
    rows = [label.as_json() for label in (made.golden if golden else made.train)]
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    with record.write() as tx:
        keep_event(tx, actor, "labels.export", "labels", now, count=len(rows), sha256=digest, golden=golden)
    return rows


def train(
    record: Record,
    actor: Actor,
    old: "Classifier",
    folder: Path,
    key: Ed25519PrivateKey,
    policy: "Policy",
    corpus: "Sequence[Row]",
    now: datetime,
    seed: int,
) -> ModelRow:
    """Train a challenger to `old`, the model in force, on the corpus and the labels; written below folder, judged.

    corpus: what every model is taught and measured with, beside the labels.
    Raises: Refused; BadInput: there is no label to learn from; Conflict: they give the model in force again.
    """
    require(actor, Permission.MANAGE_MODELS)
    from nlp.challenger import challenge

    made = gather(record, policy, corpus)
    if not made.train:
        raise BadInput("No label counts yet; two people must agree on a post, see: nightlight model samples")
    report = challenge(corpus, made, old, folder, key, seed)
    return _keep(record, actor, report, made, now, "model.train")


def admit(
    record: Record,
    actor: Actor,
    old: "Classifier",
    new: "Classifier",
    policy: "Policy",
    corpus: "Sequence[Row]",
    now: datetime,
) -> ModelRow:
    """Judge a model that was trained on this instance against the one in force; a challenger is judged afresh.

    Raises: Refused; Conflict: it is the one in force.
    """
    require(actor, Permission.MANAGE_MODELS)
    from nlp.challenger import compare

    made = gather(record, policy, corpus)
    return _keep(record, actor, compare(corpus, made, old, new), made, now, "model.admit")


def _keep(record: Record, actor: Actor, report: "Report", made: "Dataset", now: datetime, action: str) -> ModelRow:
    """The challenger's row, with its first trainer if it has one: judging it again changes nobody's part."""
    figures = report.as_json() | {
        "labels": {"train": len(made.train), "golden": len(made.golden), "left_out": made.left_out}
    }
    if report.model == report.against:
        raise Conflict(f"{report.model} is in force; there is nothing to judge it against")
    with record.write() as tx:
        before = tx.model(report.model)
        row = ModelRow(report.model, ModelState.CHALLENGER, not report.failed, figures, actor.name, now)
        if before:
            row = replace(before, passed=row.passed, report=figures)
        tx.save_model(row)
        keep_event(
            tx, actor, action, row.id, now, passed=row.passed, failed=len(report.failed), golden=report.digest,
            against=report.against, train=len(made.train),
        )  # fmt: skip
    return row
