"""What weighed on a score, in words for people: a linear score is a sum, and each part has a place in the text."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from nlp.assessment import Clue, Text
from nlp.features import LETTERS, Batch, blocks, layout, matrix, prepare
from nlp.model import Model, Scores

_MOST = 6
_LEAST_WEIGHT = 0.05
_LEAST_LETTERS = 3  # shorter words weigh, but tell a person nothing
_UNSAID = ""
_PLAIN = {
    "jailbreak": "a jailbreak",
    "uncensored": "a model without safeguards",
    "safeguard": "a safeguard",
    "evade": "a way round",
    "ai": "an AI system",
    "seek": "asking",
    "offer": "offering",
    "trade": "trade",
    "boast": "success",
    "access": "access",
    "disguise": "disguise",
    "phone": "phones",
    "othersense": "another sense",
    "defence": "defence",
    "news": "news",
    "opinion": "opinion",
    "complaint": "complaint",
    "negation": "negation",
    "first": "the author",
    "you": "the reader",
    "childsafety": "child protection",
    "advise": "advice",
    "wish": "a wish",
    "they": "others",
    "musing": "musing",
    "being": "being",
    "size": "hardware and files",
    "text-model": "a model that writes",
    "image-model": "a model that makes pictures",
    "voice-model": "a model that speaks",
    "agent": "a system that acts",
    "moderation": "moderation",
    "asked": "a question",
}


def clues(text: Text, model: Model) -> tuple[Clue, ...]:
    """The heaviest clues, heaviest first; weights are log-odds of the calibrated score."""
    batch = prepare([text])
    head = 0 if batch.named[0] else 1
    weights = model.wide[:, head].astype(np.float64) * model.slope[head]
    found: dict[str, float] = defaultdict(float)
    for words, weight in _parts(batch, text, weights):
        found[words] += weight
    found.pop(_UNSAID, None)
    heaviest = sorted(found.items(), key=lambda clue: (-abs(clue[1]), clue[0]))[:_MOST]
    return tuple(Clue(words, round(weight, 3)) for words, weight in heaviest if abs(weight) >= _LEAST_WEIGHT)


def _parts(batch: Batch, text: Text, weights: Scores) -> Iterator[tuple[str, float]]:
    """Each clue in words, and its weight. Groups of letters count for the word they are in."""
    words, letters, concepts = blocks(batch)
    row = matrix(batch)
    sizes = np.cumsum([len(words.columns), len(letters.columns)])
    of_words, of_letters, of_concepts = np.split(row.data * weights[row.indices], sizes)
    size, single = len(batch.tokens.starts), words.places % 2 == 0
    inside = np.searchsorted(batch.tokens.starts, letters.places // len(LETTERS) + 1, side="right") - 1
    alone = np.bincount(words.places[single] // 2, of_words[single], size) + np.bincount(inside, of_letters, size)
    for token, weight in enumerate(alone[: int(batch.tokens.counts[0])].tolist()):
        told = batch.tokens.ends[token] - batch.tokens.starts[token] >= _LEAST_LETTERS
        yield f"the word “{_written(batch, text, token, token)}”" if told else _UNSAID, weight
    for token, weight in zip((words.places[~single] // 2).tolist(), of_words[~single].tolist(), strict=True):
        yield f"the words “{_written(batch, text, token, token + 1)}”", weight
    for column, weight in zip(concepts.columns.tolist(), of_concepts.tolist(), strict=True):
        yield _said(batch, text, column), weight


def _written(batch: Batch, text: Text, first: int, last: int) -> str:
    """Tokens as the author wrote them."""
    read = batch.tokens
    length = int(read.places[last] + read.ends[last] - read.starts[last])
    start, end = batch.read[0].map(int(read.places[first]), length)
    return text.text[start:end]


def _said(batch: Batch, text: Text, column: int) -> str:
    """A column of concepts: the author's words for them."""
    kind, one, two = layout().name(column)
    if kind == "title":
        return f"the title names {_PLAIN[two]}"
    if kind == "title and":
        return f"the title names {_PLAIN[one]}, the text “{_term(batch, text, two)}”"
    if not one or _term(batch, text, one) == _term(batch, text, two):
        return f"“{_term(batch, text, two)}” ({_PLAIN[two]})"
    one, two = sorted((one, two), key=lambda concept: _place(batch, concept))
    return f"“{_term(batch, text, one)}” near “{_term(batch, text, two)}”"


def _term(batch: Batch, text: Text, concept: str) -> str:
    """The first words of the text that stand for the concept, as the author wrote them."""
    start, end = batch.read[0].map(*_place(batch, concept))
    return text.text[start:end]


def _place(batch: Batch, concept: str) -> tuple[int, int]:
    return next((hit.start, hit.end) for hit in batch.hits_of(0) if hit.concept == concept)
