"""Where in the original text the evidence stands: rules, child-protection terms, and telling wording."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from nlp.assessment import Span, Text
from nlp.lexicon import Hit
from nlp.normalize import Normalized
from nlp.rules import gate, match

CHILD_SAFETY = "childsafety"
_SENTENCE = re.compile(r"[^.!?。！？؟\n]*[^.!?。！？؟\s][^.!?。！？؟\n]*[.!?。！？؟]*")
_MAX_SENTENCES = 200


def rule_spans(read: Normalized, hits: Sequence[Hit]) -> Iterator[Span]:
    """Rule matches, with offsets into the original text."""
    if gate(hits):
        yield from (Span(*read.map(span.start, span.end), span.reason) for span in match(read.text, hits))


def child_safety_spans(read: Normalized, hits: Sequence[Hit]) -> Iterator[Span]:
    """Where child-protection terms stand."""
    found = (hit for hit in hits if hit.concept == CHILD_SAFETY)
    yield from (Span(*read.map(hit.start, hit.end), "child-safety-term") for hit in found)


def wording(text: str, score: Callable[[list[Text]], list[float]]) -> Span | None:
    """The sentence the model finds most telling, or None where the text has none. score: of each sentence by itself."""
    found = list(_sentences(text))
    if not found:
        return None
    scores = score([Text(text[start:end]) for start, end in found])
    start, end = max(zip(scores, found, strict=True), key=lambda pair: (pair[0], -pair[1][0]))[1]
    return Span(start, end, "wording")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for found in islice(_SENTENCE.finditer(text), _MAX_SENTENCES):
        skipped = len(found.group()) - len(found.group().lstrip())
        yield found.start() + skipped, found.end()
