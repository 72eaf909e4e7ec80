"""Labelled rows of a user's file."""

import json
from pathlib import Path

import pytest

from nlp.errors import Corrupt
from nlp.rows import LabelledRow, read_rows

GOOD = {"id": "1", "text": "Anyone got a working jailbreak for Lumen?", "label": 1}


def written(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n\n")
    return file


def test_a_row_says_what_its_file_says_and_nothing_else(tmp_path: Path) -> None:
    words = {name: f"the {name}" for name in ("title", "kind", "language", "thread", "writer", "source")}
    bare, full = read_rows(written(tmp_path, GOOD, {**GOOD, **words, "licence": "ours"}))
    assert bare == LabelledRow("1", GOOD["text"], "", 1, "")
    assert full == LabelledRow(id="1", text=GOOD["text"], label=1, **words)


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
        '{"id": "x", "text": "secret words", "label": 1, "thread": ["y"]}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_named_by_its_number_and_never_quoted(tmp_path: Path, bad: str) -> None:
    with pytest.raises(Corrupt, match=r"^Line 2 of ") as caught:
        list(read_rows(written(tmp_path, GOOD, bad)))
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"absent\.jsonl"):
        list(read_rows(tmp_path / "absent.jsonl"))
