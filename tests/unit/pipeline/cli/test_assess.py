"""`nightlight assess`: lines in, lines out, and how far it is."""

import io
import json
import sys
from pathlib import Path

import pytest

from nlp.sealed import seal_file
from pipeline.cli import judge
from pipeline.cli.main import run_command

SEEKS = "Does anyone have a working jailbreak for the Lumen chatbot? The old one got patched."
QUIET = "I planted tomatoes this year."


def assess(monkeypatch: pytest.MonkeyPatch, stdin: object, *options: str) -> int:
    monkeypatch.setattr(sys, "stdin", stdin)
    return run_command(["assess", *options])


def rows(*texts: str) -> str:
    return "".join(json.dumps({"id": f"p{number}", "text": text}) + "\n" for number, text in enumerate(texts, 1))


def sealed_options(folder: Path) -> list[str]:
    """A sealed list whose second line is "quorvex"."""
    (folder / "north.txt").write_text("\nquorvex\n")
    sealed = seal_file(folder / "north.txt", folder / "north.key")
    return ["--sealed", str(sealed), "--key-file", str(folder / "north.key")]


def test_each_line_gets_one_in_the_same_order_over_batches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judge, "BATCH", 2)
    assert assess(monkeypatch, io.StringIO(rows(QUIET, SEEKS, QUIET, QUIET, SEEKS))) == 0
    out, err = capsys.readouterr()
    found = [json.loads(line) for line in out.splitlines()]
    assert [row["id"] for row in found] == ["p1", "p2", "p3", "p4", "p5"]
    assert [row["flagged"] for row in found] == [False, True, False, False, True]
    assert err == "", "progress is for terminals, unless asked for"


def test_lines_before_a_bad_one_are_judged_as_they_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judge, "BATCH", 1)
    assert assess(monkeypatch, io.StringIO(rows(QUIET) + '{"id": "p2"}\n')) == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["p1"]
    assert "Line 2 lacks id or text" in err


def test_progress_counts_the_posts_and_those_flagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "posts.jsonl").write_text(rows(QUIET, SEEKS, QUIET))
    with (tmp_path / "posts.jsonl").open() as lines:
        assert assess(monkeypatch, lines, "--progress") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert "3 posts judged, 1 flagged" in err


def test_a_sealed_hit_is_exported_by_its_number_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "off to q.u.o.r.v.e.x"
    assert assess(monkeypatch, io.StringIO(rows(text, QUIET)), "--progress", *sealed_options(tmp_path)) == 0
    out, err = capsys.readouterr()
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["spans"] == [[7, len(text), "sealed-term:north:2"]]
    assert second["spans"] == []
    assert "quorvex" not in (out + err).casefold()


def test_a_sealed_list_without_its_key_judges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, sealed, *key = sealed_options(tmp_path)
    assert assess(monkeypatch, io.StringIO(rows(QUIET)), "--sealed", sealed) == 2
    (tmp_path / "north.key").write_text("not a key")
    assert assess(monkeypatch, io.StringIO(rows(QUIET)), "--sealed", sealed, *key) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "go together" in err
    assert "can't be opened" in " ".join(err.split())
