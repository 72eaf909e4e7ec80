"""The record on a SQL database."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.adapters.record import schema
from pipeline.adapters.record.alerts import SqlAlerts
from pipeline.adapters.record.audit_rows import SqlAudit
from pipeline.adapters.record.crawl import SqlCrawlState
from pipeline.adapters.record.database import NO_TABLES, Database
from pipeline.adapters.record.deliveries import SqlDeliveries
from pipeline.adapters.record.learning import SqlLearning
from pipeline.adapters.record.people import SqlPeople
from pipeline.adapters.record.postgres import PostgresDatabase
from pipeline.adapters.record.posts import SqlPosts
from pipeline.adapters.record.registry import SqlRegistry
from pipeline.adapters.record.sqlite import SqliteDatabase
from pipeline.adapters.record.work import SqlWork
from pipeline.errors import Unavailable
from pipeline.ports import Clock


class SqlTransaction(SqlPosts, SqlAlerts, SqlLearning, SqlWork, SqlDeliveries, SqlRegistry, SqlPeople, SqlAudit):
    """ports.Transaction: every family on one connection."""


class SqlRecord:
    """ports.Record. url: sqlite:///path or postgresql://…; password: for PostgreSQL, where the URL has none.

    Raises: ModuleNotFoundError: PostgreSQL needs the extra `servers`.
    """

    def __init__(self, url: str, *, clock: Clock, password: str = "") -> None:
        remote = url.startswith("postgresql:")
        self._database: Database = PostgresDatabase(url, password) if remote else SqliteDatabase(url)
        self._clock = clock

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """One committed step, or nothing."""
        with self._database.write() as connection:
            tx = SqlTransaction(connection)
            yield tx
        if tx.erased:
            self._database.forget()

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """One snapshot."""
        with self._database.read() as connection:
            yield SqlTransaction(connection)

    def crawl_state(self) -> SqlCrawlState:
        """The crawler's view."""
        return SqlCrawlState(self._database, self._clock)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to "head", or back to "base" where nothing is left; in one transaction.

        Processes that start at once take turns. Raises: Misconfigured: the database can't hold a record.
        """
        with self._database.read() as connection:
            self._database.check(connection)
            if revision == "head" and schema.is_current(connection):
                return
        with self._database.write() as connection:
            schema.move(connection, revision)

    def health(self) -> str:
        """What the doctor says. Raises: Unavailable, Misconfigured: what to do."""
        with self._database.read() as connection:
            self._database.check(connection)
            if not schema.is_current(connection):
                raise Unavailable(NO_TABLES.format(where=self._database.where))
            return self._database.health(connection)

    def close(self) -> None:
        """Let go of every connection."""
        self._database.close()
