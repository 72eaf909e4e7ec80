"""Connections to the record's database, and everything that depends on which database it is."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.errors import Unavailable

Row = dict[str, Any]
BUSY_S = 15
"""How long a write waits for the one before it."""

_COMMON = ("PRAGMA foreign_keys=ON", "PRAGMA secure_delete=ON", f"PRAGMA busy_timeout={BUSY_S * 1000}")
_SENTENCES = {
    "full": "The disk that holds {where} is full; free some space, nothing that was accepted is lost",
    "locked": "{where} is held by another process for too long; end the other one or try again",
    "readonly": "{where} can't be written; check its permissions and that the disk isn't mounted read-only",
    "unable to open": "{where} can't be opened; check that its folder exists and that this user may write there",
    "malformed": "{where} is damaged; stop Nightlight and restore it from your backup",
    "not a database": "{where} isn't a Nightlight record; stop Nightlight and restore it from your backup",
    "no such table": "{where} has no tables of this version yet; make them with: nightlight init",
    "timed out": "{where} is busy for too long; try again",
}


def writer(url: str) -> Engine:
    """An engine whose every transaction may write. On SQLite it holds the write lock from its first moment.

    SQLite has one writer at a time; one pooled connection makes threads queue for it in order.
    """
    if not _is_sqlite(url):
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=BUSY_S)
    _prepare(engine, "BEGIN IMMEDIATE", ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *_COMMON))
    return engine


def reader(url: str) -> Engine:
    """An engine whose every transaction sees one snapshot and can't write."""
    if not _is_sqlite(url):
        return create_engine(
            url,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    engine = create_engine(url, hide_parameters=True, pool_size=8, max_overflow=32)
    _prepare(engine, "BEGIN", (*_COMMON, "PRAGMA query_only=ON"))
    return engine


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


Condition = Callable[[Any], ColumnElement[bool]]
"""Of the row that was to be inserted: whether the stored one gives way."""


def upsert(
    connection: Connection, table: Table, rows: Row | list[Row], *columns: str, where: Condition | None = None
) -> None:
    """Insert rows; one whose primary key is there gets these columns (none named: all) where the condition holds."""
    if rows:
        connection.execute(_upserting(connection.dialect.name, table, columns, where), rows)


def keep_first(connection: Connection, table: Table, rows: Row | list[Row]) -> None:
    """Insert rows; what is there stays as it is."""
    if rows:
        connection.execute(keeping_first(connection.dialect.name, table), rows)


@cache
def keeping_first(dialect: str, table: Table) -> Insert:
    """The statement of `keep_first`; made once, because making one costs more than running it."""
    return insert(dialect, table).on_conflict_do_nothing()


@cache
def _upserting(dialect: str, table: Table, columns: tuple[str, ...], where: Condition | None) -> Insert:
    statement = insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    changed = columns or tuple(column.name for column in table.columns if column.name not in keys)
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in changed},
        where=where(statement.excluded) if where else None,
    )


def empty_log(engine: Engine) -> None:
    """Leave no erased words in SQLite's write-ahead log; a reader in its way makes it wait for the next time."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what the database throws into Unavailable with a sentence that says what to do; bugs stay bugs."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        raise Unavailable(_sentence(error, where)) from error


def where_of(url: str) -> str:
    """What people call this database: its file, or host and name; never a password."""
    parsed = make_url(url)
    return parsed.database or url if _is_sqlite(url) else parsed.render_as_string(hide_password=True)


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


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


def _sentence(error: Exception, where: str) -> str:
    said = str(getattr(error, "orig", None) or error).lower()
    for words, sentence in _SENTENCES.items():
        if words in said:
            return sentence.format(where=where)
    return f"{where} can't be used now ({type(error).__name__}); check its disk and server, then try again"
