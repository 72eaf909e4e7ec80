"""Token rules over term hits: evidence a person can check, and features for the model.

spaCy's Matcher on a blank pipeline: its rules see which concepts a token carries and how far apart they stand. They run
only on texts that the cheap gate lets through.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from nlp.assessment import Span
from nlp.lexicon import BYPASS, Hit

GATES = (
    frozenset({"jailbreak"}),
    frozenset({"uncensored"}),
    frozenset({"evade", "safeguard"}),
    frozenset({"access", "ai", "trade"}),
)
_STOPS = frozenset({".", "!", "?"})
_STOP = "stop"
_CONCEPTS = (_STOP, *BYPASS, "seek", "offer", "trade", "boast", "first", "evade", "safeguard", "access", "ai")

Pattern = list[dict[Any, Any]]


def gate(hits: Sequence[Hit]) -> bool:
    """Whether the rules could match at all."""
    seen = {hit.concept for hit in hits}
    return any(needed <= seen for needed in GATES)


def match(text: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
    """Rule matches in normalized text, longest first where they overlap for the same reason; offsets into that text."""
    doc = _language().make_doc(text)
    found = [
        Span(doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), _reason(key))
        for key, start, end in _matcher()(_shadow(doc, hits))
    ]
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start - span.end, span.start, span.reason)):
        if not any(span.reason == other.reason and span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: (span.start, span.end, span.reason)))


def _shadow(doc: Doc, hits: Sequence[Hit]) -> Doc:
    """The doc with each word replaced by the names of its concepts, joined by "+": what the rules look at.

    Concepts are then flags of words, which the Matcher compares as integers; a set on each token is ten times slower.
    """
    words = [{_STOP} if token.text in _STOPS or (token.is_space and "\n" in token.text) else set() for token in doc]
    place = 0
    for hit in hits:
        while place < len(doc) and doc[place].idx + len(doc[place]) <= hit.start:
            place += 1
        index = place
        while index < len(doc) and doc[index].idx < hit.end:
            words[index].add(hit.concept)
            index += 1
    return Doc(doc.vocab, words=["+".join(sorted(concepts)) or "-" for concepts in words])


def _reason(key: int) -> str:
    return str(_language().vocab.strings[key])


@lru_cache(maxsize=1)
def _language() -> Language:
    return spacy.blank("xx")


@lru_cache(maxsize=1)
def _flags() -> dict[str, int]:
    """The lexeme flag that says whether a shadow word has the concept."""
    return {concept: _language().vocab.add_flag(partial(_has, concept)) for concept in _CONCEPTS}


def _has(concept: str, word: str) -> bool:
    return concept in word.split("+")


def _a(concept: str) -> dict[Any, Any]:
    return {_flags()[concept]: True}


def _up_to(tokens: int) -> dict[Any, Any]:
    """At most so many tokens of the same sentence."""
    return {_flags()[_STOP]: False, "OP": f"{{0,{tokens}}}"}


def _after(one: str, gap: int, *others: str) -> list[Pattern]:
    return [[_a(one), _up_to(gap), _a(other)] for other in others]


def _beside(one: str, gap: int, *others: str) -> list[Pattern]:
    return [pattern for other in others for pattern in (*_after(one, gap, other), *_after(other, gap, one))]


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    matcher = Matcher(_language().vocab, validate=False)  # its schema knows no flags of our own
    evading = [_a("evade"), _up_to(5), _a("safeguard")]
    matcher.add("asks-for-bypass", [*_after("seek", 9, *BYPASS), [_a("seek"), _up_to(6), *evading]])
    matcher.add("offers-bypass", _beside("offer", 8, *BYPASS))
    matcher.add("trades-bypass", _beside("trade", 8, *BYPASS))
    matcher.add("boasts-of-bypass", [*_after("boast", 6, *BYPASS), [_a("first"), _up_to(2), *evading]])
    matcher.add("evades-safeguard", _beside("evade", 4, "safeguard"))
    matcher.add("names-bypass", _beside("ai", 3, *BYPASS))
    matcher.add("abuses-access", _beside("access", 4, "ai"))
    return matcher
