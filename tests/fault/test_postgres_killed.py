"""PostgreSQL is killed and comes back: what was accepted is there, and the same record object goes on."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.work import WorkKind
from pipeline.errors import Unavailable
from tests.service.servers.postgres import PostgresServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Noon."""
        return NOW


@pytest.fixture
def record(postgres_url: str) -> Iterator[SqlRecord]:
    """A record with its tables."""
    with closing(SqlRecord(postgres_url, clock=Fixed())) as made:
        made.migrate()
        yield made


def keys(record: SqlRecord) -> set[str]:
    """What is queued."""
    with record.write() as tx:
        return {item.key for item in tx.claim(WorkKind.ASSESS, "me", 1_000_000, NOW, lease_s=0)}


def test_what_was_accepted_outlives_a_kill_and_the_record_goes_on(
    postgres_server: PostgresServer, record: SqlRecord
) -> None:
    accepted: list[str] = []
    asked: list[str] = []
    ended: list[Exception] = []
    busy = threading.Event()

    def accept() -> None:
        try:
            while True:
                asked.append(f"k{len(asked)}")
                with record.write() as tx:
                    tx.add_work(WorkKind.ASSESS, asked[-1:], NOW)
                accepted.append(asked[-1])
                if len(accepted) == 50:
                    busy.set()
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=accept)
    thread.start()
    assert busy.wait(60)
    postgres_server.kill()
    thread.join(60)
    [error] = ended
    assert isinstance(error, Unavailable)
    for step in (lambda: keys(record), lambda: record.crawl_state().due("src", 1), record.migrate):
        with pytest.raises(Unavailable, match="doesn't answer; start PostgreSQL, or correct record_url"):
            step()
    postgres_server.start()
    there = keys(record)
    assert len(accepted) >= 50
    assert set(accepted) <= there <= set(asked)
    assert len(there - set(accepted)) <= 1, "at most the one that was on its way"
    with record.read() as tx:
        assert tx.pending()[WorkKind.ASSESS] == len(there)


def test_a_step_in_the_middle_of_a_kill_never_happened(postgres_server: PostgresServer, record: SqlRecord) -> None:
    def killed() -> None:
        with record.write() as tx:
            tx.add_work(WorkKind.ASSESS, ["half"], NOW)
            postgres_server.kill()
            tx.add_work(WorkKind.ASSESS, ["done"], NOW)

    with pytest.raises(Unavailable):
        killed()
    postgres_server.start()
    assert keys(record) == set()


def test_ended_connections_are_replaced_unseen(record: SqlRecord, postgres_url: str) -> None:
    """After a restart, or an administrator's pg_terminate_backend, the next step finds new connections."""
    keys(record)
    with psycopg.connect(postgres_url, autocommit=True) as administrator:
        ended = administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'nightlight' AND datname = current_database()"
        ).fetchall()
    assert ended
    assert keys(record) == set()
    with record.read() as tx:
        assert tx.set_aside(1) == []
