"""Sealed term lists: an agency's own terms, encrypted at rest, opened by a key file, matched as all terms are.

A hit is called by its list and the line the term has there, never by the term. The model neither learns from these
lists nor is asked about them: they are matched beside it, in a reading of their own.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from cryptography.fernet import Fernet, InvalidToken

from nlp.assessment import Span
from nlp.errors import Corrupt
from nlp.lexicon import MAX_CONCEPTS, Lexicon
from nlp.normalize import Normalizer, fold
from nlp.taxonomy import sealed_reason
from nlp.tokens import tokens

_MIN_DISGUISED_CHARS = 5


class Sealed:
    """The terms of opened lists; nothing gives them out again.

    lists: name → its terms by line. A line without a term keeps the numbers of those below it.
    Raises: Corrupt: there are more than MAX_CONCEPTS terms.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        terms = {
            sealed_reason(name, number): term
            for name, lines in lists.items()
            for number, term in enumerate(lines, 1)
            if term
        }
        if len(terms) > MAX_CONCEPTS:
            raise Corrupt(f"{len(terms)} sealed terms are too many; keep at most {MAX_CONCEPTS} in all.")
        self._lexicon = Lexicon({reason: [term] for reason, term in terms.items()})
        parts = {part for term in terms.values() for part in fold(term.rstrip("*")).split() if part.isalpha()}
        words = {part for part in parts if len(part) >= _MIN_DISGUISED_CHARS}
        self._normalizer = Normalizer(words, words, parts - words)

    def __len__(self) -> int:
        """How many terms there are."""
        return len(self._lexicon.concepts)

    def spans(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """Where terms stand in each text, disguised ones too: half-open offsets into it, by start."""
        read = [self._normalizer(text) for text in texts]
        joined = tokens([item.text for item in read])
        hits = self._lexicon.find_many(joined)
        numbers = np.searchsorted(joined.firsts, hits.starts, side="right") - 1
        first = joined.firsts[numbers]
        found: list[list[Span]] = [[] for _ in texts]
        rows = (numbers, hits.starts - first, hits.ends - first, hits.concepts)
        for number, start, end, term in zip(*(row.tolist() for row in rows), strict=True):
            here, there = read[number].map(start, end)
            found[number].append(Span(here, there, self._lexicon.concepts[term]))
        return [tuple(spans) for spans in found]


def seal_file(file: Path, key_file: Path) -> Path:
    """Seal the terms in `file`, one a line, into a `.sealed` file beside it; a missing key file is made, mode 0600.

    Fernet: AES-128-CBC with HMAC-SHA-256. Each term keeps its line.
    Raises: Corrupt: a file can't be read or written, has no terms, or the key file holds no key.
    """
    sealed = file.with_suffix(".sealed")
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        _check(file, lines)
        sealed.write_bytes(Fernet(_key(key_file)).encrypt("\n".join(lines).encode()))
    except (OSError, UnicodeDecodeError) as error:
        raise Corrupt(f"{file} can't be sealed ({type(error).__name__}); check both paths and use UTF-8.") from None
    return sealed


def open_files(files: Mapping[str, tuple[Path, Path]]) -> Sealed:
    """Open sealed lists. files: name → list and key file.

    Raises: Corrupt: a file is missing, damaged, or of another key; the sentence names it and no term.
    """
    return Sealed({name: _opened(file, key_file) for name, (file, key_file) in files.items()})


def _opened(file: Path, key_file: Path) -> list[str]:
    try:
        return Fernet(key_file.read_bytes().strip()).decrypt(file.read_bytes()).decode().split("\n")
    except OSError as error:
        raise Corrupt(f"{error.filename} can't be read ({error.strerror}); sealed terms need it.") from None
    except (InvalidToken, ValueError):
        raise Corrupt(
            f"The sealed list {file} can't be opened with {key_file}: wrong key or damaged file; seal the list again."
        ) from None


def _check(file: Path, lines: Sequence[str]) -> None:
    if not any(lines):
        raise Corrupt(f"{file} has no terms; write one a line.")
    for number, line in enumerate(lines, 1):
        if line and not len(tokens([fold(line.rstrip("*"))]).places):
            raise Corrupt(f"Line {number} of {file} has no letters to look for; write a term there or leave it empty.")


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
