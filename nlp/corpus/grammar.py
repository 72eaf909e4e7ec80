"""A slot grammar: one frame and a seed give a few texts, the same on every machine.

A frame is a text with slots in braces. `{a|b|c}` picks one of the alternatives (an empty one is allowed; slots may
stand inside alternatives); `{model}` picks from the lexicon's list of that name, or asks `nlp.corpus.names`.
A text without braces is a frame with one expansion. Square brackets mean nothing, so that "[removed]" stays as it is.
"""

import hashlib
import random
import re
from collections.abc import Mapping, Sequence

from nlp.corpus.names import MAKERS
from nlp.errors import Corrupt

Lexicon = Mapping[str, Sequence[str]]

_INNERMOST = re.compile(r"\{([^{}]*)\}")
_MISSES = 60


def digest(*parts: str) -> str:
    """16 hex digits that stand for the parts; the same parts give the same digits anywhere."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def seeded(*parts: str) -> random.Random:
    """A generator whose whole future is decided by the parts."""
    return random.Random(int(digest(*parts), 16))


def expand(frame: str, lexicon: Lexicon, count: int) -> list[str]:
    """At most `count` different texts of the frame, fewer where it has fewer. Raises Corrupt for an unknown slot."""
    rng = seeded("expand", frame, *sorted(f"{name}={'|'.join(words)}" for name, words in lexicon.items()))
    found: dict[str, None] = {}
    misses = 0
    while len(found) < count and misses < _MISSES:
        text = _fill(frame, lexicon, rng)
        misses += text in found
        found[text] = None
        if text == frame:
            break
    return list(found)


def _fill(frame: str, lexicon: Lexicon, rng: random.Random) -> str:
    text = frame
    while (slot := _INNERMOST.search(text)) is not None:
        text = text[: slot.start()] + _choose(slot.group(1), lexicon, rng) + text[slot.end() :]
    return re.sub(r" {2,}", " ", text).strip()


def _choose(slot: str, lexicon: Lexicon, rng: random.Random) -> str:
    if "|" in slot:
        return rng.choice(slot.split("|"))
    if slot in lexicon:
        return rng.choice(lexicon[slot])
    if slot in MAKERS:
        return MAKERS[slot](rng)
    raise Corrupt(f"The corpus has no slot named {slot!r}; add it to lexicon.toml or correct the frame.")
