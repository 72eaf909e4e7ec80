"""Term lists: plain ones by concept, and sealed ones that an agency brings and nobody sees.

Terms are matched by Aho-Corasick over normalized text and count only at word boundaries.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind
from cryptography.fernet import Fernet, InvalidToken

from nlp.errors import Corrupt

TERMS = Path(__file__).parent / "terms.toml"
_MAX_ENDING = 8
_ENDINGS = ("", "s", "es", "e", "d", "ed", "er", "ers", "ing", "ion", "ship")
_MIN_VOCABULARY_CHARS = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in normalized text: half-open offsets and the concept it stands for."""

    start: int
    end: int
    concept: str


class Lexicon:
    """Terms by concept; "stem*" also takes up to eight letters of ending."""

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        pairs = [(term, concept) for concept, listed in terms.items() for term in listed]
        self._concepts = [concept for _, concept in pairs]
        self._open = [term.endswith("*") for term, _ in pairs]
        self._stems = [term.rstrip("*") for term, _ in pairs]
        self._automaton = AhoCorasick(self._stems, matchkind=MatchKind.Standard) if pairs else None

    def find(self, text: str) -> list[Hit]:
        """Every term in the normalized text, by start; overlapping ones too."""
        if self._automaton is None:
            return []
        hits: dict[Hit, None] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if start and text[start - 1].isalnum():
                continue
            stop = _ending(text, end) if self._open[index] else end
            if stop == len(text) or not text[stop].isalnum():
                hits[Hit(start, stop, self._concepts[index])] = None
        return sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.concept))

    def words(self, concepts: Iterable[str]) -> frozenset[str]:
        """The single words of these concepts, and usual forms of open ones, long enough to be known when disguised."""
        chosen = set(concepts)
        stems = zip(self._stems, self._concepts, self._open, strict=True)
        words = (
            stem + ending
            for stem, concept, is_open in stems
            if concept in chosen and stem.isalpha()
            for ending in (_ENDINGS if is_open and stem.isascii() else ("",))
        )
        return frozenset(word for word in words if len(word) >= _MIN_VOCABULARY_CHARS)


@lru_cache(maxsize=1)
def plain() -> Lexicon:
    """The lexicon that ships with the package."""
    return Lexicon(tomllib.loads(TERMS.read_text(encoding="utf-8")))


def seal(terms: Iterable[str], key: bytes) -> bytes:
    """Encrypt a term list for rest (Fernet: AES-128-CBC with HMAC-SHA-256); blank lines are dropped."""
    cleaned = [term.strip().casefold() for term in terms if term.strip()]
    return Fernet(key).encrypt("\n".join(cleaned).encode())


def unseal(sealed: bytes, key: bytes) -> Lexicon:
    """The sealed list as a lexicon of the one concept "sealed". Raises Corrupt; no term is ever in a message."""
    try:
        terms = Fernet(key).decrypt(sealed).decode().split("\n")
    except (InvalidToken, ValueError):
        raise Corrupt("The sealed lexicon can't be opened: wrong key or damaged file; seal the list again.") from None
    return Lexicon({"sealed": [term for term in terms if term]})


def seal_file(file: Path, key_file: Path) -> Path:
    """Seal the terms in `file`, one a line, into a `.sealed` file beside it; a missing key file is made, mode 0600.

    Raises: Corrupt: a file can't be read or written, has no terms, or the key file holds no key.
    """
    sealed = file.with_suffix(".sealed")
    try:
        terms = file.read_text(encoding="utf-8").splitlines()
        if not any(term.strip() for term in terms):
            raise Corrupt(f"{file} has no terms; write one a line.")
        sealed.write_bytes(seal(terms, _key(key_file)))
    except (OSError, UnicodeDecodeError) as error:
        raise Corrupt(f"{file} can't be sealed ({type(error).__name__}); check both paths and use UTF-8.") from None
    return sealed


def _key(file: Path) -> bytes:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(Fernet.generate_key() + b"\n")
    key = file.read_bytes().strip()
    try:
        Fernet(key)
    except ValueError:
        raise Corrupt(f"{file} holds no lexicon key; name another file, and a key is made there.") from None
    return key


def _ending(text: str, place: int) -> int:
    stop = place
    while stop < len(text) and stop - place < _MAX_ENDING and text[stop].isalpha():
        stop += 1
    return stop
