"""What weighed on a score, in the author's own words."""

import numpy as np
import pytest
from scipy.special import logit

from nlp import features
from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.corpus.dataset import load
from nlp.explain import _PLAIN, _parts, clues
from nlp.features import matrix, prepare
from nlp.lexicon import plain

ASKS = Text("Hello all. Does anyone have a working J.a.i.l.b.r.e.a.k for Lumen?")


def test_a_clue_quotes_the_words_as_they_were_written(classifier: Classifier) -> None:
    found = clues(ASKS, classifier._model)
    assert any("J.a.i.l.b.r.e.a.k" in clue.words for clue in found)
    assert any("Does anyone" in clue.words for clue in found)


def test_clues_come_heaviest_first_and_each_once(classifier: Classifier) -> None:
    found = clues(ASKS, classifier._model)
    weights = [abs(clue.weight) for clue in found]
    assert 0 < len(found) <= 6
    assert weights == sorted(weights, reverse=True)
    assert len({clue.words for clue in found}) == len(found)


@pytest.mark.parametrize("text", [ASKS, *(Text(e.text, e.title) for e in load()[::900])])
def test_all_parts_together_are_the_log_odds_of_the_score(classifier: Classifier, text: Text) -> None:
    model, batch = classifier._model, prepare([text])
    head = 0 if batch.named[0] else 1
    weights = model.wide[:, head].astype(np.float64) * model.slope[head]
    whole = sum(weight for _, weight in _parts(batch, text, weights))
    score = model.scores(matrix(batch), batch.named)[0]
    assert whole + model.slope[head] * model.bias[head] + model.shift[head] == pytest.approx(logit(score), abs=1e-3)


def test_a_title_is_named_as_such(classifier: Classifier) -> None:
    text = Text("mine still works", "Uncensored models")
    said = [words for words, _ in _parts(prepare([text]), text, np.ones(features.columns()))]
    assert "the title names a model without safeguards" in said


def test_every_concept_has_plain_words() -> None:
    assert set(_PLAIN) == set(plain().concepts)


def test_an_empty_text_has_no_clues(classifier: Classifier) -> None:
    assert clues(Text(""), classifier._model) == ()
