"""What every family of a transaction stands on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
CHUNK = 500
"""Ids in one statement; SQLite bounds the parameters of a statement."""


class Family:
    """One family of tables inside one transaction.

    erased: this transaction erased words, and no copy of them may stay behind the commit.
    """

    erased = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


def chunks(things: Iterable[T]) -> Iterator[list[T]]:
    """The things in lists of at most CHUNK."""
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
