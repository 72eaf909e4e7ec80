"""The record in a file: SQLite in WAL mode, one writer at a time."""

import sqlite3
from contextlib import closing

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from pipeline.adapters.record.database import BUSY_S, NO_TABLES, Database

_COMMON = ("PRAGMA foreign_keys=ON", "PRAGMA secure_delete=ON", f"PRAGMA busy_timeout={BUSY_S * 1000}")
_SENTENCES = {
    "full": "The disk that holds {where} is full; free some space, nothing that was accepted is lost",
    "locked": "{where} is held by another process for too long; end the other one or try again",
    "readonly": "{where} can't be written; check its permissions and that the disk isn't mounted read-only",
    "unable to open": "{where} can't be opened; check that its folder exists and that this user may write there",
    "malformed": "{where} is damaged; stop Nightlight and restore it from your backup",
    "not a database": "{where} isn't a Nightlight record; stop Nightlight and restore it from your backup",
    "no such table": NO_TABLES,
}


class SqliteDatabase(Database):
    """url: sqlite:///path."""

    def __init__(self, url: str) -> None:
        super().__init__(make_url(url).database or url, _writer(url), _reader(url))

    def check(self, connection: Connection) -> None:
        """Every SQLite that SQLAlchemy takes will do."""

    def health(self, connection: Connection) -> str:
        """Version and file."""
        return f"SQLite {sqlite3.sqlite_version}, {self.where}"

    def _forget(self) -> None:
        """Leave no erased words in the write-ahead log; a reader in its way makes it wait for the next time."""
        with closing(self.writing.raw_connection()) as connection:  # it can't be done inside a transaction
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:
                raise OperationalError(None, None, error) from error

    def _sentence(self, error: DBAPIError) -> str:
        if isinstance(error, IntegrityError | ProgrammingError):
            return ""
        said = str(error.orig).lower()
        found = [sentence for words, sentence in _SENTENCES.items() if words in said]
        return found[0] if found else f"{{where}} can't be used now ({type(error).__name__}); check its disk"


def _writer(url: str) -> Engine:
    """Every transaction holds the write lock from its first moment.

    SQLite has one writer at a time; one pooled connection makes threads queue for it in order.
    """
    engine = create_engine(url, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=BUSY_S)
    _prepare(engine, "BEGIN IMMEDIATE", ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *_COMMON))
    return engine


def _reader(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_size=8, max_overflow=32)
    _prepare(engine, "BEGIN", (*_COMMON, "PRAGMA query_only=ON"))
    return engine


def _prepare(engine: Engine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Leave transactions to us: the driver's own handling starts them too late and loses updates."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
