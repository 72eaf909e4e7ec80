"""`nightlight evaluate`, as an analyst types it."""

import json
import sys
from pathlib import Path

import pytest

from nlp.classifier import MODELS
from nlp.shipped import MODEL_ID
from pipeline.cli.main import run_command

ROWS = [
    {"id": "1", "text": "Anyone got a working jailbreak for Lumen?", "label": 1, "kind": "asks", "thread": "a"},
    {
        "id": "2",
        "text": "Selling access to an uncensored model, no refusals, lifetime, PM me",
        "label": 1,
        "thread": "b",
    },
    {"id": "3", "text": "My tomatoes are ripe.", "label": 0, "thread": "a"},
    {"id": "4", "text": "Which soil is best for carrots and beans?", "label": 0, "thread": "c"},
]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    found = []
    for name, rows in (("one.jsonl", ROWS[:2]), ("two.jsonl", ROWS[2:])):
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows))
        found.append(str(tmp_path / name))
    return found


def test_files_are_pooled_into_figures_for_machines_and_sentences_for_people(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--base-rate", "0.01", "--volume", "1000", "--capacity", "20"]
    other = ["--against", str(MODELS / MODEL_ID), "--disguise", "--curves", str(tmp_path / "curves")]
    assert run_command(["--home", str(tmp_path), "init"]) == 0
    capsys.readouterr()
    assert run_command(["--home", str(tmp_path), "evaluate", *files, *place, *other]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["n"], found["positives"], found["model"]) == (4, 2, MODEL_ID)
    assert {name: one["n"] for name, one in found["by_file"].items()} == {"one.jsonl": 2, "two.jsonl": 2}
    assert found["resampled"] == {"thread": 3}
    assert found["demand"]["at_capacity"]["alerts_a_day"] <= 20
    assert found["comparison"]["recall"]["difference"] == 0
    assert found["disguise"]["forms"]["leet"]["n"] > 0
    assert all(Path(picture).stat().st_size > 1000 for picture in found["curves"])
    said = " ".join(err.split())
    assert f"{MODEL_ID} on 4 texts, 2 of them alerting; 95 % intervals by 3 threads." in said
    assert "20 of 1000 posts a day can be looked at" in said
    assert "tomatoes" not in out + err


def test_what_cannot_be_scored_is_null_for_machines_and_undefined_for_people(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["evaluate", files[1]]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["recall"] is None
    assert found["pr_auc_95"] is None
    assert "demand" not in found
    assert "PR-AUC undefined" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--capacity", "20"], "only with --base-rate"),
        (["--base-rate", "0.01", "--capacity", "20"], "add how many with --volume"),
        (["--base-rate", "1"], "above 0 and below 1"),
        (["--base-rate", "0.1", "--volume", "0"], "above 0; correct them"),
    ],
)
def test_a_demand_that_says_nothing_is_wrong_use(
    files: list[str], options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["evaluate", files[0], *options]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_pictures_without_their_library_say_what_to_install(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "nlp.curves", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run_command(["evaluate", files[0], "--curves", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "pip install 'nightlight[curves]'" in err
