"""Where in the original text the evidence stands: rules, child-protection terms, sealed terms, and telling wording."""

import re
from collections.abc import Callable, Iterator

from nlp.assessment import Span, Text
from nlp.features import Prepared, prepare
from nlp.lexicon import Lexicon

CHILD_SAFETY = "childsafety"
_SENTENCE = re.compile(r"[^.!?。！？؟\n]*[^.!?。！？؟\s][^.!?。！？؟\n]*[.!?。！？؟]*")
_MAX_SENTENCES = 200


def rule_spans(item: Prepared) -> tuple[Span, ...]:
    """Rule matches and child-protection terms, with offsets into the original text."""
    terms = [Span(hit.start, hit.end, "child-safety-term") for hit in item.hits if hit.concept == CHILD_SAFETY]
    return tuple(Span(*item.read.map(span.start, span.end), span.reason) for span in (*item.rules, *terms))


def sealed_spans(item: Prepared, sealed: Lexicon) -> tuple[Span, ...]:
    """Where terms of the agency's own lists stand."""
    return tuple(Span(*item.read.map(hit.start, hit.end), "sealed-term") for hit in sealed.find(item.read.text))


def wording(text: str, score: Callable[[list[Prepared]], list[float]]) -> Span | None:
    """The sentence the model finds most telling, or None where the text has none.

    score: logits of prepared texts; each sentence is scored by itself.
    """
    found = list(_sentences(text))
    if not found:
        return None
    scores = score([prepare(Text(text[start:end])) for start, end in found])
    start, end = max(zip(scores, found, strict=True), key=lambda pair: (pair[0], -pair[1][0]))[1]
    return Span(start, end, "wording")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for count, match in enumerate(_SENTENCE.finditer(text)):
        if count == _MAX_SENTENCES:
            return
        skipped = len(match.group()) - len(match.group().lstrip())
        yield match.start() + skipped, match.end()
