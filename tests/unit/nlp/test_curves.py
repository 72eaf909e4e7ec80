"""Pictures of the curves."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.curves import THEMES, draw
from nlp.evaluate import Judged
from nlp.rows import LabelledRow


@pytest.fixture
def judged() -> Judged:
    random = np.random.default_rng(1)
    labels = (random.random(120) < 0.3).astype(np.int8)
    return Judged(
        model="v2-test",
        threshold=0.6,
        rows=[LabelledRow(str(place), "", "", int(label), "") for place, label in enumerate(labels)],
        labels=labels,
        scores=np.clip(labels * 0.3 + random.random(120) * 0.7, 0, 1),
        groups=[str(place // 2) for place in range(120)],
        slices={},
    )


def words(picture: Path) -> str:
    return " ".join("".join(part.itertext()) for part in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text"))


def test_both_curves_are_drawn_for_light_and_dark_pages_with_threshold_and_counts(
    judged: Judged, tmp_path: Path
) -> None:
    written = draw({"one board": judged, "another": judged}, tmp_path / "new")
    names = {f"{name}-{theme}.svg" for name in ("precision-recall", "reliability") for theme in THEMES}
    assert {picture.name for picture in written} == names
    for picture in written:
        said = words(picture)
        assert "one board" in said
        assert f"120 texts, {judged.labels.sum()} alerting" in said
        assert "threshold 0.600" in said
        assert THEMES["dark" if "dark" in picture.name else "light"]["paper"] in picture.read_text()
    first = int((judged.scores < 0.1).sum())
    assert f" {first} " in words(tmp_path / "new/reliability-light.svg")


def test_the_same_figures_give_the_same_bytes(judged: Judged, tmp_path: Path) -> None:
    one, two = (draw({"board": judged}, tmp_path / name) for name in ("one", "two"))
    assert [picture.read_bytes() for picture in one] == [picture.read_bytes() for picture in two]


def test_a_set_of_one_label_has_no_curve(judged: Judged, tmp_path: Path) -> None:
    negative = replace(judged, labels=np.zeros(120, dtype=np.int8))
    assert draw({"negative": negative}, tmp_path) == []
    assert "negative" not in words(draw({"negative": negative, "board": judged}, tmp_path)[0])


def test_a_model_that_flags_nothing_and_one_of_a_single_thread_are_drawn_all_the_same(
    judged: Judged, tmp_path: Path
) -> None:
    silent = replace(judged, threshold=1.1, groups=["one"] * 120)
    said = words(draw({"board": silent}, tmp_path)[0])
    assert "v2-test" in said
    assert "threshold" not in said
    assert "of draws" not in said
