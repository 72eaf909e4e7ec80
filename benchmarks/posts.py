"""Posts of a set length made of corpus texts, the same in every run."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from nlp.corpus.dataset import Example, load

CHARS = 500
ALERTING_EVERY = 100


def cut(texts: Sequence[str], count: int, seed: int = 1) -> list[str]:
    """`count` pieces of CHARS characters of these texts, drawn at random and joined."""
    rng = random.Random(seed)
    pieces: list[str] = []
    text = ""
    while len(pieces) < count:
        while len(text) < CHARS:
            text += rng.choice(texts) + " "
        pieces.append(text[:CHARS])
        text = text[CHARS:]
    return pieces


def forum(count: int) -> Iterator[str]:
    """Posts as on a busy board: each in the words of one writer, one in ALERTING_EVERY with an alerting text in it."""
    rng = random.Random(1)
    harmless, alerting = _by_writer(0), list(_by_writer(1).values())
    writers = list(harmless.values())
    for number in range(count):
        own = rng.choice(writers)
        begun = rng.choice(rng.choice(alerting)) if number % ALERTING_EVERY == 0 else rng.choice(own)
        while len(begun) < CHARS:
            begun += " " + rng.choice(own)
        yield begun[:CHARS]


def _by_writer(label: int) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in load():
        if example.label == label:
            found[_writer(example)].append(example.text)
    return found


def _writer(example: Example) -> tuple[str, str]:
    return example.language, example.author
