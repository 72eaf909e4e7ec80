"""`nightlight index rebuild` while alerts arrive: searches never fail, and record and index are equal afterwards."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.alert import Status
from pipeline.domain.documents import Document
from pipeline.domain.query import parse
from pipeline.domain.work import WorkKind
from pipeline.line.assess import assess
from pipeline.line.indexing import index_pending, rebuild, thread_documents
from pipeline.line.ingest import Ingest
from pipeline.ports import Index, Record
from tests.contract.conftest import SetClock
from tests.contract.elastic import empty_index
from tests.contract.making import capture, post
from tests.unit.pipeline.line.conftest import LanternJudge

THREADS = 10


def index_of(kind: str, request: pytest.FixtureRequest) -> AbstractContextManager[Index]:
    """An empty one."""
    if kind == "fts5":
        return closing(FtsIndex(request.getfixturevalue("tmp_path") / "index.db", new=True))
    return empty_index(request.getfixturevalue("elasticsearch_url"))


def of_record(record: Record) -> dict[str, str]:
    """Document id → hash of all that the index should hold of it."""
    with record.read() as tx:
        alerts = tx.alerts(Status, 10_000)
        return {each.id: hashed(each) for alert in alerts for each in thread_documents(tx, alert)}


def of_index(index: Index) -> dict[str, str]:
    """The same of what it does hold."""
    found: dict[str, str] = {}
    while hits := index.search(parse(""), 100, len(found), "newest").hits:
        found |= {hit.document.id: hashed(hit.document) for hit in hits}
    return found


def hashed(document: Document) -> str:
    return hashlib.sha256(repr(document).encode()).hexdigest()


@pytest.mark.parametrize("kind", ["fts5", "elasticsearch"])
def test_rebuilding_while_alerts_arrive(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    clock = SetClock()
    record = SqlRecord(f"sqlite:///{tmp_path / 'record.db'}", clock=clock)
    record.migrate()
    failures: list[object] = []
    with index_of(kind, request) as index:
        line = threading.Thread(target=guarded, args=(failures, lambda: the_line(record, index, clock)))
        done = threading.Event()
        reader = threading.Thread(target=guarded, args=(failures, lambda: searching(index, done)))
        for thread in (line, reader):
            thread.start()
        rebuilds = 0
        while line.is_alive():
            rebuild(record, index, clock, "ines")
            rebuilds += 1
        line.join()
        done.set()
        reader.join()
        assert failures == []
        assert rebuilds > 1
        assert of_index(index) == of_record(record)
        assert len(of_record(record)) == THREADS * 3
        index.delete([next(iter(of_record(record)))])
        assert of_index(index) != of_record(record), "a difference is seen"
    record.close()


def guarded(failures: list[object], work: Callable[[], None]) -> None:
    """What fails in a thread is kept."""
    try:
        work()
    except Exception as error:
        failures.append(error)


def the_line(record: Record, index: Index, clock: SetClock) -> None:
    """Alerts arrive, grow and are decided, and the index step follows."""
    judge = LanternJudge()
    for number in range(THREADS):
        thread = f"t{number}"
        posts = [post(each, f"{words} {number}", thread) for each, words in enumerate(("quiet", "lantern"), 1)]
        Ingest(record, clock).accept(capture(*posts, thread=thread))
        assess(record, judge, clock, "w", "")
        index_pending(record, index, clock, "w")
        Ingest(record, clock).accept(capture(post(3, f"lantern again {number}", thread), thread=thread))
        assess(record, judge, clock, "w", "")
        with record.write() as tx:
            alert = tx.alerts([Status.NEW], 1)[0]
            tx.save_alert(replace(alert, status=Status.RELEVANT, revision=alert.revision + 1))
            tx.add_work(WorkKind.INDEX_ALERT, [alert.id], clock.now())
        index_pending(record, index, clock, "w")
    while index_pending(record, index, clock, "w"):
        pass


def searching(index: Index, done: threading.Event) -> None:
    """What was found once is found for ever."""
    most = 0
    while not done.is_set():
        total = index.search(parse("lantern"), limit=3).total
        assert total >= most
        most = total
