"""The two ways into the record's database: transactions that may write, and snapshots."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.errors import Unavailable

BUSY_S = 15
"""How long a write waits for the one before it."""
BUSY = "{where} is busy for too long; try again"
NO_TABLES = "{where} has no tables of this version yet; make them with: nightlight init"
BESIDE = "nightlight_beside_writers"
"""Execution option of a statement that is safe while another transaction writes, so it needn't wait for it."""


class Database(ABC):
    """What depends on which database it is. where: what people call it, never with a password.

    writing: an engine whose transactions each see all that was written before, as if there were one writer.
    reading: an engine whose transactions each see one snapshot and can't write.
    """

    def __init__(self, where: str, writing: Engine, reading: Engine) -> None:
        self.where = where
        self.writing = writing
        self.reading = reading

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Commit on leaving, roll back on an exception. Raises: Unavailable."""
        with self._translated(), self.writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot. Raises: Unavailable."""
        with self._translated(), self.reading.begin() as connection:
            yield connection

    def forget(self) -> None:
        """Leave as little as can be of what a committed transaction erased. Raises: Unavailable."""
        with self._translated():
            self._forget()

    @abstractmethod
    def check(self, connection: Connection) -> None:
        """Raises: Misconfigured: it can't hold a record."""

    @abstractmethod
    def health(self, connection: Connection) -> str:
        """What it is, for the doctor. Raises: Misconfigured: it can hold a record, but not safely."""

    def close(self) -> None:
        """Let go of every connection."""
        self.writing.dispose()
        self.reading.dispose()

    @abstractmethod
    def _forget(self) -> None: ...

    @abstractmethod
    def _sentence(self, error: DBAPIError) -> str:
        """What is wrong and what to do, with {where}; empty for what only a bug can cause."""

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the database throws into Unavailable with a sentence that says what to do; bugs stay bugs."""
        try:
            yield
        except PoolTimeout as error:
            raise Unavailable(BUSY.format(where=self.where)) from error
        except DBAPIError as error:
            sentence = self._sentence(error)
            if not sentence:
                raise
            raise Unavailable(sentence.format(where=self.where)) from error
