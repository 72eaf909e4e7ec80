"""`nightlight model` as two people use it: samples, labels, shadow, promotion, the way back."""

import io
import json
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nlp import artifact, shipped
from nlp.assessment import Assessment
from nlp.classifier import MODELS
from pipeline.cli.main import run_command
from pipeline.compose import App, compose
from pipeline.desk.accounts import HASHER
from pipeline.domain.accounts import Role, User
from pipeline.domain.learning import ModelRow, ModelState, Sample
from tests.contract.conftest import NOON
from tests.contract.making import capture, judged, post

OURS = "ours"
PASSWORD = "seven quiet herons"
HASH = HASHER.hash(PASSWORD)
WORDS = "words only reviewers may read"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert run_command(["--home", str(home), "init"]) == 0
    return home


@pytest.fixture
def app(made: Path, tmp_path: Path) -> Iterator[App]:
    """Two supervisors, a sampled post, and a challenger that ines trained."""
    home = shutil.copytree(made, tmp_path / "home")
    with closing(compose(home)) as app:
        with app.record.write() as tx:
            for name in ("ines", "sten"):
                tx.save_user(User(name, name, Role.SUPERVISOR, HASH, NOON))
            [sample] = tx.save_capture(capture(post(1, WORDS)), NOON)
            tx.save_assessments({sample: judged(False, shipped.MODEL_ID, 0.4)}, NOON)
            tx.save_samples([Sample(sample, shipped.MODEL_ID, 0.4, NOON)])
            tx.save_model(ModelRow(OURS, ModelState.CHALLENGER, True, {"against": shipped.MODEL_ID}, "ines", NOON))
        manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
        fields = {name: getattr(manifest, name) for name in manifest.__slots__} | {"model_id": OURS}
        weights = (MODELS / shipped.MODEL_ID / artifact.WEIGHTS).read_bytes()
        artifact.write(app.models, artifact.Manifest(**fields), weights, app.key)
        yield app


def run(app: App, *arguments: str, as_: str = "", password: str = PASSWORD) -> int:
    kept, sys.stdin = sys.stdin, io.StringIO(f"{password}\n")
    try:
        return run_command(["--home", str(app.home), "model", *arguments, *(("--as", as_) if as_ else ())])
    finally:
        sys.stdin = kept


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_two_accounts_label_a_sample_and_it_is_written_for_its_owner_alone(
    app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(app, "samples", "--json", as_="ines") == 0
    [item] = printed(capsys)
    assert (item["why"], item["text"]) == ("sample", WORDS)
    for name in ("ines", "sten"):
        assert run(app, "label", item["post"], "seeks", as_=name) == 0
    capsys.readouterr()
    assert run(app, "samples", "--json", as_="sten") == 0
    assert printed(capsys) == []
    files = tmp_path / "taught.jsonl", tmp_path / "golden.jsonl"
    assert (
        run(app, "dataset", str(files[0]), as_="sten")
        == run(app, "dataset", str(files[1]), "--golden", as_="sten")
        == 0
    )
    [row] = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert (row["id"], row["label"], row["reviewers"]) == (item["post"], 1, ["ines", "sten"])
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert run(app, "dataset", str(files[0]), as_="sten") == 2, "nothing is written over"
    said = capsys.readouterr()
    assert WORDS not in said.err + said.out


def test_a_wrong_password_labels_nothing(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "samples", as_="ines", password="a password of nobody") == 3
    assert "Name or password is wrong" in capsys.readouterr().err
    with app.record.read() as tx:
        assert "label.read" not in {event.action for event in tx.audit_of("labels", 9)}


def test_a_model_is_promoted_by_the_other_person_and_judges_at_once(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.assessor.model_id == shipped.MODEL_ID
    assert run(app, "promote", OURS, as_="sten") == 3
    assert "not in shadow" in capsys.readouterr().err
    assert run(app, "shadow", OURS, as_="sten") == 0
    assert app.shadow
    assert app.shadow.model_id == OURS
    assert run(app, "promote", OURS, as_="sten") == 3
    assert "judged 0 of 200 posts" in " ".join(capsys.readouterr().err.split())
    seen(app, 200)
    assert run(app, "promote", OURS, as_="ines") == 3
    assert "another person" in capsys.readouterr().err
    assert run(app, "promote", OURS, as_="sten") == 0
    assert (app.assessor.model_id, app.shadow) == (OURS, None)
    capsys.readouterr()
    assert run(app, "list", "--json", as_="ines") == 0
    [row] = printed(capsys)
    assert (row["model"], row["state"], row["trained by"], row["promoted by"]) == (OURS, "current", "ines", "sten")
    assert run(app, "rollback", as_="ines") == 0
    assert app.assessor.model_id == shipped.MODEL_ID


def seen(app: App, count: int) -> None:
    """The model in shadow has judged so many posts."""
    with app.record.write() as tx:
        ids = tx.save_capture(capture(*(post(n, f"post {n}", "t9") for n in range(count)), thread="t9"), NOON)
        tx.save_assessments({rev: judged(False, shipped.MODEL_ID, 0.1) for rev in ids}, NOON)
        tx.save_shadow({rev: Assessment(0.2, False, {}, (), "en", False, OURS) for rev in ids}, NOON)


def test_figures_of_models_are_json(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    seen(app, 3)
    capsys.readouterr()
    assert run(app, "show", OURS) == 0
    assert printed(capsys)[0]["against"] == shipped.MODEL_ID
    assert run(app, "compare", OURS) == 0
    [found] = printed(capsys)
    assert (found["posts"], found["agree"], found["only_new_flagged"]) == (3, 3, 0)
    assert run(app, "drift", "--json") == 0
    printed(capsys)


def test_a_model_that_cannot_be_loaded_gets_neither_into_shadow_nor_into_force(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = app.models / OURS / artifact.WEIGHTS
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1])
    assert run(app, "shadow", OURS) != 0
    assert "was swapped" in " ".join(capsys.readouterr().err.split())
    assert app.shadow is None
    weights.write_bytes(whole)
    assert run(app, "shadow", OURS) == 0
    seen(app, 200)
    weights.write_bytes(whole[:-1])
    assert run(app, "promote", OURS, as_="sten") != 0
    assert "was swapped" in " ".join(capsys.readouterr().err.split())
    assert app.assessor.model_id == shipped.MODEL_ID


def test_wrong_use_is_said(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "shadow") == run(app, "shadow", OURS, "--stop") == 2
    assert run(app, "show", "unknown") == 1
    assert run(app, "train") == 2
    assert "two people must agree" in capsys.readouterr().err.replace("\n", " ")
