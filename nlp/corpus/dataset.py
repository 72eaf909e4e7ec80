"""The corpus as a data set: `load()` gives every example, always in the same order.

No text tells how a bypass is done: where a post pastes a prompt, there stands "[removed]" and nothing after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nlp.corpus.grammar import digest, expand, seeded
from nlp.corpus.source import Frame, frames
from nlp.errors import Corrupt
from nlp.taxonomy import ALERTING, CONTEXTS, INTENTS, METHODS

REMOVED = "[removed]"

_BORROWED_TITLES = 0.35
_CARELESS = 0.4
_TRAIN_SHARE = 0.84


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text.

    id: 16 hex digits, decided by frame, labels and text. title: the thread's title, or "".
    label: 1 iff an intent is alerting. frame: stands for the frame; examples that share it share the split.
    author: the invented writer. language: ISO 639-1. split: "train" or "test".
    """

    id: str
    text: str
    title: str
    label: int
    intents: tuple[str, ...]
    methods: tuple[str, ...]
    context: tuple[str, ...]
    language: str
    frame: str
    author: str
    split: str


def example(key: str) -> Example | None:
    """The example with this id, or None: ids of texts that a user added stand for nothing here."""
    return _by_id().get(key)


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Example]:
    return {found.id: found for found in load()}


def load() -> list[Example]:
    """All examples of the corpus; the same on every machine. Raises Corrupt where a source file can't be used."""
    found: dict[str, Example] = {}
    for frame in frames():
        for example in _examples(frame):
            found.setdefault(example.text, example)
    return list(found.values())


def _examples(frame: Frame) -> Iterator[Example]:
    known = (*INTENTS, *METHODS, *CONTEXTS)
    if unknown := [label for label in frame.labels if label not in known]:
        raise Corrupt(f"The corpus uses the unknown labels {unknown}; correct them in nlp/corpus/texts.")
    frame_id = digest("frame", frame.language, frame.text)
    for text in expand(frame.text, frame.lexicon, frame.each):
        written = _careless(text) if frame.register else text
        yield Example(
            id=digest("example", frame_id, *frame.labels, written),
            text=written,
            title=_title(frame, text),
            label=int(any(label in ALERTING for label in frame.labels)),
            intents=_only(frame, INTENTS),
            methods=_only(frame, METHODS),
            context=_only(frame, CONTEXTS),
            language=frame.language,
            frame=frame_id,
            author=frame.author,
            split=_split(frame, frame_id),
        )


def _only(frame: Frame, kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(label for label in kinds if label in frame.labels)


def _split(frame: Frame, frame_id: str) -> str:
    if frame.split != "by-frame":
        return frame.split
    return "train" if seeded("split", frame_id).random() < _TRAIN_SHARE else "test"


def _title(frame: Frame, text: str) -> str:
    """The frame's own title, or for some, whatever their label, one that says nothing."""
    rng = seeded("title", frame.title, text)
    if frame.title:
        return expand(frame.title, frame.lexicon, 1)[0]
    return rng.choice(frame.lexicon["title"]) if rng.random() < _BORROWED_TITLES else ""


def _careless(text: str) -> str:
    """The text, or for some the same without capitals or without its final stop. "[removed]" stays."""
    rng = seeded("register", text)
    if rng.random() > _CARELESS:
        return text
    return rng.choice((text.lower(), text.lower().rstrip("."), text.rstrip("."), text.replace("'", "").lower()))
