"""Measuring a model on labelled rows."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.classifier import Classifier
from nlp.evaluate import Demand, Judged, compared, demanded, disguised, figures, judge, read_files
from nlp.perturb import FORMS
from nlp.rows import LabelledRow

ASKS = LabelledRow("1", "Anyone got a working jailbreak for Lumen?", "", 1, "asks")
SELLS = LabelledRow("2", "Selling access to an uncensored model, no refusals, lifetime, PM me", "Market", 1, "sells")
GARDEN = LabelledRow("3", "My tomatoes are ripe.", "", 0, "garden")
EMPTY = LabelledRow("4", "", "", 0, "garden")
ROWS = [ASKS, SELLS, GARDEN, EMPTY]
LONG = replace(GARDEN, text="My tomatoes are ripe. " * 60)


def hinted(row: LabelledRow) -> LabelledRow:
    return replace(row, text="Is there anything that just answers?", kind="hints")


@pytest.fixture(scope="module")
def judged(classifier: Classifier) -> Judged:
    rows = [replace(row, id=f"{row.id}-{copy}", thread=f"{copy}") for row in ROWS for copy in range(6)]
    return judge({"one.jsonl": rows[:12], "two.jsonl": rows[12:]}, classifier)


def test_all_figures_of_a_file_and_its_kinds(classifier: Classifier) -> None:
    found = figures(judge({"rows": ROWS}, classifier))
    assert (found["n"], found["positives"], found["model"]) == (4, 2, classifier.model_id)
    assert found["pr_auc"] == found["roc_auc"] == found["recall_at_1_percent_fpr"] == 1.0
    assert found["recall"] == 1.0
    assert found["fpr"] == 0.0
    assert set(found["by_kind"]) == {"asks", "sells", "garden"}
    assert found["by_kind"]["garden"]["n"] == 2
    assert found["by_kind"]["garden"]["flagged"] == 0.0
    json.dumps(found, allow_nan=False)


def test_rows_are_scored_as_the_classifier_assesses_them(judged: Judged, classifier: Classifier) -> None:
    from nlp.assessment import Text

    assessments = classifier.assess([Text(row.text, row.title) for row in judged.rows])
    assert judged.scores == pytest.approx([assessment.score for assessment in assessments])
    assert judged.flagged.tolist() == [assessment.flagged for assessment in assessments]


def test_one_label_alone_leaves_open_what_it_cannot_say(classifier: Classifier) -> None:
    found = figures(judge({"rows": ROWS[2:]}, classifier))
    assert found["recall"] is None
    assert found["pr_auc"] is None
    assert found["fpr"] == 0.0


def test_no_rows_have_no_figures(classifier: Classifier) -> None:
    judged = judge({"rows": []}, classifier)
    found = figures(judged)
    assert found["n"] == 0
    assert found["by_kind"] == found["by_file"] == {}
    assert demanded(judged, Demand(0.01, 100, 5))["at_capacity"]["precision"] is None
    assert disguised(judged, classifier)["known"]["lost"] is None
    assert compared(judged, judged)["recall"]["difference"] is None


def test_slices_are_by_file_language_length_and_how_plainly_it_is_said(classifier: Classifier) -> None:
    found = figures(judge({"a": [ASKS, hinted(SELLS)], "b": [replace(GARDEN, language="xx"), LONG, EMPTY]}, classifier))
    assert {name: one["n"] for name, one in found["by_file"].items()} == {"a": 2, "b": 3}
    assert {name: one["n"] for name, one in found["by_language"].items()} == {"en": 3, "und": 1, "xx": 1}
    assert [(name, one["n"]) for name, one in found["by_length"].items()] == [("up to 80", 4), ("1001 and more", 1)]
    assert found["by_bypass"]["named"]["positives"] == 1
    assert found["by_bypass"]["hinted"]["positives"] == 1


@pytest.mark.parametrize(
    ("known", "groups"),
    [
        ({"thread": "t", "writer": "w", "source": "s"}, {"thread": 1}),
        ({"writer": "w", "source": "s"}, {"writer": 1}),
        ({"source": "s"}, {"source": 1}),
        ({}, {"text": 4}),
    ],
)
def test_rows_are_drawn_by_the_closest_tie_that_is_known(
    classifier: Classifier, known: dict[str, str], groups: dict[str, int]
) -> None:
    assert figures(judge({"rows": [replace(row, **known) for row in ROWS]}, classifier))["resampled"] == groups


def test_a_thread_and_a_writer_of_one_name_are_two_things(classifier: Classifier) -> None:
    rows = [replace(ASKS, thread="x"), replace(SELLS, writer="x"), replace(GARDEN, thread="x"), EMPTY]
    assert figures(judge({"rows": rows}, classifier))["resampled"] == {"thread": 1, "writer": 1, "text": 1}


def test_copies_in_threads_make_no_figure_surer(judged: Judged) -> None:
    alone = figures(replace(judged, groups=[row.id for row in judged.rows]))
    together = figures(judged)
    assert together["resampled"] == {"thread": 6}
    assert together["recall"] == alone["recall"]
    assert np.ptp(together["recall_95"]) > np.ptp(alone["recall_95"])
    assert np.ptp(together["by_kind"]["garden"]["flagged_95"]) > np.ptp(alone["by_kind"]["garden"]["flagged_95"])


def test_what_a_day_brings_follows_from_base_rate_and_volume(judged: Judged) -> None:
    found = demanded(judged, Demand(0.01, volume=1000, capacity=5))
    own, fits = found["expected"], found["at_capacity"]
    assert own["threshold"] == judged.threshold
    assert own["alerts_a_day"] == pytest.approx(10)  # all that alert, and nothing else
    assert own["alerts_a_day_95"][1] > 10
    assert fits["threshold"] > own["threshold"]
    assert fits["alerts_a_day"] <= 5
    bare = demanded(judged, Demand(0.01))
    assert "at_capacity" not in bare
    assert bare["expected"]["alerts_a_day"] is None
    assert bare["expected"]["flagged"] == pytest.approx(0.01)


def test_a_model_against_itself_and_against_one_that_misses_half(judged: Judged) -> None:
    worse = replace(
        judged, model="worse", scores=np.where([row.kind == "asks" for row in judged.rows], 0, judged.scores)
    )
    same, other = compared(judged, judged), compared(judged, worse)
    assert same["recall"]["difference"] == 0
    assert other["against"] == "worse"
    assert other["recall"]["difference"] == pytest.approx(0.5)
    assert other["recall"]["difference_95"] == pytest.approx([0.5, 0.5])  # every thread has one of each
    assert other["fpr"]["difference"] == 0


def test_disguise_is_measured_on_alerting_rows_it_changes(judged: Judged, classifier: Classifier) -> None:
    found = disguised(judged, classifier)
    assert set(found["forms"]) == set(FORMS)
    assert 0 < found["forms"]["leet"]["n"] <= 12
    assert found["forms"]["homoglyph"]["recall"] == 1
    assert found["known"]["n"] + found["unseen"]["n"] == sum(one["n"] for one in found["forms"].values())
    for one in (found["known"], found["unseen"], *found["forms"].values()):
        assert one["lost"] == pytest.approx(1 - one["recall_disguised"] / one["recall"])
    assert found["by_language"]["en"]["known"]["n"] == found["known"]["n"]
    nothing_to_hide = replace(judged, rows=[hinted(row) for row in judged.rows])
    assert disguised(nothing_to_hide, classifier)["known"]["lost"] is None


def test_files_are_named_by_their_last_part_where_that_tells_them_apart(tmp_path: Path) -> None:
    files = [tmp_path / "one/rows.jsonl", tmp_path / "two/rows.jsonl", tmp_path / "other.jsonl"]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"text": file.parent.name, "label": 0}))
    assert list(read_files(files[1:])) == ["rows.jsonl", "other.jsonl"]
    assert {name: rows[0].text for name, rows in read_files(files[:2]).items()} == {
        str(files[0]): "one",
        str(files[1]): "two",
    }
