"""The search grammar and its tree."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word anywhere in text or title; prefix: `word*`."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words in this order."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`name:value`: source, author, kind, band, status, language or thread; exact, case-insensitive."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """Without this."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """All of these; with no nodes: everything."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    nodes: tuple["Node", ...]


Node = Word | Phrase | Field | Not | And | Or
Query = Node
