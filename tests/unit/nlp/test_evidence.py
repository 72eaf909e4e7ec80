"""Evidence stands in the original text: under disguise, after odd characters, far down in a long post."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.assessment import Span, Text
from nlp.classifier import WINDOW, Classifier
from nlp.evidence import child_safety_spans, rule_spans, wording
from nlp.features import prepare
from nlp.perturb import KNOWN, disguise

FILLER = "The weather was fine and we talked about bicycles and bread. "
ASKS = "Looking for a jailbreak"


def marked(text: str) -> dict[str, str]:
    """The original text of each rule match and child-protection term, by reason."""
    read = prepare([Text(text)])
    item, hits = read.read[0], read.hits_of(0)
    found = (*rule_spans(item, hits), *child_safety_spans(item, hits))
    return {span.reason: text[span.start : span.end] for span in found}


@pytest.mark.parametrize("form", KNOWN)
@pytest.mark.parametrize("seed", range(3))
def test_a_disguised_word_is_marked_as_it_was_written(form: str, seed: int) -> None:
    word = disguise("jailbreak", form, seed=seed)
    assert word != "jailbreak" or form == "escaped"
    text = f"Höflich gefragt 🙂. Looking for a {word} that works, please."
    found = marked(text)["asks-for-bypass"]
    assert found.removesuffix("<") == f"Looking for a {word}".removesuffix("<"), "a last sign may be left out"


@pytest.mark.parametrize("before", ["", "ﬁrst ", "e\u0301\u0302 ", "\u200b\u200b", "№ ½ ﷺ ", "𝔘𝔫𝔦 ", "ＷＩＤＥ "])
def test_what_grows_or_shrinks_when_normalized_moves_no_mark(before: str) -> None:
    found = marked(f"{before}We sent a report to the IWF. {ASKS}!")
    assert found["child-safety-term"] == "IWF"
    assert found["asks-for-bypass"] == ASKS


@settings(max_examples=25)
@given(st.integers(0, 2 * WINDOW), st.integers(0, 2 * WINDOW))
def test_evidence_is_marked_once_wherever_it_stands_in_a_long_post(
    classifier: Classifier, before: int, after: int
) -> None:
    head = (FILLER * (before // len(FILLER) + 1))[:before].rpartition(". ")[0]
    text = f"{head}. {ASKS} that works on Lumen, the old one got patched. {(FILLER * 40)[:after]}"
    marks_all = Classifier(replace(classifier.manifest, threshold=0.0), classifier._model)
    spans = [span for span in marks_all.assess([Text(text)])[0].spans if span.reason == "asks-for-bypass"]
    assert [text[span.start : span.end] for span in spans] == [ASKS]


def lengths(texts: Sequence[Text]) -> list[float]:
    return [float(len(text.text)) for text in texts]


def test_wording_is_the_most_telling_sentence_and_the_first_of_equals() -> None:
    text = "Short. \n  The longest sentence of all!  Tiny? The longest sentence of all?"
    found = wording(text, lengths)
    assert found == Span(10, 38, "wording")
    assert text[found.start : found.end] == "The longest sentence of all!"


def test_each_sentence_is_scored_by_itself() -> None:
    seen: list[str] = []

    def score(texts: Sequence[Text]) -> list[float]:
        seen.extend(text.text for text in texts)
        return lengths(texts)

    wording("One. Two?\nThree 三。四", score)
    assert seen == ["One.", "Two?", "Three 三。", "四"]


@pytest.mark.parametrize("text", ["", " \n ", "...?!", "。\n"])
def test_a_text_without_a_sentence_has_no_wording(text: str) -> None:
    assert wording(text, lengths) is None
