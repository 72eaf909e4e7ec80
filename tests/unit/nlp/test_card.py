"""The printed figures are those of the shipped model."""

from pathlib import Path

import pytest

from nlp import artifact, shipped
from nlp.card import MEASURED, PAGE, TRAINED, card, measured, put, unseen_rows
from nlp.classifier import MODELS, Classifier
from nlp.corpus.dataset import load
from nlp.evaluate import Demand, demanded, disguised, figures, judge

DOCS = Path(__file__).parents[3] / "docs"


def written_by(command: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page.split(f"<!-- table: {command} -->\n")[1].split("<!-- end -->\n")[0]


def test_the_model_card_quotes_the_shipped_model_as_measured() -> None:
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    printed = card(manifest)
    assert f"{manifest.metrics['sets']['all']['pr_auc']:.3f}" in printed
    assert printed == written_by(TRAINED), f"run: {TRAINED}"
    assert printed == (MODELS / shipped.MODEL_ID / "card.md").read_text(encoding="utf-8")


def test_what_was_measured_on_other_posts_is_of_the_shipped_model_and_drawn() -> None:
    assert f"`{shipped.MODEL_ID}`" in written_by(MEASURED), f"run: {MEASURED}"
    for curve in ("precision-recall", "reliability"):
        assert shipped.MODEL_ID in (DOCS / f"images/{curve}-light.svg").read_text(encoding="utf-8")


def test_the_tables_hold_every_slice_kind_and_disguise(classifier: Classifier) -> None:
    rows = unseen_rows()[::40]
    judged = judge({"some": rows}, classifier)
    found = {**figures(judged), "demand": demanded(judged, Demand(0.01)), "disguise": disguised(judged, classifier)}
    words = measured({"unseen": found, "again": figures(judged)})
    assert f"Flagged from a probability of {classifier.threshold:.3f}" in words
    assert words.count(f"| {len(rows)} |") >= 2
    for name in (*found["by_language"], *found["by_length"], *found["by_bypass"]):
        assert f" {name} |" in words
    for name in found["by_kind"]:
        assert f"| `{name}` |" in words
    for name in found["disguise"]["forms"]:
        assert f"| {name} |" in words
    assert "Weak spots on unseen:" in words
    assert "Weak spots on again:" not in words


def test_unseen_rows_are_test_rows_of_writers_that_taught_nothing() -> None:
    taught = {example.author for example in load() if example.split != "test"}
    rows = unseen_rows()
    assert len(rows) > 1000
    assert taught.isdisjoint(row.writer for row in rows)
    assert {row.label for row in rows} == {0, 1}


def test_a_table_goes_between_its_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: one -->\nold\n<!-- end -->\n<!-- table: one two -->\n<!-- end -->\nafter\n")
    put("one", "new\n", page)
    assert page.read_text() == (
        "before\n<!-- table: one -->\nnew\n<!-- end -->\n<!-- table: one two -->\n<!-- end -->\nafter\n"
    )
    with pytest.raises(ValueError, match="one place"):
        put("three", "new\n", page)
