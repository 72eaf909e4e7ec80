"""Token rules over term hits: evidence a person can check, and features for the model.

spaCy's Matcher on a blank pipeline: its rules see which concepts a token carries and how far apart they stand. They run only
on texts that the cheap gate lets through.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc, Token

from nlp.assessment import Span
from nlp.lexicon import Hit

BYPASS = ("jailbreak", "uncensored")
_GATES = (
    frozenset({"jailbreak"}),
    frozenset({"uncensored"}),
    frozenset({"evade", "safeguard"}),
    frozenset({"access", "ai", "trade"}),
)
_STOPS = [".", "!", "?", "\n", "\n\n"]


def gate(hits: Sequence[Hit]) -> bool:
    """Whether the rules could match at all."""
    seen = {hit.concept for hit in hits}
    return any(needed <= seen for needed in _GATES)


def match(text: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
    """Rule matches in normalized text, longest first where they overlap for the same reason; offsets into that text."""
    doc = _language()(text)
    _mark(doc, hits)
    found = [
        Span(doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), _reason(key)) for key, start, end in _matcher()(doc)
    ]
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start - span.end, span.start, span.reason)):
        if not any(span.reason == other.reason and span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: (span.start, span.end, span.reason)))


def _mark(doc: Doc, hits: Sequence[Hit]) -> None:
    """Write each hit's concept onto the tokens it covers."""
    place = 0
    for hit in hits:
        while place < len(doc) and doc[place].idx + len(doc[place]) <= hit.start:
            place += 1
        index = place
        while index < len(doc) and doc[index].idx < hit.end:
            doc[index]._.concepts = [*doc[index]._.concepts, hit.concept]
            index += 1


def _reason(key: int) -> str:
    return str(_language().vocab.strings[key])


@lru_cache(maxsize=1)
def _language() -> spacy.Language:
    if not Token.has_extension("concepts"):
        Token.set_extension("concepts", default=[])
    return spacy.blank("xx")


def _a(*concepts: str) -> dict[str, Any]:
    return {"_": {"concepts": {"INTERSECTS": list(concepts)}}}


def _up_to(tokens: int) -> dict[str, Any]:
    """At most so many tokens of the same sentence."""
    return {"TEXT": {"NOT_IN": _STOPS}, "OP": f"{{0,{tokens}}}"}


def _both_ways(one: dict[str, Any], gap: int, two: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [[one, _up_to(gap), two], [two, _up_to(gap), one]]


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    bypass, evade, safeguard = _a(*BYPASS), _a("evade"), _a("safeguard")
    matcher = Matcher(_language().vocab)
    matcher.add(
        "asks-for-bypass", [[_a("seek"), _up_to(9), bypass], [_a("seek"), _up_to(6), evade, _up_to(5), safeguard]]
    )
    matcher.add("offers-bypass", [[_a("offer"), _up_to(8), bypass], [bypass, _up_to(6), _a("offer")]])
    matcher.add("trades-bypass", _both_ways(_a("trade"), 8, bypass))
    matcher.add(
        "boasts-of-bypass", [[_a("boast"), _up_to(6), bypass], [_a("first"), _up_to(2), evade, _up_to(4), safeguard]]
    )
    matcher.add("evades-safeguard", _both_ways(evade, 4, safeguard))
    matcher.add("names-bypass", _both_ways(bypass, 3, _a("ai")))
    matcher.add("abuses-access", _both_ways(_a("access"), 4, _a("ai")))
    return matcher
