"""What the shipped classifier says of texts, hostile ones included."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nlp.classifier as judging
from nlp import taxonomy
from nlp.assessment import Assessment, Clue, Text
from nlp.classifier import WINDOW, Classifier
from nlp.model import Model
from nlp.sealed import Sealed

SEEKS = "Does anyone have a working jailbreak for the Lumen chatbot? The old one got patched."
SELLS = "Selling access to an uncensored model, no refusals, lifetime, PM me, escrow accepted"
FILLER = "The weather was fine and we talked about bicycles and bread. "
OTHER = (
    "My father had heart bypass surgery on Monday and is doing well.",
    "Jailbreak your old iPhone to get the tweaks back, then install the firmware.",
    "Where can I buy good coffee filters in this town?",
    "I planted tomatoes this year.",
    "",
)


def one(classifier: Classifier, text: str, title: str = "") -> Assessment:
    return classifier.assess([Text(text, title)])[0]


@pytest.mark.parametrize("text", [SEEKS, SELLS])
def test_talk_about_a_bypass_is_flagged_with_evidence(classifier: Classifier, text: str) -> None:
    found = one(classifier, text)
    assert found.flagged
    assert found.score >= classifier.threshold
    assert found.spans
    assert found.model == classifier.model_id


@pytest.mark.parametrize("text", OTHER)
def test_other_senses_and_other_talk_are_not_flagged(classifier: Classifier, text: str) -> None:
    assert not one(classifier, text).flagged


def test_the_kind_of_talk_is_told_apart(classifier: Classifier) -> None:
    asks, sells = classifier.assess([Text(SEEKS), Text(SELLS)])
    assert asks.kinds["seeking"] > asks.kinds["trading"]
    assert sells.kinds["trading"] > sells.kinds["seeking"]
    assert set(asks.kinds) == {*taxonomy.INTENTS, *taxonomy.METHODS}


@pytest.mark.parametrize(
    "disguised",
    [
        SEEKS.replace("jailbreak", "j41lbr34k"),
        SEEKS.replace("jailbreak", "j.a.i.l.b.r.e.a.k"),
        SEEKS.replace("a", "\u0430"),
        "\u200b".join(SEEKS),
        SEEKS.upper(),
    ],
)
def test_a_disguise_changes_nothing(classifier: Classifier, disguised: str) -> None:
    assert one(classifier, disguised).score == pytest.approx(one(classifier, SEEKS).score, abs=0.1)
    assert one(classifier, disguised).flagged


def test_a_flag_without_a_rule_points_at_the_telling_sentence(classifier: Classifier) -> None:
    flags_all = Classifier(replace(classifier.manifest, threshold=0.0), classifier._model)
    telling = "How did you get yours to stop saying no to everything?"
    text = f"{FILLER}{telling} {FILLER}"
    assert [(text[s.start : s.end], s.reason) for s in one(flags_all, text).spans] == [(telling, "wording")]
    assert one(flags_all, "").spans == ()


def test_child_safety_context_is_raised_by_clinical_terms_only_and_is_no_flag(classifier: Classifier) -> None:
    report = one(classifier, "We reported the account to NCMEC and the IWF, as our policy asks.")
    assert report.child_safety_context
    assert not report.flagged
    assert not one(classifier, "My kids love the school and their young teacher.").child_safety_context


def test_a_sealed_term_is_marked_in_any_text_and_changes_nothing_else(classifier: Classifier) -> None:
    agency = classifier.with_sealed(Sealed({"north": ["", "quorvex"]}))
    for text in ("Meet me at Quorvex tonight.", f"{FILLER * 90} Quorvex {SEEKS}"):
        plain, marked = one(classifier, text), one(agency, text)
        added = set(marked.spans) - set(plain.spans)
        assert [(text[s.start : s.end], s.reason) for s in added] == [("Quorvex", "sealed-term:north:2")]
        assert replace(marked, spans=plain.spans) == plain
    assert one(agency, FILLER) == one(classifier, FILLER)


def test_a_higher_threshold_flags_less_and_changes_no_score(classifier: Classifier) -> None:
    found = one(classifier, SEEKS)
    raised = one(classifier.flagging_from(found.score + 1e-6), SEEKS)
    assert found.flagged
    assert not raised.flagged
    assert raised.score == found.score
    assert one(classifier.flagging_from(0), SEEKS) == found


def test_a_needle_in_a_long_text_is_found_and_pointed_at(classifier: Classifier) -> None:
    hay = FILLER * 900
    assert len(hay) > 2 * WINDOW
    assert not one(classifier, hay).flagged
    text = f"{hay}\n{SEEKS}"
    found = one(classifier, text)
    assert any(text[s.start : s.end] in SEEKS and s.reason in taxonomy.REASONS for s in found.spans)


@pytest.mark.parametrize(
    "text",
    [
        "\x00" * 50,
        "\ud800 lone \udfff surrogates",
        "a" * 1_000_000,
        "jailbreak " * 5_000,
        "\u202eكيف أتجاوز القيود\u202c",
        "e" + "\u0301" * 3_000,
        "jailbreak\ufdfa\u200d\U0001f600" * 300,
        "*" * 3_000,
        "?!.\n" * 3_000,
    ],
)
def test_hostile_text_is_judged_like_any_other(classifier: Classifier, text: str) -> None:
    found = one(classifier, text)
    assert 0 <= found.score <= 1
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)


@settings(max_examples=60)
@given(st.text(st.characters(), max_size=300), st.text(st.characters(), max_size=40))
def test_any_text_gets_a_finite_score_and_spans_inside_it(classifier: Classifier, text: str, title: str) -> None:
    found = one(classifier, f"{text} jailbreak {text}", title)
    assert math.isfinite(found.score)
    assert all(0 <= s.start < s.end <= 2 * len(text) + 11 and s.reason in taxonomy.REASONS for s in found.spans)


def test_only_the_worst_part_of_a_long_text_is_explained(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever posts much at once must not keep the line busy."""
    asked: list[Text] = []
    explain = judging.clues

    def counted(text: Text, model: Model) -> tuple[Clue, ...]:
        asked.append(text)
        return explain(text, model)

    monkeypatch.setattr(judging, "clues", counted)
    loud = "I am selling a jailbreak for any chatbot, works today, dm me for the price. "
    [found] = classifier.assess([Text(loud * 50)])
    assert found.flagged
    assert len({span.start // WINDOW for span in found.spans}) > 2, "other parts are flagged too"
    [worst] = asked
    assert classifier.scores([worst]) == [found.score]
    assert found.clues == explain(worst, classifier._model) != ()


def test_an_answer_does_not_depend_on_the_batch(classifier: Classifier) -> None:
    texts = [Text(SEEKS), Text(""), Text(SELLS, "shop"), *map(Text, OTHER)]
    together = classifier.assess(texts)
    assert together == [classifier.assess([text])[0] for text in texts]
    assert classifier.assess([]) == []


def test_quotes_are_context_and_not_the_authors_words(classifier: Classifier) -> None:
    quoting = classifier.assess([Text("Please don't post this here.", quoted=SEEKS)])[0]
    assert not quoting.flagged
    assert quoting.spans == ()
