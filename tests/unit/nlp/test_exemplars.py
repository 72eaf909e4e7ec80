"""Exemplars: the labelled examples a text is most like, from both sides, by ids that people can look up."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import artifact, shipped
from nlp.assessment import Exemplar, Text
from nlp.classifier import MODELS, Classifier
from nlp.corpus.dataset import example, load
from nlp.exemplars import Likeness, remember
from nlp.features import matrix, prepare
from nlp.model import NO_EXAMPLES, Model

ASKS = "Does anyone have a working jailbreak for the Lumen chatbot? The old one got patched."
SELLS = "Selling access to an uncensored model, no refusals, lifetime, PM me, escrow accepted"
REPORTS = "Researchers describe in a paper how the safeguards of a chatbot were bypassed, and how the maker fixed it."


@pytest.fixture(scope="module")
def model() -> Model:
    return artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256)[1]


@pytest.fixture(scope="module")
def likeness(model: Model) -> Likeness:
    return Likeness(model)


def knowing(model: Model, texts: list[str], labels: list[int], ids: list[str]) -> Likeness:
    """The shipped weights with other examples."""
    rows = matrix(prepare([Text(text) for text in texts]))
    return Likeness(replace(model, examples=remember(model, rows, ids, np.array(labels, dtype=np.int8))))


def test_every_training_example_of_the_corpus_can_be_shown_and_no_held_out_one(model: Model) -> None:
    assert set(model.examples.ids.tolist()) == {found.id for found in load() if found.split == "train"}


def test_an_id_leads_to_the_text_and_label_of_the_example(likeness: Likeness) -> None:
    for like in likeness.nearest(Text(ASKS)):
        found = example(like.id)
        assert found is not None
        assert found.text
        assert found.label == like.label


def test_an_example_of_the_corpus_is_most_like_itself(likeness: Likeness) -> None:
    known = [found for found in load() if found.split == "train" and found.label == 1][::400]
    nearest = [likeness.nearest(Text(found.text, found.title))[0] for found in known]
    assert len(known) > 5
    assert all(like.similarity == pytest.approx(1, abs=0.001) for like in nearest)
    assert all(like.label == 1 for like in nearest)


def test_talk_is_like_talk_of_its_kind_more_than_like_the_other_side(likeness: Likeness) -> None:
    assert likeness.nearest(Text(ASKS))[0].label == 1
    assert likeness.nearest(Text(SELLS))[0].label == 1
    assert likeness.nearest(Text(REPORTS))[0].label == 0


def test_both_sides_are_shown_most_alike_first(likeness: Likeness) -> None:
    for text in (ASKS, SELLS, REPORTS):
        found = likeness.nearest(Text(text))
        assert len(found) == 3
        assert {like.label for like in found} == {0, 1}
        assert [like.similarity for like in found] == sorted((like.similarity for like in found), reverse=True)


def test_a_model_of_one_side_shows_that_side_alone(model: Model) -> None:
    found = knowing(model, [ASKS, SELLS], [1, 1], ["asks", "sells"]).nearest(Text(ASKS))
    assert found[0] == Exemplar("asks", 1, 1.0)
    assert all(like.label == 1 for like in found)


def test_of_examples_that_say_the_same_one_is_shown(model: Model) -> None:
    texts = [ASKS, ASKS.upper(), SELLS, REPORTS]
    found = knowing(model, texts, [1, 1, 1, 0], ["asks", "asks loudly", "sells", "reports"]).nearest(Text(ASKS))
    assert [like.id for like in found if like.id.startswith("asks")] == ["asks"]
    assert len(found) == 3


def test_rows_without_an_id_are_never_shown(model: Model) -> None:
    found = knowing(model, [ASKS, SELLS, REPORTS], [1, 1, 0], ["", "sells", "reports"]).nearest(Text(ASKS))
    assert {like.id for like in found} == {"sells", "reports"}
    assert Likeness(replace(model, examples=NO_EXAMPLES)).nearest(Text(ASKS)) == ()


def test_only_flagged_texts_get_exemplars(classifier: Classifier) -> None:
    flagged, other = classifier.assess([Text(ASKS), Text("I planted tomatoes this year.")])
    assert flagged.flagged
    assert len(flagged.exemplars) == 3
    assert not other.flagged
    assert other.exemplars == ()


@settings(max_examples=60)
@given(st.text(st.characters(), max_size=200))
def test_any_text_gets_similarities_between_zero_and_one(likeness: Likeness, text: str) -> None:
    found = likeness.nearest(Text(text))
    assert all(0 < like.similarity <= 1 and like.label in (0, 1) for like in found)
    assert len({like.id for like in found}) == len(found) <= 3
