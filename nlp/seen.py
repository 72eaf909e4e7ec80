"""Words that the corpus shows: forms of the words people disguise, and ordinary words of languages other than English.

An open term of the lexicon takes any ending; which endings a language gives it is seen only in text. Both lists come
from the training split, so that the writers held out stay unseen. `python -m nlp.seen` writes them again, which is
needed when the corpus or the lexicon has changed.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nlp.corpus.dataset import Example, load
from nlp.lexicon import DISGUISED, plain
from nlp.normalize import fold

FILE = Path(__file__).with_suffix(".txt")
_WORD = re.compile(r"[^\W\d_]+")
_HEADER = "# Words of the corpus' training split; `python -m nlp.seen` writes this file.\n"


class Seen(NamedTuple):
    """Folded words.

    disguised: forms of the words people disguise. ordinary: words of other languages than English, of harmless texts
    or several writers, so that hardly any is itself a disguise.
    """

    disguised: frozenset[str]
    ordinary: frozenset[str]


@lru_cache(maxsize=1)
def seen() -> Seen:
    """The lists that ship with the package."""
    _, *lists = FILE.read_text(encoding="utf-8").splitlines()
    return Seen(*(frozenset(words.split()) for words in lists))


def gather(examples: Iterable[Example]) -> Seen:
    """The same lists from examples; those for testing are left out."""
    writers: dict[str, set[str]] = defaultdict(set)
    english: set[str] = set()
    harmless: set[str] = set()
    for example in examples:
        if example.split != "train":
            continue
        words = set(_WORD.findall(fold(example.text)))
        if example.language == "en":
            english |= words
            continue
        if not example.label:
            harmless |= words
        for word in words:
            writers[word].add(example.author)
    disguised = plain().whole([*english.union(writers)], DISGUISED)
    ordinary = harmless.union(word for word, authors in writers.items() if len(authors) > 1)
    return Seen(disguised, frozenset(ordinary - english - disguised))


def written(lists: Seen) -> str:
    """The file's text."""
    return _HEADER + "".join(" ".join(sorted(words)) + "\n" for words in lists)


if __name__ == "__main__":
    FILE.write_text(written(gather(load())), encoding="utf-8")
