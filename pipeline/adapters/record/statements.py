"""Statements that SQLAlchemy spells differently for each database."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]


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
