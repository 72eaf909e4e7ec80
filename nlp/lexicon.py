"""Term lists: plain ones by concept, and sealed ones that an agency brings and nobody sees.

Terms are folded as texts are and matched by Aho-Corasick over normalized text. They count only at word boundaries; in
Chinese, which has none, anywhere, and in Arabic also behind the article and the particles written with the word.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind
from cryptography.fernet import Fernet, InvalidToken

from nlp.errors import Corrupt
from nlp.normalize import fold

TERMS = Path(__file__).parent / "terms.toml"
_MAX_ENDING = 8
_ENDINGS = ("", "s", "es", "e", "d", "ed", "er", "ers", "ing", "ion", "ship")
_MIN_VOCABULARY_CHARS = 5
_MAX_BEFORE = 4
# "and", "so", "with", "for", "like" before the article or alone; "to the" writes its article short.
_BEFORE = frozenset(w + a for w in ("", "و", "ف", "ب", "ل", "ك", "وب", "ول") for a in ("", "ال")) | {
    "لل",
    "ولل",
    "هال",
    "عال",
}


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
        self._stems = [fold(term.rstrip("*")) for term, _ in pairs]
        self._automaton = AhoCorasick(self._stems, matchkind=MatchKind.Standard) if pairs else None

    def find(self, text: str) -> list[Hit]:
        """Every term in the normalized text, by start; overlapping ones too."""
        if self._automaton is None:
            return []
        hits: dict[Hit, None] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            first = _beginning(text, start)
            stop = _ending(text, end) if self._open[index] else end
            if first is not None and not (_joined(text, stop) and _joined(text, stop - 1)):
                hits[Hit(first, stop, self._concepts[index])] = None
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


@lru_cache
def plain(language: str = "") -> Lexicon:
    """The lexicon that ships with the package: the terms of all languages, or those of one."""
    concepts = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    chosen = {name: [terms[own] for own in terms if language in ("", own)] for name, terms in concepts.items()}
    return Lexicon({name: [term for listed in lists for term in listed] for name, lists in chosen.items()})


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


def _joined(text: str, place: int) -> bool:
    """Whether the character there, if any, is part of a word that goes on beside it."""
    return 0 <= place < len(text) and text[place].isalnum() and not "\u2e80" <= text[place] <= "\u9fff"


def _beginning(text: str, place: int) -> int | None:
    """Where the word begins that has a term from this place on; None in the middle of a word."""
    if not (_joined(text, place - 1) and _joined(text, place)):
        return place
    if not "\u0620" <= text[place] <= "\u064a":
        return None
    first = place
    while _joined(text, first - 1) and place - first < _MAX_BEFORE:
        first -= 1
    return first if text[first:place] in _BEFORE and not _joined(text, first - 1) else None


def _ending(text: str, place: int) -> int:
    stop = place
    while stop < len(text) and stop - place < _MAX_ENDING and text[stop].isalpha():
        stop += 1
    return stop
