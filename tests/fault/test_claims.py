"""Three real processes claim work and update one row: nothing lost, nothing done twice."""

import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.work import WorkKind
from pipeline.ports import Schedule

PROCESSES = 3
KEYS, FEW = 450, 70

WORKER = """
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.work import LEASE_S, WorkKind


class Clock:
    def now(self):
        return datetime.now(UTC)


def work(record, name, kind, lease_s):
    done = Path(f"{kind}-{name}")
    first_step_takes = 0.5
    while True:
        with record.write() as tx:
            items = tx.claim(kind, name, 7, datetime.now(UTC), lease_s)
        if not items:
            return
        with done.open("a") as file:
            for item in items:
                file.write(item.key + "\\n")
        time.sleep(first_step_takes)  # and the others get their turn
        first_step_takes = 0
        with record.write() as tx:
            tx.done(items)
            row = next(row for row in tx.schedules() if row.source_id == kind)
            tx.save_schedule(replace(row, every_s=row.every_s + len(items)))


record = SqlRecord(sys.argv[1], clock=Clock())
print("ready", flush=True)
sys.stdin.readline()
work(record, sys.argv[2], WorkKind.ASSESS, LEASE_S)
work(record, sys.argv[2], WorkKind.INDEX_POST, 0)  # without a lease
"""


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


def run(url: str, folder: Path) -> None:
    """Processes that start at one moment and end when nothing is left."""
    script = folder / "worker.py"
    script.write_text(WORKER)
    root = str(Path(__file__).parents[2])
    workers = [
        subprocess.Popen(
            [sys.executable, str(script), url, f"w{n}"],
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


def done(folder: Path, kind: WorkKind) -> Counter[str]:
    """How often each key was done, by several processes."""
    lines = [file.read_text().split() for file in folder.glob(f"{kind}-w*")]
    assert len(lines) > 1, "the work was shared"
    return Counter(key for line in lines for key in line)


@pytest.mark.timeout(180)
def test_three_processes_lose_nothing_and_do_nothing_twice(url: str, tmp_path: Path) -> None:
    """The positive control: without leases the same count shows doubles."""
    wanted = {WorkKind.ASSESS: KEYS, WorkKind.INDEX_POST: FEW}
    with closing(SqlRecord(url, clock=Clock())) as record:
        record.migrate()
        with record.write() as tx:
            for kind, keys in wanted.items():
                tx.add_work(kind, [f"k{n}" for n in range(keys)], datetime.now(UTC))
                tx.save_schedule(Schedule(kind, 0, datetime.now(UTC)))
        run(url, tmp_path)
        with record.read() as tx:
            counted = {row.source_id: row.every_s for row in tx.schedules()}
            assert not any(tx.pending().values())
    leased, unleased = (done(tmp_path, kind) for kind in wanted)
    assert leased == Counter({f"k{n}": 1 for n in range(KEYS)})
    assert counted[WorkKind.ASSESS] == KEYS
    assert set(unleased) == {f"k{n}" for n in range(FEW)}
    assert max(unleased.values()) > 1
