"""Every adapter of a port runs the same suite: a further adapter is one more entry in these dictionaries."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.record.record import SqlRecord
from pipeline.adapters.record.tables import metadata
from pipeline.ports import Index, Record
from tests.contract.elastic import empty_index
from tests.service.servers.postgres import PostgresServer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that goes when it is told to."""

    moment: datetime = NOON

    def now(self) -> datetime:
        """The moment that was set."""
        return self.moment

    def go(self, **passed: float) -> None:
        """Let time pass: `go(seconds=5)`."""
        self.moment += timedelta(**passed)


RECORDS: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "sqlite": lambda request: f"sqlite:///{request.getfixturevalue('tmp_path') / 'record.db'}",
    "postgresql": lambda request: request.getfixturevalue("postgres_record_url"),
}
INDEXES: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Index]]] = {
    "fts5": lambda request: closing(FtsIndex(request.getfixturevalue("tmp_path") / "index.db", new=True)),
    "elasticsearch": lambda request: empty_index(request.getfixturevalue("elasticsearch_url")),
}


@pytest.fixture
def clock() -> SetClock:
    """Noon, until it is moved."""
    return SetClock()


@pytest.fixture(scope="session")
def postgres_record(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of a database with the schema in place; for `postgres_record_url`."""
    url = postgres_server.new_database()
    with closing(SqlRecord(url, clock=SetClock())) as record:
        record.migrate()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def postgres_record_url(postgres_record: str) -> str:
    """URL of an empty record; emptied, since making a database takes longer than most tests."""
    empty(postgres_record)
    return postgres_record


def empty(url: str) -> None:
    """Take every row out of a record on PostgreSQL; its running numbers begin again."""
    tables = SQL(", ").join(Identifier(table.name) for table in metadata.sorted_tables)
    with psycopg.connect(url) as connection:
        connection.execute(SQL("TRUNCATE {} RESTART IDENTITY").format(tables))


@pytest.fixture(params=RECORDS)
def record_url(request: pytest.FixtureRequest) -> str:
    """Where an empty record is, on each database."""
    return RECORDS[request.param](request)


@pytest.fixture
def record(record_url: str, clock: SetClock) -> Iterator[SqlRecord]:
    """An empty record, schema in place."""
    with closing(SqlRecord(record_url, clock=clock)) as made:
        made.migrate()
        yield made


@pytest.fixture
def new_record(record_url: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Record]:
    """Makes empty records, one after the other, for tests with many examples."""

    def make() -> Record:
        if record_url.startswith("postgresql"):
            empty(record_url)
            return SqlRecord(record_url, clock=SetClock())
        made = SqlRecord(f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}", clock=SetClock())
        made.migrate()
        return made

    return make


@pytest.fixture(params=INDEXES)
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    """An empty index."""
    with INDEXES[request.param](request) as made:
        yield made
