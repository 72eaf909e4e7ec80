"""The record on a SQL database."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.adapters.record import schema
from pipeline.adapters.record.alerts import SqlAlerts
from pipeline.adapters.record.audit_rows import SqlAudit
from pipeline.adapters.record.crawl import SqlCrawlState
from pipeline.adapters.record.deliveries import SqlDeliveries
from pipeline.adapters.record.engine import empty_log, reader, translated, where_of, writer
from pipeline.adapters.record.people import SqlPeople
from pipeline.adapters.record.posts import SqlPosts
from pipeline.adapters.record.registry import SqlRegistry
from pipeline.adapters.record.work import SqlWork
from pipeline.ports import Clock


class SqlTransaction(SqlPosts, SqlAlerts, SqlWork, SqlDeliveries, SqlRegistry, SqlPeople, SqlAudit):
    """ports.Transaction: every family on one connection."""


class SqlRecord:
    """ports.Record. url: `sqlite:///path`, or another database SQLAlchemy speaks to."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        self._where = where_of(url)
        self._writing = writer(url)
        self._reading = reader(url)
        self._clock = clock

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """One committed step, or nothing."""
        with translated(self._where):
            with self._writing.begin() as connection:
                tx = SqlTransaction(connection)
                yield tx
            if tx.erased:
                empty_log(self._writing)

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """One snapshot."""
        with translated(self._where), self._reading.begin() as connection:
            yield SqlTransaction(connection)

    def crawl_state(self) -> SqlCrawlState:
        """The crawler's view."""
        return SqlCrawlState(self._writing, self._reading, self._where, self._clock)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to "head", or back to "base" where nothing is left; in one transaction."""
        with translated(self._where):
            with self._reading.begin() as connection:
                if revision == "head" and schema.is_current(connection):
                    return
            with self._writing.begin() as connection:
                schema.move(connection, revision)

    def close(self) -> None:
        """Let go of every connection."""
        self._writing.dispose()
        self._reading.dispose()
