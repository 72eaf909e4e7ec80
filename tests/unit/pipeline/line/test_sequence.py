"""Places within a second, checkpoints in the record and outside it, and a log that shows what was done to it."""

import sqlite3
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.audit import AuditEvent, Checkpoint, sign
from pipeline.line import sequence as module
from pipeline.line.sequence import FILE, kept_checkpoints, sequence, verify_log

KEY = Ed25519PrivateKey.generate()


class SetClock:
    """A clock that goes when it is told to."""

    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment that was set."""
        return self.moment


class House:
    """A home folder with a record."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = SetClock()
        self.record = SqlRecord(f"sqlite:///{home / 'record.db'}", clock=self.clock)
        self.record.migrate()

    def events(self, count: int) -> None:
        """Write that many."""
        with self.record.write() as tx:
            for n in range(count):
                tx.audit(AuditEvent(str(uuid.uuid4()), self.clock.now(), "ines", "alert.read", f"a{n}", {"n": n}))

    def step(self, **passed: float) -> int:
        """Let time pass, then run the sequencer."""
        self.clock.moment += timedelta(**passed)
        return sequence(self.record, self.clock, KEY, self.home)

    def sizes(self) -> list[int]:
        """Sizes of the checkpoints kept outside."""
        return [checkpoint.size for checkpoint in kept_checkpoints(self.home / FILE)]

    def tamper(self, *statements: str) -> None:
        """What somebody with the database file in hands can do."""
        with closing(sqlite3.connect(self.home / "record.db")) as db, db:
            for statement in statements:
                db.execute(statement)

    def fault(self) -> tuple[int | None, str]:
        """First bad place and reason."""
        report = verify_log(self.record, KEY.public_key(), self.home)
        assert report.ok == (not report.reason)
        return report.first_bad, report.reason


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.record.close()


def test_waiting_events_get_places_and_the_first_tree_is_signed_at_once(house: House) -> None:
    assert house.step() == 0
    assert house.sizes() == []
    house.events(3)
    assert house.step() == 3
    assert house.step() == 0
    assert house.sizes() == [3]
    report = verify_log(house.record, KEY.public_key(), house.home)
    assert (report.ok, report.size, report.checkpoints) == (True, 3, 1)


def test_the_tree_is_signed_every_five_minutes_when_there_is_news(house: House) -> None:
    house.events(1)
    house.step()
    house.step(minutes=6)
    assert house.sizes() == [1], "no news, no checkpoint"
    house.events(1)
    house.step()
    assert house.sizes() == [1, 2]
    house.events(1)
    house.step(minutes=4)
    assert house.sizes() == [1, 2]
    house.step(minutes=1)
    assert house.sizes() == [1, 2, 3], "although nothing came in this step"
    with house.record.read() as tx:
        assert [checkpoint.size for checkpoint in tx.checkpoints()] == [1, 2, 3]


def test_a_thousand_events_are_signed_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.events(1)
    house.step()
    house.events(999)
    assert house.step(seconds=1) == 999
    assert house.sizes() == [1]
    house.events(1_002)
    assert house.step(seconds=1) == 1_002
    assert house.sizes() == [1, 2_002]
    assert house.fault() == (None, "")


@pytest.fixture
def signed(house: House) -> House:
    """Nine events under two checkpoints, and one after them."""
    house.events(4)
    house.step()
    house.events(5)
    house.step(minutes=5)
    house.events(1)
    house.step(seconds=1)
    assert house.sizes() == [4, 9]
    assert house.fault() == (None, "")
    return house


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_event SET actor = 'omar' WHERE seq = 6", 6),
        ("UPDATE audit_event SET details = '{\"n\":9}' WHERE seq = 9", 9),
        ("UPDATE audit_event SET leaf = zeroblob(32) WHERE seq = 2", 2),
        ("UPDATE audit_event SET at = at + 1 WHERE seq = 0", 0),
        ("DELETE FROM audit_event WHERE seq = 5", 5),
        ("DELETE FROM audit_event WHERE seq >= 8", 8),
        ("DELETE FROM audit_event", 0),
        ("UPDATE audit_event SET seq = CASE seq WHEN 1 THEN -2 ELSE seq END", 1),
    ],
)
def test_what_is_changed_in_the_database_is_found(signed: House, statement: str, first_bad: int) -> None:
    signed.tamper(statement)
    assert signed.fault()[0] == first_bad


def test_a_tail_cut_off_with_its_checkpoints_is_found_by_the_file_outside(signed: House) -> None:
    signed.tamper("DELETE FROM audit_event WHERE seq >= 4", "DELETE FROM checkpoint WHERE size > 4")
    assert signed.fault() == (4, "a checkpoint covers 9 events, the log has 4")


def test_a_tail_rewritten_by_the_sequencer_itself_is_neither_signed_nor_believed(signed: House) -> None:
    signed.tamper("DELETE FROM audit_event WHERE seq >= 7")
    signed.events(8)
    assert signed.step(minutes=10) == 8
    assert signed.sizes() == [4, 9], "a tree that doesn't continue the last checkpoint is never signed"
    assert signed.fault() == (4, "events before place 9 don't give the root of their checkpoint")


def test_a_missing_or_edited_checkpoint_file_is_found(signed: House) -> None:
    path = signed.home / FILE
    whole = path.read_text()
    path.unlink()
    assert "lacks checkpoints that the record has" in signed.fault()[1]
    path.write_text(whole.splitlines(keepends=True)[0])
    assert "lacks checkpoints" in signed.fault()[1]
    path.write_text(whole.replace('"size": 9', '"size": 8'))
    assert not verify_log(signed.record, KEY.public_key(), signed.home).ok
    path.write_text("nonsense\n")
    assert "no checkpoint" in signed.fault()[1]
    signed.events(1)
    assert signed.step(minutes=10) == 1, "events still get their places"
    assert path.read_text() == "nonsense\n"
    path.write_text(whole)
    assert signed.fault() == (None, "")


def test_a_line_cut_short_by_a_crash_is_written_again(signed: House) -> None:
    path = signed.home / FILE
    with path.open("a") as file:
        file.write('{"origin": "nightlight/au')
    assert signed.sizes() == [4, 9]
    assert signed.fault() == (None, "")
    signed.step(minutes=10)
    assert signed.sizes() == [4, 9, 10]
    assert signed.fault() == (None, "")


def test_a_crash_between_file_and_record_leaves_a_log_that_verifies(
    signed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    real = module._keep

    def keep_then_crash(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        crash()

    monkeypatch.setattr(module, "_keep", keep_then_crash)
    with pytest.raises(KeyboardInterrupt):
        signed.step(minutes=10)
    monkeypatch.undo()
    assert signed.sizes() == [4, 9, 10]
    assert signed.fault() == (None, "")
    signed.events(1)
    signed.step(minutes=10)
    assert signed.sizes() == [4, 9, 10, 11]
    assert signed.fault() == (None, "")


def test_sequencers_at_once_keep_each_others_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    monkeypatch.setattr(module, "EVERY", timedelta(0))

    def slow(origin: str, size: int, *about: Any) -> Checkpoint:
        """Every other one takes long enough to be overtaken."""
        time.sleep(0.05 * (size % 2))
        return sign(origin, size, *about)

    monkeypatch.setattr(module, "sign", slow)

    def work() -> None:
        for _ in range(25):
            house.events(1)
            house.step()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    with house.record.read() as tx:
        assert {checkpoint.size for checkpoint in tx.checkpoints()} == set(house.sizes())
    assert house.sizes() == sorted(set(house.sizes()))
    assert verify_log(house.record, KEY.public_key(), house.home).ok
