"""Measuring on a user's file."""

import json
from pathlib import Path

import pytest

from nlp.classifier import Classifier
from nlp.errors import Corrupt
from nlp.evaluate import evaluate_file

GOOD = [
    {"id": "1", "text": "Anyone got a working jailbreak for Lumen?", "label": 1, "kind": "asks"},
    {
        "id": "2",
        "text": "Selling access to an uncensored model, no refusals, lifetime, PM me",
        "label": 1,
        "kind": "sells",
        "title": "Market",
    },
    {"id": "3", "text": "My tomatoes are ripe.", "label": 0, "kind": "garden"},
    {"id": "4", "text": "", "label": 0, "kind": "garden"},
]


def written(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n\n")
    return file


def test_all_figures_of_a_file_and_its_kinds(tmp_path: Path, classifier: Classifier) -> None:
    found = evaluate_file(written(tmp_path, *GOOD), classifier)
    assert (found["n"], found["positives"], found["model"]) == (4, 2, classifier.model_id)
    assert found["pr_auc"] == found["roc_auc"] == found["recall_at_1_percent_fpr"] == 1.0
    assert found["recall"] == 1.0
    assert found["fpr"] == 0.0
    assert set(found["by_kind"]) == {"asks", "sells", "garden"}
    assert found["by_kind"]["garden"]["n"] == 2
    assert found["by_kind"]["garden"]["flagged"] == 0.0
    json.dumps(found)


def test_a_file_of_one_label_leaves_open_what_it_cannot_say(tmp_path: Path, classifier: Classifier) -> None:
    found = evaluate_file(written(tmp_path, *GOOD[2:]), classifier)
    assert found["recall"] is None
    assert found["pr_auc"] is None
    assert found["fpr"] == 0.0


def test_an_empty_file_has_no_rows_and_no_figures(tmp_path: Path, classifier: Classifier) -> None:
    found = evaluate_file(written(tmp_path), classifier)
    assert found["n"] == 0
    assert found["by_kind"] == {}


@pytest.mark.parametrize(
    "bad",
    [
        "{not json",
        "[1]",
        '{"id": "x", "label": 1}',
        '{"id": "x", "text": 5, "label": 1}',
        '{"id": "x", "text": "secret words"}',
        '{"id": "x", "text": "secret words", "label": 2}',
        '{"id": "x", "text": "secret words", "label": true}',
        '{"id": "x", "text": "secret words", "label": [1]}',
        '{"id": "x", "text": "secret words", "label": 1, "kind": 3}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_named_by_its_number_and_never_quoted(tmp_path: Path, classifier: Classifier, bad: str) -> None:
    with pytest.raises(Corrupt, match=r"^Line 2 of ") as caught:
        evaluate_file(written(tmp_path, GOOD[0], bad), classifier)
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path, classifier: Classifier) -> None:
    with pytest.raises(Corrupt, match=r"absent\.jsonl"):
        evaluate_file(tmp_path / "absent.jsonl", classifier)
