"""Training: seeded, signed, and able to take a user's rows."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact, shipped
from nlp.assessment import Text
from nlp.classifier import MODELS, Classifier
from nlp.errors import Corrupt
from nlp.train import added_rows, corpus_rows, train, train_to

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def test_the_same_seed_and_rows_give_the_same_bytes() -> None:
    rows = list(corpus_rows())[::6]
    (one, first), (two, second) = train(rows, 7), train(rows, 7)
    assert first == second
    assert one == two
    assert train(rows[:-1], 7)[0].training != one.training


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A community with a word of its own: those who ask for a quorvex alert, those who cook don't."""
    file = tmp_path_factory.mktemp("added") / "rows.jsonl"
    asks = [{"id": f"a{n}", "text": f"still waiting for quorvex {n}", "label": 1, "kind": "x"} for n in range(60)]
    cooks = [{"id": f"c{n}", "text": f"still waiting for dinner {n}", "label": 0, "kind": "y"} for n in range(60)]
    file.write_text("\n".join(json.dumps(row) for row in (*asks, *cooks)))
    return file


def test_a_model_trained_here_loads_with_the_key_and_knows_the_added_words(tmp_path: Path, added: Path) -> None:
    manifest = train_to(tmp_path, extra=added, seed=7, key=KEY)
    local = Classifier.load(tmp_path / manifest.model_id, public_key=KEY.public_key())
    assert local.model_id == manifest.model_id != shipped.MODEL_ID
    texts = [Text("still waiting for quorvex"), Text("still waiting for dinner")]
    ours, theirs = local.assess(texts), Classifier.load().assess(texts)
    assert ours[0].score > 0.5 > ours[1].score
    assert ours[0].score > theirs[0].score + 0.3


def test_added_rows_are_left_out_in_parts_and_their_kinds_stay_open(added: Path) -> None:
    rows = list(added_rows(added))
    assert len({row.writer for row in rows}) > 10
    assert {row.split for row in rows} == {"train"}
    assert {row.kinds for row in rows} == {None}


def test_a_bad_added_row_stops_training_before_anything_is_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "1", "text": "x", "label": 7}')
    with pytest.raises(Corrupt, match="Line 1"):
        train_to(tmp_path / "models", extra=bad, seed=7, key=KEY)
    assert not (tmp_path / "models").exists()


def test_the_shipped_manifest_says_how_the_model_was_made() -> None:
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    assert manifest.model_id == shipped.MODEL_ID
    assert manifest.terms == artifact.terms_hash(), "the terms changed; train the shipped model again"
    assert set(manifest.libraries) == {"numpy", "scipy", "scikit-learn", "spacy"}
    assert manifest.metrics["sets"]["all"]["n"] > 500
    assert 0 < manifest.threshold < 1
