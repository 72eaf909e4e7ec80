"""Only the model that was pinned or signed loads; anything else is refused in one sentence."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact, shipped
from nlp.artifact import MANIFEST, SIGNATURE, WEIGHTS
from nlp.classifier import MODELS, Classifier
from nlp.errors import Corrupt

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SHIPPED = MODELS / shipped.MODEL_ID


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """The shipped arrays as a model of this instance, signed."""
    manifest, model = artifact.read_pinned(SHIPPED, shipped.MANIFEST_SHA256)
    artifact.write(tmp_path, manifest, artifact.pack(model), KEY)
    return tmp_path / manifest.model_id


def resigned(folder: Path, **changes: object) -> None:
    fields = {**json.loads((folder / MANIFEST).read_bytes()), **changes}
    listed = json.dumps(fields).encode()
    (folder / MANIFEST).write_bytes(listed)
    (folder / SIGNATURE).write_text(KEY.sign(listed).hex())


def swap_weights(folder: Path) -> None:
    data = artifact.pack(artifact.read_signed(folder, KEY.public_key())[1])
    (folder / WEIGHTS).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def truncate_weights(folder: Path) -> None:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[: len(data) // 2])


def edit_threshold(folder: Path) -> None:
    fields = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps({**fields, "threshold": 0.0}))


def sign_by_another(folder: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    (folder / SIGNATURE).write_text(other.sign((folder / MANIFEST).read_bytes()).hex())


DAMAGES: list[Callable[[Path], object]] = [
    swap_weights,
    truncate_weights,
    edit_threshold,
    sign_by_another,
    lambda folder: (folder / WEIGHTS).unlink(),
    lambda folder: (folder / MANIFEST).unlink(),
    lambda folder: (folder / SIGNATURE).unlink(),
    lambda folder: (folder / SIGNATURE).write_bytes(b"\xff\x00 not hex"),
    lambda folder: shutil.rmtree(folder),
    lambda folder: resigned(folder, taxonomy="0"),
    lambda folder: resigned(folder, features=0),
    lambda folder: resigned(folder, terms="0" * 64),
    lambda folder: resigned(folder, surprise=1),
    lambda folder: resigned(folder, heads=None),
]


def test_a_signed_model_loads_and_judges_as_the_shipped_one(local: Path, classifier: Classifier) -> None:
    loaded = Classifier.load(local, public_key=KEY.public_key())
    assert loaded.model_id == classifier.model_id
    assert loaded.threshold == classifier.threshold


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_swapped_or_foreign_model_is_refused(local: Path, damage: Callable[[Path], object]) -> None:
    assert Classifier.load(local, public_key=KEY.public_key())
    damage(local)
    with pytest.raises(Corrupt) as caught:
        Classifier.load(local, public_key=KEY.public_key())
    assert str(caught.value).count(". ") == 0


def test_a_model_from_elsewhere_needs_the_key_of_the_instance(local: Path) -> None:
    with pytest.raises(Corrupt, match="key"):
        Classifier.load(local)


def test_another_manifest_in_the_place_of_the_shipped_one_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / shipped.MODEL_ID
    shutil.copytree(SHIPPED, copy)
    assert artifact.read_pinned(copy, shipped.MANIFEST_SHA256)
    edit_threshold(copy)
    with pytest.raises(Corrupt, match="shipped"):
        artifact.read_pinned(copy, shipped.MANIFEST_SHA256)


def test_the_shipped_model_is_named_by_its_path_too(classifier: Classifier) -> None:
    assert Classifier.load(SHIPPED).model_id == classifier.model_id


class Planted:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.trace,)


def test_a_pickle_inside_the_arrays_is_never_run_even_when_signed(local: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    pickle.loads(pickle.dumps(Planted(trace)))
    assert trace.exists(), "the planted pickle must work, or its silence proves nothing"
    trace.unlink()
    planted = np.empty(1, dtype=object)
    planted[0] = Planted(trace)
    arrays = dict.fromkeys(("columns", "weights", "bias", "slope", "shift"), planted)
    np.savez(local / WEIGHTS, **arrays, allow_pickle=True)
    data = (local / WEIGHTS).read_bytes()
    resigned(local, files={WEIGHTS: artifact._sha256(data)})
    with pytest.raises(Corrupt):
        Classifier.load(local, public_key=KEY.public_key())
    assert not trace.exists()


def test_the_shipped_artifact_is_small_and_holds_no_text() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 6 * 2**20
    assert {file.name for file in SHIPPED.iterdir()} == {MANIFEST, WEIGHTS, "card.md"}
    assert [folder.name for folder in MODELS.iterdir()] == [shipped.MODEL_ID]


def test_packing_the_same_model_gives_the_same_bytes() -> None:
    manifest, model = artifact.read_pinned(SHIPPED, shipped.MANIFEST_SHA256)
    assert artifact.pack(model) == artifact.pack(model)
    assert artifact.name_of(artifact.pack(model)) == manifest.model_id
