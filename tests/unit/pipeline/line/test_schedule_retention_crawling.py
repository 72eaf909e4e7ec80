"""What falls due by itself: crawls, their child processes, and erasing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from crawler.post import Source
from pipeline.domain.accounts import ABSOLUTE, Session
from pipeline.domain.query import parse
from pipeline.domain.retention import Retention
from pipeline.domain.work import WorkKind
from pipeline.errors import Unavailable
from pipeline.line.assess import assess
from pipeline.line.crawling import Crawls
from pipeline.line.indexing import index_pending
from pipeline.line.retention import expire
from pipeline.line.schedule import tick
from pipeline.ports import Schedule
from tests.contract.making import SOURCE
from tests.unit.pipeline.line.conftest import House


@dataclass
class FakeChild:
    """A crawl that runs until it is told its exit code."""

    code: int | None = None
    stopped: bool = False

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self.stopped = True


@dataclass
class FakeRunner:
    """Starts crawls that nobody runs."""

    started: dict[str, FakeChild] = field(default_factory=dict)

    def start(self, source_id: str) -> FakeChild:
        self.started[source_id] = FakeChild()
        return self.started[source_id]


def schedule(house: House) -> None:
    with house.record.write() as tx:
        tx.save_source(Source(SOURCE, "Tallow Lane", "http://forum.example/", "M-1"))
        tx.save_schedule(Schedule(SOURCE, 600, house.clock.now()))


def test_two_schedulers_at_once_queue_one_crawl_and_missed_times_are_not_made_up(house: House) -> None:
    schedule(house)
    house.clock.go(hours=5)
    assert tick(house.record, house.clock) == 1
    assert tick(house.record, house.clock) == 0
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.CRAWL] == 1
        assert tx.schedules()[0].next_at == house.clock.now() + timedelta(minutes=10)


def test_a_running_crawl_keeps_its_lease_and_no_second_one_starts(house: House) -> None:
    schedule(house)
    tick(house.record, house.clock)
    mine, others = FakeRunner(), FakeRunner()
    crawls = Crawls(house.record, mine, house.clock, "w1")
    rival = Crawls(house.record, others, house.clock, "w2")
    for _ in range(6):
        crawls.step()
        rival.step()
        house.clock.go(seconds=20)
    assert list(mine.started) == [SOURCE]
    assert others.started == {}
    mine.started[SOURCE].code = 0
    crawls.step()
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.CRAWL] == 0


def test_the_crawl_of_a_dead_worker_is_taken_over_after_its_lease(house: House) -> None:
    schedule(house)
    tick(house.record, house.clock)
    Crawls(house.record, FakeRunner(), house.clock, "dead").step()
    heir = FakeRunner()
    crawls = Crawls(house.record, heir, house.clock, "w2")
    crawls.step()
    assert heir.started == {}
    house.clock.go(seconds=31)
    crawls.step()
    assert list(heir.started) == [SOURCE]


def test_a_crawl_whose_lease_was_lost_is_stopped_so_that_two_never_ask_one_source(house: House) -> None:
    schedule(house)
    tick(house.record, house.clock)
    mine, heirs = FakeRunner(), FakeRunner()
    slept, heir = Crawls(house.record, mine, house.clock, "w1"), Crawls(house.record, heirs, house.clock, "w2")
    slept.step()
    house.clock.go(seconds=31)
    heir.step()
    slept.step()
    assert mine.started[SOURCE].stopped
    assert not heirs.started[SOURCE].stopped
    heirs.started[SOURCE].code = 0
    heir.step()
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.CRAWL] == 0


def test_a_failed_crawl_is_tried_again_and_set_aside_at_the_third_failure_but_a_refused_one_is_done(
    house: House,
) -> None:
    schedule(house)
    runner = FakeRunner()
    crawls = Crawls(house.record, runner, house.clock, "w1")
    tick(house.record, house.clock)
    for _ in range(3):
        crawls.step()
        runner.started[SOURCE].code = 1
        crawls.step()
        house.clock.go(seconds=61)
    with house.record.read() as tx:
        (aside,) = tx.set_aside(5)
    assert aside.reason == "the crawl ended with exit code 1"
    with house.record.write() as tx:
        tx.requeue(WorkKind.CRAWL, SOURCE, house.clock.now())
    crawls.step()
    runner.started[SOURCE].code = 3
    crawls.step()
    with house.record.read() as tx:
        assert tx.pending()[WorkKind.CRAWL] == 0
        assert tx.set_aside(5) == []


def test_a_crawl_whose_set_up_is_wrong_waits_for_a_person_or_its_next_time(house: House) -> None:
    schedule(house)
    runner = FakeRunner()
    crawls = Crawls(house.record, runner, house.clock, "w1")
    tick(house.record, house.clock)
    crawls.step()
    runner.started.pop(SOURCE).code = 4
    crawls.step()
    house.clock.go(seconds=300)
    crawls.step()
    with house.record.read() as tx:
        (aside,) = tx.set_aside(5)
    assert "nightlight crawl" in aside.reason
    assert not runner.started, "nobody asked again"
    house.clock.go(seconds=301)
    tick(house.record, house.clock)
    crawls.step()
    assert list(runner.started) == [SOURCE]


def test_stopping_gives_the_work_back_at_once(house: House) -> None:
    schedule(house)
    tick(house.record, house.clock)
    runner = FakeRunner()
    crawls = Crawls(house.record, runner, house.clock, "w1")
    crawls.step()
    crawls.stop()
    assert runner.started[SOURCE].stopped
    heir = FakeRunner()
    Crawls(house.record, heir, house.clock, "w2").step()
    assert list(heir.started) == [SOURCE]


def test_every_crawl_is_stopped_though_the_record_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.record.write() as tx:
        tx.add_work(WorkKind.CRAWL, ["one", "two"], house.clock.now())
    runner = FakeRunner()
    crawls = Crawls(house.record, runner, house.clock, "w1")
    crawls.step()
    assert list(runner.started) == ["one", "two"]

    def away() -> NoReturn:
        raise Unavailable("start the record")

    monkeypatch.setattr(house.record, "write", away)
    with pytest.raises(Unavailable):
        crawls.stop()
    assert [child.stopped for child in runner.started.values()] == [True, True]


def test_unflagged_posts_expire_and_an_alerts_thread_stays(house: House) -> None:
    house.store("a quiet word", thread="t1")
    house.store("the lantern works", "an answer", thread="t2")
    assess(house.record, house.judge, house.clock, "w", "")
    index_pending(house.record, house.index, house.clock, "w")
    retention = Retention(30)
    assert expire(house.record, house.index, house.clock, retention) == 0
    house.clock.go(days=31)
    assert expire(house.record, house.index, house.clock, retention, dry_run=True) == 1
    assert expire(house.record, house.index, house.clock, retention) == 1
    with house.record.read() as tx:
        assert tx.thread(SOURCE, "t1") == []
        assert len(tx.thread(SOURCE, "t2")) == 2
    assert house.index.search(parse("")).total == 2


def test_old_searches_and_sessions_that_are_over_are_forgotten(house: House, tmp_path: Path) -> None:
    start = house.clock.now()
    with house.record.write() as tx:
        tx.save_search("old", "ines", "tallow heron", start)
        tx.save_session(Session("idle", "ines", "c", start, start))
    house.clock.go(days=30, seconds=1)
    now = house.clock.now()
    with house.record.write() as tx:
        tx.save_search("new", "ines", "lumen", start + timedelta(seconds=1))
        tx.save_session(Session("too-old", "ines", "c", now - ABSOLUTE, now))
        tx.save_session(Session("in-use", "ines", "c", now, now))
    assert b"tallow heron" in stored(tmp_path)
    expire(house.record, house.index, house.clock, Retention(30), dry_run=True)
    assert b"tallow heron" in stored(tmp_path)
    expire(house.record, house.index, house.clock, Retention(30))
    expire(house.record, house.index, house.clock, Retention(30))
    with house.record.read() as tx:
        assert [bool(tx.saved_search(name)) for name in ("old", "new")] == [False, True]
        assert [bool(tx.session(name)) for name in ("idle", "too-old", "in-use")] == [False, False, True]
        assert [(e.action, e.details) for e in tx.audit_of("searches", 5)] == [("searches.expire", {"count": 1})]
    assert b"tallow heron" not in stored(tmp_path)


def stored(folder: Path) -> bytes:
    """Every byte of the record's files."""
    return b"".join(path.read_bytes() for path in folder.glob("record.db*"))


def test_a_post_the_model_chokes_on_expires_too_and_its_work_goes_with_it(house: House) -> None:
    house.store("poison", thread="t1")
    for _ in range(3):
        with house.record.read() as tx:
            assert tx.set_aside(5) == []
        assess(house.record, house.judge, house.clock, "w", "")
        house.clock.go(seconds=61)
    house.clock.go(days=30)
    house.store("poison that is still tried", thread="t2")
    house.clock.go(days=31)
    assert expire(house.record, house.index, house.clock, Retention(30)) == 1
    with house.record.read() as tx:
        assert tx.thread(SOURCE, "t1") == []
        assert tx.set_aside(5) == []
        assert len(tx.thread(SOURCE, "t2")) == 1, "what still waits to be judged is not lost"


def test_what_becomes_context_of_an_alert_while_it_is_about_to_expire_stays_and_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.store("a quiet word", thread="t1")
    house.store("another quiet word", thread="t2")
    assess(house.record, house.judge, house.clock, "w", "")
    house.clock.go(days=31)
    erase = house.index.delete

    def slow(ids: Sequence[str]) -> None:
        house.store("the lantern works", thread="t1", first=2)
        settle(house)
        erase(ids)

    monkeypatch.setattr(house.index, "delete", slow)
    assert expire(house.record, house.index, house.clock, Retention(30), actor="cli:ines") == 1
    settle(house)
    with house.record.read() as tx:
        assert len(tx.thread(SOURCE, "t1")) == 2
        assert tx.thread(SOURCE, "t2") == []
        assert [(e.actor, e.details) for e in tx.audit_of("unflagged", 5)] == [("cli:ines", {"count": 1})]
    assert house.index.search(parse("quiet")).total == 1


def settle(house: House) -> None:
    while assess(house.record, house.judge, house.clock, "w", "") or index_pending(
        house.record, house.index, house.clock, "w"
    ):
        pass
