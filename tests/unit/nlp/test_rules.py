"""Token rules give evidence, and stay silent about other senses."""

import pytest

from nlp import taxonomy
from nlp.assessment import Text
from nlp.evidence import child_safety_spans, rule_spans
from nlp.features import prepare


def reasons(text: str) -> dict[str, str]:
    batch = prepare([Text(text)])
    read, hits = batch.read[0], batch.hits_of(0)
    spans = (*rule_spans(read, hits), *child_safety_spans(read, hits))
    return {span.reason: text[span.start : span.end] for span in spans}


@pytest.mark.parametrize(
    ("text", "reason", "evidence"),
    [
        ("Hi. Looking for a jailbreak that works on Lumen", "asks-for-bypass", "Looking for a jailbreak"),
        ("I just uploaded my uncensored version of it", "offers-bypass", "I just uploaded my uncensored"),
        ("WTS jailbreak for Lumen, ask here", "trades-bypass", "WTS jailbreak"),
        ("so I bypassed the safety filter last night", "boasts-of-bypass", "I bypassed the safety filter"),
        ("how people get around the guardrails", "evades-safeguard", "get around the guardrails"),
        ("an uncensored model", "names-bypass", "uncensored model"),
        ("cheap accounts for that chatbot, selling ten", "abuses-access", "accounts for that chatbot"),
        ("we sent the report to the IWF", "child-safety-term", "IWF"),
    ],
)
def test_a_rule_points_at_its_words(text: str, reason: str, evidence: str) -> None:
    assert reasons(text)[reason] == evidence
    assert reason in taxonomy.REASONS


@pytest.mark.parametrize(
    "text",
    ["The bypass surgery went well", "I jogged around the block", "Selling two bikes, escrow ok", "Was für ein Tag!"],
)
def test_other_senses_and_other_talk_match_no_rule(text: str) -> None:
    assert reasons(text) == {}


def test_a_rule_does_not_reach_over_the_end_of_a_sentence() -> None:
    assert "asks-for-bypass" in reasons("I am looking for a good jailbreak")
    assert "asks-for-bypass" not in reasons("I am looking for a bike. My jailbreak is old")


def test_evidence_stands_in_the_original_also_where_the_words_are_disguised() -> None:
    assert reasons("  Looking for a j\u0430il\u200bbr3ak!!")["asks-for-bypass"] == "Looking for a j\u0430il\u200bbr3ak"
