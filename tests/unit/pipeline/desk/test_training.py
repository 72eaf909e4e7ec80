"""What people agree on becomes rows; a challenger is kept with its figures, its trainer and its event."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact
from nlp.classifier import Classifier
from nlp.labels import Policy
from nlp.train import Row, corpus_rows
from nlp.train import train as train_model
from pipeline.desk.training import admit, export, gather, train
from pipeline.domain.learning import ModelState, Opinion
from pipeline.errors import BadInput, Conflict, Refused
from tests.browser.seeding import NOW, World

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
WIDE = Policy(100, 100, 100, "salt")


@pytest.fixture(scope="module")
def corpus() -> list[Row]:
    """A tenth of it: what it teaches is measured elsewhere."""
    rows = list(corpus_rows())
    return [row for split in ("train", "test") for row in [row for row in rows if row.split == split][::10]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def old(corpus: list[Row], folder: Path) -> Classifier:
    """The model in force."""
    manifest, weights = train_model(corpus, 7)
    artifact.write(folder, manifest, weights, KEY)
    return Classifier.load(folder / manifest.model_id, public_key=KEY.public_key())


def agree(world: World, reason: str = "opinion") -> list[str]:
    """Two people say the same of every post of the world."""
    with world.record.write() as tx:
        posts = tx.all_posts(0, 1_000)
        for post in posts:
            for reviewer in ("ines", "okafor"):
                tx.save_opinion(Opinion(post.post.revision_id, reviewer, reason, NOW))
    return [post.post.revision_id for post in posts]


def test_labels_carry_the_post_its_title_and_who_wrote_and_judged_it(world: World) -> None:
    posts = agree(world, "seeks")
    made = gather(world.record, WIDE, [])
    found = {label.id: label for label in (*made.train, *made.golden)}
    assert found.keys() <= set(posts)
    assert len(posts) == len(found) + sum(made.left_out.values())
    with world.record.read() as tx:
        stored = tx.posts(list(found))
    for post in stored:
        label = found[post.post.revision_id]
        assert label.text == post.as_text()
        assert label.writer == f"{post.post.source_id}/{post.post.author}"
        assert (label.label, label.kind, label.source) == (1, "seeking", post.post.source_id)
        assert label.reviewers == ("ines", "okafor")


def test_what_was_left_out_is_counted(world: World) -> None:
    first, second, *_ = agree(world)
    with world.record.write() as tx:
        tx.save_opinion(Opinion(first, "okafor", "offers", NOW))
        tx.save_opinion(Opinion(second, "sten", "offers", NOW))
    assert gather(world.record, WIDE, []).left_out["people disagree"] == 2


def test_an_export_is_rows_of_one_side_and_an_event_with_their_hash(world: World, people: Any) -> None:
    agree(world)
    taught = export(world.record, people.sten, WIDE, [], NOW, golden=False)
    golden = export(world.record, people.sten, WIDE, [], NOW, golden=True)
    made = gather(world.record, WIDE, [])
    assert [row["id"] for row in taught] == [label.id for label in made.train] != []
    assert [row["id"] for row in golden] == [label.id for label in made.golden] != []
    with world.record.read() as tx:
        event = tx.audit_of("labels", 1)[0]
    assert (event.actor, event.action, event.details["count"]) == ("sten", "labels.export", len(golden))
    for actor in (people.ines, people.adm, people.audrey):
        with pytest.raises(Refused, match="export"):
            export(world.record, actor, WIDE, [], NOW, golden=False)


def test_a_challenger_is_kept_with_its_figures_and_its_trainer(
    world: World, people: Any, corpus: list[Row], folder: Path, old: Classifier
) -> None:
    with pytest.raises(BadInput, match="No label counts yet"):
        train(world.record, people.sten, old, folder, KEY, WIDE, corpus, NOW, 7)
    agree(world)
    row = train(world.record, people.sten, old, folder, KEY, WIDE, corpus, NOW, 7)
    with world.record.read() as tx:
        assert tx.model(row.id) == row
        event = tx.audit_of(row.id, 1)[0]
    assert (row.state, row.trained_by, row.trained_at) == (ModelState.CHALLENGER, "sten", NOW)
    assert row.report["against"] == old.model_id
    assert row.passed == (row.report["failed"] == [])
    assert (event.actor, event.action) == ("sten", "model.train")
    assert event.details["golden"] == row.report["digest"]
    new = Classifier.load(folder / row.id, public_key=KEY.public_key())
    again = admit(world.record, people.adm, old, new, WIDE, corpus, NOW)
    assert (again.trained_by, again.report) == ("sten", row.report), "who judges it again didn't train it"
    with pytest.raises(Conflict, match="in force"):
        admit(world.record, people.adm, new, new, WIDE, corpus, NOW)


def test_only_those_who_manage_models_train(world: World, people: Any, folder: Path, old: Classifier) -> None:
    agree(world)
    for actor in (people.ines, people.vera, people.lindqvist, people.audrey):
        with pytest.raises(Refused, match="train and promote models"):
            train(world.record, actor, old, folder, KEY, WIDE, [], NOW, 7)
        with pytest.raises(Refused, match="train and promote models"):
            admit(world.record, actor, old, old, WIDE, [], NOW)
