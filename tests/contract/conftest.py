"""Every adapter of a port runs the same suite: a further adapter is one more entry in these dictionaries."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.record.record import SqlRecord
from pipeline.ports import Index, Record
from tests.contract.elastic import empty_index

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


RECORDS: dict[str, Callable[[Path, SetClock], Record]] = {
    "sqlite": lambda folder, clock: SqlRecord(f"sqlite:///{folder / 'record.db'}", clock=clock),
}
INDEXES: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Index]]] = {
    "fts5": lambda request: closing(FtsIndex(request.getfixturevalue("tmp_path") / "index.db", new=True)),
    "elasticsearch": lambda request: empty_index(request.getfixturevalue("elasticsearch_url")),
}


@pytest.fixture
def clock() -> SetClock:
    """Noon, until it is moved."""
    return SetClock()


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Record]:
    """An empty record, schema in place."""
    made = RECORDS[request.param](tmp_path, clock)
    made.migrate()
    yield made
    made.close()


@pytest.fixture(params=RECORDS)
def new_record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Record]:
    """Makes empty records, for tests with many examples."""

    def make() -> Record:
        made = RECORDS[request.param](tmp_path_factory.mktemp("record"), SetClock())
        made.migrate()
        return made

    return make


@pytest.fixture(params=INDEXES)
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    """An empty index."""
    with INDEXES[request.param](request) as made:
        yield made
