"""What the record does on SQLite: durable settings, errors in one sentence, nothing left of what was erased."""

import logging
import re
import resource
import sqlite3
import subprocess
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, update

from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page, PageKind, Post, Quote
from pipeline.adapters.record.record import SqlRecord
from pipeline.adapters.record.sqlite import SqliteDatabase
from pipeline.adapters.record.tables import work
from pipeline.domain.alert import Note
from pipeline.errors import Unavailable

SECRET = "-".join(["quixotic", "words"])
"""Put together, so that no source line in a traceback holds it."""
ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Noon."""
        return NOW


def record_at(path: Path) -> SqlRecord:
    return SqlRecord(f"sqlite:///{path}", clock=Fixed())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def record(path: Path) -> SqlRecord:
    made = record_at(path)
    made.migrate()
    return made


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_a_commit_is_on_disk_and_erased_means_overwritten(path: Path) -> None:
    database = SqliteDatabase(f"sqlite:///{path}")
    settings = {name: pragma(database.writing, name) for name in ("journal_mode", "synchronous", "secure_delete")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    assert pragma(database.writing, "foreign_keys") == 1
    assert pragma(database.reading, "query_only") == 1
    assert pragma(database.writing, "query_only") == 0


def write(record: SqlRecord) -> None:
    with record.write() as tx:
        tx.save_search("id", "user", SECRET, NOW)


def test_a_full_disk_is_one_sentence_and_nothing_accepted_is_lost(record: SqlRecord, path: Path) -> None:
    write(record)
    with record._database.writing.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Unavailable, match="is full; free some space") as caught, record.write() as tx:
        tx.save_search("long", "user", SECRET * 5_000, NOW)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    with record.read() as tx:
        assert tx.saved_search("id") == ("user", SECRET)
        assert tx.saved_search("long") is None
    record.close()
    write(record_at(path))


def test_a_database_held_by_another_process_is_one_sentence(
    record: SqlRecord, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with record._database.writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="held by another process"):
        write(record)
    with record.read() as tx:
        assert tx.saved_search("id") is None, "reading goes on"
    other.execute("COMMIT")
    other.close()
    write(record)


def test_a_damaged_or_foreign_file_is_one_sentence(path: Path) -> None:
    path.write_bytes(b"this is a diary, not a database " * 300)
    with pytest.raises(Unavailable, match=re.escape(f"{path} isn't a Nightlight record")):
        record_at(path).migrate()


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="can't be opened; check that its folder exists"):
        record_at(tmp_path / "nowhere" / "record.db").migrate()


def test_a_record_without_tables_says_how_to_make_them(path: Path) -> None:
    with pytest.raises(Unavailable, match="nightlight init"):
        write(record_at(path))


def test_no_error_and_no_log_line_repeats_what_was_to_be_stored(
    record: SqlRecord, caplog: pytest.LogCaptureFixture
) -> None:
    """Positive control: without our setting the library would print the parameters."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Exception, match="FOREIGN KEY") as caught, record.write() as tx:
        tx.add_note(Note("n", "no such alert", "ines", NOW, SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in caplog.text
    talkative = create_engine("sqlite://")
    with pytest.raises(Exception, match=SECRET), talkative.connect() as connection:
        connection.execute(update(work).values(key=SECRET))


def test_an_up_to_date_record_opens_without_loading_the_migrations(record: SqlRecord, path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from datetime import datetime;"
        "from pipeline.adapters.record.record import SqlRecord;"
        "record = SqlRecord('sqlite:///' + sys.argv[1], clock=None); record.migrate(); print('alembic' in sys.modules)"
    )

    def loads(database: Path) -> str:
        command = [sys.executable, "-c", code, str(database)]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()

    assert loads(path) == "False"
    assert loads(path.with_name("new.db")) == "True"


def test_running_numbers_are_never_used_again_after_erasure(record: SqlRecord, path: Path) -> None:
    made = dict(sqlite3.connect(path).execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    assert "AUTOINCREMENT" in made["revision"]
    assert "AUTOINCREMENT" in made["audit_event"]


def test_a_disk_that_fails_while_we_erase_is_one_sentence(record: SqlRecord, path: Path) -> None:
    """The log can't be copied into a file that may not grow; the system's word for a failing disk."""
    with record.write() as tx:
        tx.save_search("long", "user", SECRET * 5_000, NOW)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
    try:
        with pytest.raises(Unavailable, match=re.escape(f"{path} can't be used now")):
            record._database.forget()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    record._database.forget()


def test_erased_words_are_in_none_of_the_files(record: SqlRecord, path: Path) -> None:
    visited = DuePage("http://forum.example/t1", PageKind.THREAD, "t1", f"About {SECRET}")
    posts = tuple(
        Post("src", "t1", f"p{n}", "ann", f"{SECRET} {n} " * 50, visited.url, NOW, (Quote("bob", SECRET),))
        for n in range(40)
    )
    page = Page("phpbb", PageKind.THREAD, posts=posts, thread_id="t1", thread_title=visited.title)
    with record.write() as tx:
        ids = tx.save_capture(Capture("src", visited, Fetched(visited.url, NOW, "ok"), page, (visited,), ()), NOW)

    def traces() -> int:
        return sum(file.read_bytes().count(SECRET.encode()) for file in path.parent.glob("record.db*"))

    assert traces() >= 40 * 51
    with record.write() as tx:
        tx.erase_posts(ids, NOW)
    assert traces() == 0
