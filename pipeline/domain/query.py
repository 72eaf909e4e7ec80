"""The search grammar and its tree.

words          all of them: lumen filter        either: lumen OR tallow       groups: (a OR b) c
"a phrase"     these words in this order        pref*   words that begin so   -word or NOT word: without it
field:value    source, author, kind, band, status, language, thread
date:          2026 · 2026-11 · 2026-11-25 · 2026-10..2026-11 · 2026-11-25.. · ..2026-10
"""

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from pipeline.domain.alert import Severity, Status
from pipeline.errors import BadInput


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
class DateRange:
    """Published (or captured, where no time is shown) from first to last, both included; ISO dates."""

    first: str
    last: str


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


Node = Word | Phrase | Field | DateRange | Not | And | Or
Query = Node

FIELDS = ("source", "author", "kind", "band", "status", "language", "thread", "date")
_CLOSED = {"band": [str(s) for s in Severity], "status": [str(s) for s in Status]}
"""Fields with a fixed set of values."""
MAX_TERMS = 100
MAX_DEPTH = 10
"""Each bracket can become two levels of a query, and Elasticsearch takes 30 levels."""
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\)) | (?P<minus>-)(?=[^\s)]) | "(?P<phrase>[^"]*)" | (?P<unclosed>")
    | (?P<field>[A-Za-z_]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s()"]*))
    | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""In no stored text (NUL, lone surrogates), and no database takes them."""
_OPERATORS = {"AND", "OR", "NOT"}


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: open, close, and, or, not, or term; at: 1-based character of the query; node: of a term."""

    kind: str
    at: int
    node: Node | None = None


def parse(text: str) -> Query:
    """The tree of a search; an empty one finds everything. Raises: BadInput, with the character it stumbled over."""
    tokens = _tokens(_UNSTORABLE.sub("\ufffd", text))
    if sum(token.kind == "term" for token in tokens) > MAX_TERMS:
        raise BadInput(f"A search has at most {MAX_TERMS} terms; leave some out")
    if not tokens:
        return And(())
    return _Parser(tokens, len(text) + 1).parse()


def describe(query: Query) -> str:
    """The search in words, so that people see how it was read."""
    if query == And(()):
        return "everything"
    return _words(query, inside=False)


def terms(query: Query) -> Iterator[Word | Phrase]:
    """The words and phrases that are wanted, for ranking and marks; those behind a NOT are not."""
    if isinstance(query, Word | Phrase):
        yield query
    elif isinstance(query, And | Or):
        for node in query.nodes:
            yield from terms(node)


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadInput(f"The search can't be read from character {at + 1} on; put quotes round the words there")
        found.append(_token(match))
        at = match.end()
    return found


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    name = "field" if match["field"] else kind
    at = match.start(name) + 1
    if name in ("open", "close"):
        return _Token(name, at)
    if name == "minus":
        return _Token("not", at)
    if name == "unclosed":
        raise BadInput(f"The quotes opened at character {at} aren't closed; close them or leave them out")
    if name == "phrase":
        return _Token("term", at, _phrase(match["phrase"], at - 1))
    if name == "field":
        value = match["quoted"] if match["quoted"] is not None else match["value"]
        return _Token("term", at, _field(match["field"].lower(), value.strip(), at))
    if match["word"] in _OPERATORS:
        return _Token(match["word"].lower(), at)
    return _Token("term", at, _word(match["word"], at))


def _word(text: str, at: int) -> Node:
    prefix = text.endswith("*")
    return Word(_searchable(text.rstrip("*"), text, at), prefix)


def _phrase(text: str, at: int) -> Node:
    _searchable(text, f'"{text}"', at)
    return Phrase(tuple(text.split()))


def _searchable(text: str, shown: str, at: int) -> str:
    """The text, if a letter or digit is in it; nothing else can be found."""
    if not any(unicodedata.category(char)[0] in "LN" for char in text):
        raise BadInput(f"There is no letter or digit to search for in {shown} at character {at}; leave it out")
    return text


def _field(name: str, value: str, at: int) -> Node:
    if name not in FIELDS:
        raise BadInput(
            f"{name!r} at character {at} is no field; fields are {', '.join(FIELDS)}, and quotes search for the words"
        )
    if not value:
        raise BadInput(f"Nothing follows {name}: at character {at}; write {name}:value")
    if name == "date":
        return _date_range(value, at)
    closed = _CLOSED.get(name)
    if closed and value.lower() not in closed:
        raise BadInput(f"{value!r} at character {at} is no {name}; choose one of {', '.join(closed)}")
    return Field(name, value)


def _date_range(value: str, at: int) -> DateRange:
    first, dots, last = value.partition("..")
    low = _days(first, at)[0] if first else FIRST_DAY
    high = (_days(last, at)[1] if last else LAST_DAY) if dots else _days(first, at)[1]
    if low > high or value == "..":
        raise BadInput(f"The dates at character {at} end before they begin; write date:2026-10..2026-11")
    return DateRange(low, high)


def _days(text: str, at: int) -> tuple[str, str]:
    """First and last day of a year, a month or a day."""
    bad = BadInput(f"The date at character {at} can't be read; write 2026, 2026-11 or 2026-11-25")
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", text)
    if match is None:
        raise bad
    year, month, day = (int(part) if part else 0 for part in match.groups())
    last_month = month or 12
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError:
        raise bad from None
    return first.isoformat(), last.isoformat()


class _Parser:
    """Recursive descent: OR binds loosest, then AND (also unwritten), then NOT."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = [*tokens, _Token("end", end)]
        self._next = 0
        self._depth = 0

    def parse(self) -> Node:
        """The whole search."""
        node = self._or()
        token = self._token
        if token.kind != "end":
            raise BadInput(f"The bracket closed at character {token.at} was never opened; leave it out")
        return node

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _or(self) -> Node:
        nodes = [self._and()]
        while self._token.kind == "or":
            self._next += 1
            nodes.append(self._and())
        return _joined(Or, nodes)

    def _and(self) -> Node:
        nodes = [self._not()]
        while self._token.kind in ("and", "term", "not", "open"):
            self._next += self._token.kind == "and"
            nodes.append(self._not())
        return _joined(And, nodes)

    def _not(self) -> Node:
        token = self._token
        if token.kind == "not":
            self._next += 1
            return Not(self._deeper(self._not, token))
        return self._one()

    def _one(self) -> Node:
        token = self._token
        self._next += token.kind != "end"
        if token.node is not None:
            return token.node
        if token.kind != "open":
            raise BadInput(f"A word, phrase or field is missing at character {token.at}; add it or leave that part out")
        node = self._deeper(self._or, token)
        if self._token.kind != "close":
            raise BadInput(f"The bracket opened at character {token.at} isn't closed; close it or leave it out")
        self._next += 1
        return node

    def _deeper(self, rule: Callable[[], Node], token: _Token) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadInput(f"Brackets and NOT go at most {MAX_DEPTH} deep, at character {token.at}; take some away")
        node = rule()
        self._depth -= 1
        return node


def _joined(kind: type[And] | type[Or], nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes))


def _words(node: Node, *, inside: bool) -> str:
    if isinstance(node, Word):
        return f"words beginning with {node.text}" if node.prefix else node.text
    if isinstance(node, Phrase):
        return f"“{' '.join(node.words)}”"
    if isinstance(node, Field):
        return f"{node.name} is {node.value}"
    if isinstance(node, DateRange):
        return _dates(node)
    if isinstance(node, Not):
        return f"without {_words(node.node, inside=True)}"
    joint = " and " if isinstance(node, And) else " or "
    said = joint.join(_words(child, inside=True) for child in node.nodes) or "everything"
    return f"({said})" if inside and len(node.nodes) > 1 else said


def _dates(node: DateRange) -> str:
    if node.first == node.last:
        return f"on {node.first}"
    parts = [f"from {node.first}"] if node.first != FIRST_DAY else []
    parts += [f"to {node.last}"] if node.last != LAST_DAY else []
    return " ".join(parts) or "on any date"
