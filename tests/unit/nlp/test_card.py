"""The printed figures are those of the shipped model."""

from pathlib import Path

from nlp import artifact, shipped, taxonomy
from nlp.card import card
from nlp.classifier import MODELS

DOCS = Path(__file__).parents[3] / "docs"


def test_the_model_card_quotes_the_shipped_model_as_measured() -> None:
    manifest, _ = artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)
    printed = card(manifest)
    assert f"{manifest.metrics['sets']['all']['pr_auc']:.3f}" in printed
    assert printed in (DOCS / "model-card.md").read_text(encoding="utf-8"), "run: python -m nlp.card"
    assert printed == (MODELS / shipped.MODEL_ID / "card.md").read_text(encoding="utf-8")


def test_the_taxonomy_page_defines_every_kind_and_reason_in_the_same_words() -> None:
    page = (DOCS / "taxonomy.md").read_text(encoding="utf-8")
    for name, words in (*taxonomy.KINDS.items(), *taxonomy.REASONS.items()):
        assert f"| `{name}` | {words} |" in page
