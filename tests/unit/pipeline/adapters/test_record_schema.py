"""Migrations: forward and back with rows in the tables, several processes at once, on every database."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy.exc import StatementError

from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page, PageKind, Post
from nlp.assessment import Assessment
from pipeline.adapters.record.record import SqlRecord
from pipeline.adapters.record.rows import assessment_values, post_values
from pipeline.adapters.record.tables import (
    alert_posts,
    alerts,
    assessments,
    endpoints,
    fetches,
    metadata,
    revisions,
)
from pipeline.domain.work import WorkKind
from pipeline.errors import Misconfigured, Unavailable
from tests.contract.making import alert, judged, post

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BACK_ENDS = ("sqlite", "postgresql")


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Noon."""
        return NOW


@pytest.fixture(params=BACK_ENDS)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'record.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def record(url: str) -> Iterator[SqlRecord]:
    """A record without its tables."""
    made = SqlRecord(url, clock=Fixed())
    yield made
    made.close()


def fill(record: SqlRecord) -> None:
    """Rows in tables that hang on each other."""
    visited = DuePage("http://forum.example/t1", PageKind.THREAD, "t1", "title")
    post = Post("src", "t1", "p1", "ann", "words", visited.url, NOW)
    page = Page("phpbb", PageKind.THREAD, posts=(post,), thread_id="t1", thread_title="title")
    with record.write() as tx:
        [rev] = tx.save_capture(Capture("src", visited, Fetched(visited.url, NOW, "ok"), page, (visited,), ()), NOW)
        tx.save_assessments({rev: Assessment(0.1, False, {}, (), "en", False, "m1")}, NOW)
        tx.add_work(WorkKind.ASSESS, [rev], NOW)


def rows(record: SqlRecord) -> dict[str, int]:
    """How many rows each table has."""
    with record._database.read() as connection:
        return {table.name: len(connection.execute(select(table)).all()) for table in metadata.sorted_tables}


def differences(connection: Connection) -> list[object]:
    """Between the tables that are there and those of the code."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_migrations_make_exactly_the_tables_of_the_code(record: SqlRecord) -> None:
    record.migrate()
    with record._database.writing.connect() as connection:
        assert differences(connection) == []
        connection.exec_driver_sql("DROP TABLE note")
        assert differences(connection) != [], "the positive control"


def test_migrations_run_back_and_forth_with_rows_in_the_tables(record: SqlRecord) -> None:
    record.migrate()
    fill(record)
    before = rows(record)
    assert sum(before.values()) > 5
    record.migrate()
    assert rows(record) == before
    record.migrate("base")
    with record._database.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    with pytest.raises(Unavailable, match="nightlight init"):
        rows(record)
    record.migrate()
    assert set(rows(record).values()) == {0}
    fill(record)
    assert rows(record) == before


def test_rows_of_the_first_version_get_what_later_ones_ask_for(record: SqlRecord) -> None:
    record.migrate("0001")
    words = dict.fromkeys(("url", "content_type", "sha256", "reason", "degraded"), "")
    numbers = dict.fromkeys(("status", "bytes", "media_bytes"), 0)
    read = {"source_id": "src", "at": NOW} | words | numbers
    cases = {"id": "e", "name": "Cases", "url": "https://cases.example/", "secret_file": "secrets/cases"}
    with record._database.write() as connection:
        for outcome in ("ok", "ok", "refused"):
            connection.execute(insert(fetches).values(read | {"outcome": outcome}))
        connection.execute(insert(endpoints).values(cases | {"machine_events": False, "disabled": False}))
    record.migrate()
    assert record.crawl_state().fetched_since("src", NOW) == 2, "a refused fetch sent nothing"
    with record.read() as tx:
        assert [(endpoint.id, endpoint.private_network) for endpoint in tx.endpoints()] == [("e", False)]


def test_alerts_of_an_older_version_stay_and_their_posts_keep_what_flagged_them(record: SqlRecord) -> None:
    record.migrate("0004")
    words, old = post(1), alert(threshold=None, grounds=())
    values = {name: value for name, value in asdict(old).items() if name not in ("threshold", "grounds")}
    with record._database.write() as connection:
        connection.execute(insert(revisions).values(post_values(words, NOW)))
        for model, flagged in (("m0", False), ("m1", True), ("m2", True), ("m3", False)):
            said = assessment_values(words.revision_id, judged(flagged, model), NOW)
            del said["explanation"]
            connection.execute(insert(assessments).values(said))
        connection.execute(insert(alerts).values(values | {"severity": str(old.severity), "status": str(old.status)}))
        connection.execute(insert(alert_posts).values(revision_id=words.revision_id, alert_id=old.id))
    record.migrate()
    with record.read() as tx:
        [stored] = tx.alert_posts(old.id)
        assert stored.assessment == replace(judged(True, "m1"), targets=(), clues=(), exemplars=())
        assert tx.alert(old.id) == old


def test_a_record_of_a_newer_version_is_one_sentence_and_stays_as_it_is(record: SqlRecord) -> None:
    record.migrate()
    fill(record)
    with record._database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = rows(record)
    with pytest.raises(Misconfigured, match="made by a newer Nightlight"):
        record.migrate()
    assert rows(record) == before
    with record._database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"


def test_processes_that_start_at_once_make_the_tables_once(record: SqlRecord, url: str) -> None:
    code = (
        "import sys; from pipeline.adapters.record.record import SqlRecord; print(flush=True); sys.stdin.readline();"
        "SqlRecord(sys.argv[1], clock=None).migrate()"
    )
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(3)
    ]
    for process in starting:
        assert process.stdout
        process.stdout.readline()
    for process in starting:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in starting] == [0, 0, 0]
    with record._database.read() as connection:
        assert differences(connection) == []


def test_a_record_without_tables_says_how_to_make_them(record: SqlRecord) -> None:
    with pytest.raises(Unavailable, match="nightlight init"):
        fill(record)
    with pytest.raises(Unavailable, match="nightlight init"):
        record.health()
    record.migrate()
    assert record.health()


def test_a_time_without_a_zone_is_refused(record: SqlRecord) -> None:
    record.migrate()
    with pytest.raises(StatementError, match="time zone"), record.write() as tx:
        tx.save_search("id", "user", "words", datetime(2026, 11, 25))  # noqa: DTZ001


def test_numbers_that_must_not_come_back_do_not_in_sqlite_either(tmp_path: Path) -> None:
    """Tables that a migration copied lose what nobody compares."""
    made = SqlRecord(f"sqlite:///{tmp_path / 'record.db'}", clock=Fixed())
    for version in ("head", "0004", "head"):
        made.migrate(version)
        with made._database.writing.connect() as connection:
            found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            counting = {name for name, sql in found if "AUTOINCREMENT" in sql}
        named = {table.name for table in metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]}
        assert counting == named > {"assessment"}
    made.close()
