"""What the record does on PostgreSQL: durable settings, turns, errors in one sentence, erasure."""

import re
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page, PageKind, Post, Quote
from pipeline.adapters.record import postgres
from pipeline.adapters.record.database import BESIDE
from pipeline.adapters.record.postgres import PostgresDatabase
from pipeline.adapters.record.record import SqlRecord, SqlTransaction
from pipeline.adapters.record.tables import notes
from pipeline.domain.accounts import Role, User
from pipeline.domain.work import WorkKind
from pipeline.errors import Misconfigured, Unavailable
from pipeline.ports import Schedule
from tests.service.servers.postgres import PostgresServer

SECRET = "-".join(["quixotic", "words"])
"""Put together, so that no source line in a traceback holds it."""
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Noon."""
        return NOW


def record_at(url: str) -> SqlRecord:
    return SqlRecord(url, clock=Fixed())


@pytest.fixture
def record(postgres_url: str) -> Iterator[SqlRecord]:
    with closing(record_at(postgres_url)) as made:
        made.migrate()
        yield made


def write(record: SqlRecord, search_id: str = "id") -> None:
    with record.write() as tx:
        tx.save_search(search_id, "user", SECRET, NOW)


def capture(*numbers: int) -> Capture:
    visited = DuePage("http://forum.example/t1", PageKind.THREAD, "t1", f"About {SECRET}")
    posts = tuple(
        Post("src", "t1", f"p{n}", "ann", f"{SECRET} {n} " * 50, visited.url, NOW, (Quote("bob", SECRET),))
        for n in numbers
    )
    page = Page("phpbb", PageKind.THREAD, posts=posts, thread_id="t1", thread_title=visited.title)
    return Capture("src", visited, Fetched(visited.url, NOW, "ok"), page, (visited,), ())


def shown(database: PostgresDatabase, name: str, *, writing: bool) -> object:
    with (database.writing if writing else database.reading).connect() as connection:
        return connection.exec_driver_sql(f"SHOW {name}").scalar()


# settings


def test_a_commit_is_on_disk_whatever_the_server_is_used_to(postgres_url: str) -> None:
    name = urlsplit(postgres_url).path.removeprefix("/")
    with psycopg.connect(postgres_url, autocommit=True) as careless:
        careless.execute(SQL("ALTER DATABASE {} SET synchronous_commit = off").format(Identifier(name)))
        careless.execute(
            SQL("ALTER DATABASE {} SET default_transaction_isolation = serializable").format(Identifier(name))
        )
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("off",), "the positive control"
    with closing(PostgresDatabase(postgres_url)) as database:
        assert shown(database, "synchronous_commit", writing=True) == "on"
        assert shown(database, "transaction_isolation", writing=True) == "read committed"
        assert shown(database, "transaction_isolation", writing=False) == "repeatable read"
        assert shown(database, "transaction_read_only", writing=False) == "on"
        assert database.where == f"PostgreSQL database {name} at 127.0.0.1:{urlsplit(postgres_url).port}"


def test_names_are_sorted_as_on_sqlite_whatever_the_locale_of_the_server(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    spoken = f"{urlsplit(postgres_url).path.removeprefix('/')}_spoken"
    url = urlsplit(postgres_url)._replace(path=f"/{spoken}").geturl()
    made = SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'").format(
        Identifier(spoken)
    )
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(made)
    try:
        with closing(record_at(url)) as record:
            record.migrate()
            with record.write() as tx:
                for name in ("b", "ä", "_", "B", "a"):
                    tx.save_user(User(name, name, Role.REVIEWER, "x", NOW))
            with record.read() as tx:
                assert [user.name for user in tx.users()] == sorted(["b", "ä", "_", "B", "a"])
        with psycopg.connect(url) as connection:
            spoken_order = connection.execute('SELECT name FROM person ORDER BY name COLLATE "default"').fetchall()
            assert [name for (name,) in spoken_order] == ["_", "a", "ä", "b", "B"], "the positive control"
            query = (
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'"
            )
            plain = connection.execute(f"{query} AND collation_name IS DISTINCT FROM 'C'").fetchone()
            assert plain == (0,)
    finally:
        postgres_server.drop_database(url)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_is_refused(
    postgres_server: PostgresServer, postgres_url: str, encoding: str
) -> None:
    name = f"{urlsplit(postgres_url).path.removeprefix('/')}_{encoding.lower()}"
    url = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C' ENCODING {}").format(Identifier(name), encoding)
        )
    try:
        with closing(record_at(url)) as record, pytest.raises(Misconfigured, match="createdb --encoding=UTF8"):
            record.migrate()
    finally:
        postgres_server.drop_database(url)


# turns


def in_turn(record: SqlRecord, step: Callable[[], object]) -> "threading.Thread":
    """Start a step in a thread, and return when it waits for its turn."""
    thread = threading.Thread(target=step)
    thread.start()
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = ("
        "SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    while thread.is_alive():
        with record._database.reading.connect() as connection:
            if connection.exec_driver_sql(waiting).scalar_one():
                break
    return thread


def seqs(record: SqlRecord) -> list[int]:
    with record.read() as tx:
        return [post.seq for post in tx.all_posts(0, 10)]


def test_running_numbers_become_visible_in_their_order(record: SqlRecord) -> None:
    """Who pages by seq misses nothing: a smaller number never appears after a greater one was seen."""

    def second() -> None:
        with record.write() as tx:
            tx.save_capture(capture(2), NOW)

    with record.write() as tx:
        tx.save_capture(capture(1), NOW)
        waiting = in_turn(record, second)
        assert waiting.is_alive()
        assert seqs(record) == []
    waiting.join()
    assert seqs(record) == [1, 2]


def test_without_turns_a_smaller_number_appears_later(record: SqlRecord, postgres_url: str) -> None:
    """The positive control: running numbers alone promise nothing."""
    put = "INSERT INTO sign_in (key, at) VALUES ('k', 0) RETURNING n"
    with psycopg.connect(postgres_url) as one, psycopg.connect(postgres_url) as two:
        one.execute(put)
        two.execute(put)
        two.commit()
        with psycopg.connect(postgres_url) as reader:
            assert reader.execute("SELECT n FROM sign_in").fetchall() == [(2,)]


def test_without_turns_an_update_is_lost(record: SqlRecord) -> None:
    """The positive control of reading then writing in the contract suite."""
    with record.write() as tx:
        tx.save_schedule(Schedule("s", 0, NOW))
    together = record._database.writing.execution_options(**{BESIDE: True})
    with together.begin() as one, together.begin() as two:
        for connection in (one, two):
            assert SqlTransaction(connection).schedules() == [Schedule("s", 0, NOW)]
        SqlTransaction(one).save_schedule(Schedule("s", 1, NOW))
        one.commit()
        SqlTransaction(two).save_schedule(Schedule("s", 1, NOW))
    with record.read() as tx:
        assert tx.schedules() == [Schedule("s", 1, NOW)], "two steps counted as one"


def test_a_claim_waits_for_no_writer_and_takes_nothing_that_another_claim_holds(record: SqlRecord) -> None:
    with record.write() as tx:
        tx.add_work(WorkKind.ASSESS, ["a", "b", "c"], NOW)
    with record.write() as writer:
        writer.save_search("id", "user", "words", NOW)
        with record.write() as one:
            assert [item.key for item in one.claim(WorkKind.ASSESS, "one", 2, NOW)] == ["a", "b"]
            with record.write() as two:
                assert [item.key for item in two.claim(WorkKind.ASSESS, "two", 2, NOW)] == ["c"]


def test_a_claim_that_crosses_a_writer_loses_nothing(record: SqlRecord) -> None:
    """Each waits for the other: PostgreSQL ends one of them, and what it did can be done again."""
    with record.write() as tx:
        tx.add_work(WorkKind.ASSESS, ["a"], NOW)
    both = threading.Barrier(2)

    def writes() -> str:
        with record.write() as tx:
            tx.save_search("s", "user", "words", NOW)
            both.wait(10)
            tx.add_work(WorkKind.ASSESS, ["a"], NOW)
        return "wrote"

    def claims() -> str:
        with record.write() as tx:
            items = tx.claim(WorkKind.ASSESS, "me", 1, NOW)
            both.wait(10)
            tx.postpone(items, NOW)
        return "claimed"

    with ThreadPoolExecutor(2) as threads:
        trouble = [step.exception() for step in [threads.submit(writes), threads.submit(claims)]]
    [ended] = [error for error in trouble if error]
    assert isinstance(ended, Unavailable)
    assert str(ended).endswith("is busy for too long; try again")
    with record.write() as tx:
        assert [item.key for item in tx.claim(WorkKind.ASSESS, "you", 1, NOW)] == ["a"]


def test_who_waits_too_long_for_a_turn_is_told_so(
    record: SqlRecord, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "BUSY_S", 1)
    with closing(record_at(postgres_url)) as impatient:
        with record.write() as tx:
            tx.save_search("id", "user", "words", NOW)
            with pytest.raises(Unavailable, match="busy for too long; try again"):
                write(impatient)
            with impatient.read() as reading:
                assert reading.saved_search("id") is None, "reading goes on"
        write(impatient)


def test_a_writer_that_hangs_holds_nobody_up(
    record: SqlRecord, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_HUNG_S", 1)

    def hang(hung: SqlRecord) -> None:
        with hung.write() as tx:
            tx.save_search("hung", "user", "words", NOW)
            write(record)
            tx.save_search("hung", "user", "more words", NOW)

    with closing(record_at(postgres_url)) as hung, pytest.raises(Unavailable):
        hang(hung)
    with record.read() as tx:
        assert tx.saved_search("hung") is None
        assert tx.saved_search("id") is not None


# errors


def trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_no_error_repeats_what_was_to_be_stored(record: SqlRecord, postgres_url: str) -> None:
    row = {"id": "n", "alert_id": "a", "author": "ines", "at": None, "text": SECRET}
    with pytest.raises(IntegrityError, match="violates not-null") as caught, record._database.write() as connection:
        connection.execute(insert(notes), row)
    assert SECRET not in trace(caught.value)
    with psycopg.connect(postgres_url) as talkative, pytest.raises(psycopg.Error, match=SECRET):
        talkative.execute("INSERT INTO note VALUES (%(id)s, %(alert_id)s, %(author)s, %(at)s, %(text)s)", row)


def test_a_full_disk_is_one_sentence_and_nothing_accepted_is_lost(record: SqlRecord, postgres_url: str) -> None:
    """The server raises the state it has for a full disk."""
    write(record)
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON saved_search EXECUTE FUNCTION full_disk()")
    with pytest.raises(Unavailable, match=r"^The disk of PostgreSQL database \w+ at 127.0.0.1:\d+ is full; free some"):
        write(record, "more")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP TRIGGER full_disk ON saved_search")
        assert connection.execute("SELECT id FROM saved_search").fetchall() == [("id",)]
    write(record, "more")


def changed(url: str, **parts: object) -> str:
    """The URL with another user, password, port or path."""
    old = urlsplit(url)
    host = f"{parts.get('user', old.username)}:{parts.get('password', old.password)}@127.0.0.1"
    return old._replace(netloc=f"{host}:{parts.get('port', old.port)}", path=str(parts.get("path", old.path))).geturl()


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            {"password": SECRET},
            "doesn't let us in; correct the user in record_url or the password in record_password_file",
        ),
        ({"user": "nobody", "password": SECRET}, "doesn't let us in; correct the user in record_url"),
        ({"path": "/nowhere"}, "doesn't exist; make one with: createdb"),
        ({"port": 1, "password": SECRET}, "doesn't answer; start PostgreSQL, or correct record_url"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_one_sentence_without_the_password(
    postgres_url: str, parts: dict[str, object], sentence: str
) -> None:
    with closing(record_at(changed(postgres_url, **parts))) as record, pytest.raises(Unavailable) as caught:
        record.migrate()
    assert sentence in str(caught.value)
    assert SECRET not in trace(caught.value)


def test_the_password_comes_from_the_argument_or_from_pgpassfile(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = urlsplit(postgres_url).password or ""
    bare = postgres_url.replace(f":{password}@", "@")
    with closing(SqlRecord(bare, clock=Fixed(), password=password)) as record:
        record.migrate()
    with closing(record_at(bare)) as record, pytest.raises(Unavailable, match="doesn't let us in"):
        record.migrate()
    (tmp_path / "pgpass").write_text(f"127.0.0.1:*:*:*:{password}\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    with closing(record_at(bare)) as record:
        record.migrate()
        assert record.health()


def test_an_unencrypted_server_is_refused_where_the_url_asks_for_encryption(postgres_url: str) -> None:
    with (
        closing(record_at(f"{postgres_url}?sslmode=require")) as record,
        pytest.raises(Unavailable, match="can't be reached as its sslmode asks"),
    ):
        record.migrate()


# erasure


def traces(url: str) -> int:
    """How often the file of the posts holds the words."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_read_binary_file(pg_relation_filepath('revision'))").fetchone()
    assert row
    return int(bytes(row[0]).count(SECRET.encode()))


def test_erased_words_leave_the_file_with_their_room(record: SqlRecord, postgres_url: str) -> None:
    """What shares a page with rows that stay lies there until the room is taken: docs/decisions/0008 names it."""
    each = 51  # 50 in the text, one in the quote
    with record.write() as tx:
        ids = tx.save_capture(capture(*range(40)), NOW)
    assert traces(postgres_url) >= 40 * each
    with record.write() as tx:
        tx.erase_posts(ids[::2], NOW)
    with psycopg.connect(postgres_url, autocommit=True) as administrator:
        assert administrator.execute("SELECT count(*) FROM revision").fetchone() == (20,)
        administrator.execute("VACUUM FULL revision")
    assert traces(postgres_url) == 20 * each
    with record.write() as tx:
        tx.erase_posts(ids[1::2], NOW)
    assert traces(postgres_url) == 0


# doctor


def test_the_doctor_names_version_and_place_and_what_is_not_safe(
    record: SqlRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.fullmatch(r"version \d+\.\d+, PostgreSQL database \w+ at 127\.0\.0\.1:\d+", record.health())
    monkeypatch.setattr(postgres, "_IS_PRIVATE", "SELECT false")
    with pytest.raises(Misconfigured, match=r"isn't encrypted; end record_url with \?sslmode=verify-full"):
        record.health()
