"""The model that the record says is in force judges the next batch; what can't be used is named."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nlp import artifact, shipped
from nlp.classifier import MODELS
from pipeline.adapters.judges import Judges
from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.learning import ModelRow, ModelState
from pipeline.errors import Unavailable
from tests.contract.conftest import NOON, SetClock

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OURS = "ours"


@pytest.fixture
def record(tmp_path: Path) -> SqlRecord:
    made = SqlRecord(f"sqlite:///{tmp_path / 'record.db'}", clock=SetClock())
    made.migrate()
    return made


@pytest.fixture
def judges(record: SqlRecord, tmp_path: Path) -> Judges:
    """Beside the shipped model there is one of ours, which is the same but for its name and signature."""
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    weights = (MODELS / shipped.MODEL_ID / artifact.WEIGHTS).read_bytes()
    artifact.write(tmp_path / "models", artifact.Manifest(**{**fields(manifest), "model_id": OURS}), weights, KEY)
    return Judges(record, tmp_path / "models", KEY.public_key(), lambda model: model.flagging_from(0.99))


def fields(manifest: artifact.Manifest) -> dict[str, object]:
    return {name: getattr(manifest, name) for name in manifest.__slots__}


def put(record: SqlRecord, state: ModelState, model_id: str = OURS) -> None:
    with record.write() as tx:
        tx.save_model(ModelRow(model_id, state, True, {}, "ines", NOON))


def test_the_shipped_model_is_in_force_until_one_is_promoted_and_after_it_is_taken_back(
    record: SqlRecord, judges: Judges
) -> None:
    assert judges.in_force().model_id == shipped.MODEL_ID
    put(record, ModelState.CURRENT)
    assert judges.in_force().model_id == OURS
    put(record, ModelState.RETIRED)
    assert judges.in_force().model_id == shipped.MODEL_ID


def test_what_judges_is_equipped_and_what_is_measured_is_bare(record: SqlRecord, judges: Judges) -> None:
    put(record, ModelState.SHADOW)
    shadow = judges.in_shadow()
    assert shadow is not None
    assert shadow.threshold == judges.in_force().threshold == 0.99
    assert judges.load(OURS).threshold == judges.load("").threshold < 0.99
    assert judges.measured().model_id == shipped.MODEL_ID
    put(record, ModelState.CURRENT)
    measured = judges.measured()
    assert (measured.model_id, measured.threshold) == (OURS, judges.load("").threshold)


def test_a_signed_model_under_the_name_of_another_is_refused(judges: Judges, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "models" / OURS, tmp_path / "models" / "other")
    assert judges.load(OURS).model_id == OURS
    with pytest.raises(Unavailable, match=f"other holds {OURS}"):
        judges.load("other")


def test_a_model_is_loaded_once(judges: Judges) -> None:
    assert judges.in_force() is judges.in_force()


def test_the_model_in_shadow_is_another(record: SqlRecord, judges: Judges) -> None:
    assert judges.in_shadow() is None
    put(record, ModelState.SHADOW)
    shadow = judges.in_shadow()
    assert shadow is not None
    assert (shadow.model_id, judges.in_force().model_id) == (OURS, shipped.MODEL_ID)
    assert judges.in_shadow() is shadow


def test_a_model_in_force_that_cannot_be_used_says_how_to_go_back(
    record: SqlRecord, judges: Judges, tmp_path: Path
) -> None:
    put(record, ModelState.CURRENT, "gone")
    with pytest.raises(Unavailable, match="nightlight model rollback"):
        judges.in_force()
    put(record, ModelState.RETIRED, "gone")
    put(record, ModelState.CURRENT)
    (tmp_path / "models" / OURS / artifact.WEIGHTS).write_bytes(b"swapped")
    with pytest.raises(Unavailable, match="was swapped"):
        judges.in_force()
