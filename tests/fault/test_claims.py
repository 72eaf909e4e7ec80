"""Three real processes claim work and update one row: nothing lost, nothing done twice."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.work import WorkKind
from pipeline.ports import Schedule

PROCESSES = 3
KEYS, FEW = 450, 70

WORKER = '''
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.work import WorkItem, WorkKind


class Clock:
    def now(self):
        return datetime.now(UTC)


def peek(tx):
    """Claims without a lease in force: what a queue without leases would hand out."""
    return tx.claim(WorkKind.ASSESS, sys.argv[2], 7, datetime.now(UTC), lease_s=0)


def claim(tx):
    return tx.claim(WorkKind.ASSESS, sys.argv[2], 7, datetime.now(UTC))


take = {"leased": claim, "unleased": peek}[sys.argv[3]]
record = SqlRecord(sys.argv[1], clock=Clock())
done = Path("done-" + sys.argv[2])
first_step_takes = 0.5
print("ready", flush=True)
sys.stdin.readline()
while True:
    with record.write() as tx:
        items = take(tx)
    if not items:
        break
    with done.open("a") as file:
        for item in items:
            file.write(item.key + "\\n")
    time.sleep(first_step_takes)  # and the others get their turn
    first_step_takes = 0
    with record.write() as tx:
        tx.done(items)
        [row] = tx.schedules()
        tx.save_schedule(replace(row, every_s=row.every_s + len(items)))
'''


class Clock:
    """The machine's."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    made = f"sqlite:///{tmp_path / 'record.db'}"
    return made if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


def run(url: str, folder: Path, mode: str, keys: int) -> tuple[Counter[str], int, int]:
    """How often each key was done, what the shared row counted, how much is left."""
    record = SqlRecord(url, clock=Clock())
    record.migrate()
    with record.write() as tx:
        tx.add_work(WorkKind.ASSESS, [f"k{n}" for n in range(keys)], datetime.now(UTC))
        tx.save_schedule(Schedule("shared", 0, datetime.now(UTC)))
    script = folder / "worker.py"
    script.write_text(WORKER)
    root = str(Path(__file__).parents[2])
    workers = [
        subprocess.Popen(
            [sys.executable, str(script), url, f"w{n}", mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder, env={"PYTHONPATH": root},
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    assert [worker.wait(120) for worker in workers] == [0] * PROCESSES
    for worker in workers:
        worker.communicate()
    with record.read() as tx:
        counted, left = tx.schedules()[0].every_s, tx.pending()[WorkKind.ASSESS]
    record.close()
    lines = [file.read_text().split() for file in folder.glob("done-*")]
    assert len([line for line in lines if line]) > 1, "the work was shared"
    return Counter(key for line in lines for key in line), counted, left


@pytest.mark.timeout(180)
def test_three_processes_lose_nothing_and_do_nothing_twice(url: str, tmp_path: Path) -> None:
    done, counted, left = run(url, tmp_path, "leased", KEYS)
    assert set(done) == {f"k{n}" for n in range(KEYS)}
    assert max(done.values()) == 1
    assert (counted, left) == (KEYS, 0)


@pytest.mark.timeout(180)
def test_without_leases_the_same_count_shows_doubles(url: str, tmp_path: Path) -> None:
    """The positive control: the check above can fail."""
    done, _, _ = run(url, tmp_path, "unleased", FEW)
    assert set(done) == {f"k{n}" for n in range(FEW)}
    assert max(done.values()) > 1
