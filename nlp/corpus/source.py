"""Reads the hand-written TOML files in `nlp/corpus/texts/`.

A file holds the texts of one author in one language:

    author = "mill"          # an invented writer with a style of their own
    language = "en"          # ISO 639-1
    split = "train"          # train, test, or by-frame
    each = 1                 # expansions per frame
    register = false         # true: some expansions lose capitals or the final stop, whatever their label

    [[group]]
    labels = ["seeking", "jailbreak-prompting"]
    posts = ["text", "THREAD TITLE :: text"]

    [[contrast]]             # the same frames said of different things: cases share the frame, so also the split
    frames = ["Does anyone have {what}?"]
    [[contrast.case]]
    labels = []
    what = ["a coffee filter", "a bike pump"]
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.corpus.grammar import Lexicon
from nlp.errors import Corrupt

TEXTS = Path(__file__).parent / "texts"
LEXICON = Path(__file__).parent / "lexicon.toml"
SPLITS = ("train", "test", "by-frame")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with everything that is the same for all its expansions.

    each: how many expansions at most. register: whether some of them are written carelessly.
    """

    author: str
    language: str
    split: str
    each: int
    register: bool
    labels: tuple[str, ...]
    title: str
    text: str
    lexicon: Lexicon


def frames(texts: Path = TEXTS, lexicon: Path = LEXICON) -> Iterator[Frame]:
    """Every frame, in the order of file names and lines. Raises Corrupt, naming the file, where one can't be used."""
    words: dict[str, dict[str, list[str]]] = tomllib.loads(lexicon.read_text(encoding="utf-8"))
    for path in sorted(texts.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            yield from _frames_of(document, words)
        except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
            raise Corrupt(f"The corpus file {path.name} can't be read ({error!r}); correct it.") from error


def _frames_of(document: dict[str, Any], words: dict[str, dict[str, list[str]]]) -> Iterator[Frame]:
    lexicon = words.get(document["language"], {})
    for group in document.get("group", []):
        for post in group["posts"]:
            yield _frame(document, group["labels"], post, lexicon)
    for contrast in document.get("contrast", []):
        for case in contrast["case"]:
            slots = {name: value for name, value in case.items() if name != "labels"}
            for post in contrast["frames"]:
                yield _frame(document, case["labels"], post, {**lexicon, **slots})


def _frame(document: dict[str, Any], labels: list[str], post: str, lexicon: Lexicon) -> Frame:
    title, mark, text = post.partition(" :: ")
    if document["split"] not in SPLITS:
        raise TypeError(f"split is {document['split']!r}")
    return Frame(
        author=document["author"],
        language=document["language"],
        split=document["split"],
        each=document["each"],
        register=document["register"],
        labels=tuple(labels),
        title=title if mark else "",
        text=text if mark else post,
        lexicon=lexicon,
    )
