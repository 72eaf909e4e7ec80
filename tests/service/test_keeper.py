"""A keeper's processes end with the run, however it ends, and take their folder with them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.servers.server import Server, descendants, keep, wait_until

FAMILY = ["sh", "-c", "setsid sleep 1000 & sleep 1000 & wait"]
"""A process with a child in its own session and one beside it."""
RUN = """
import sys, time
from pathlib import Path
from tests.service.servers.server import keep
print(keep(Path(sys.argv[1]), [["sh", "-c", "setsid sleep 1000 & wait"]]).pid, flush=True)
time.sleep(1000)
"""


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def family(keeper: int, size: int) -> list[int]:
    """All descendants, once there are that many."""
    wait_until(lambda: len(descendants(keeper)) == size, f"{size} processes run")
    return descendants(keeper)


def test_a_run_that_is_killed_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    run = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    keeper = int(run.stdout.readline())
    pids = family(keeper, 2)
    assert folder.exists()
    run.send_signal(signal.SIGKILL)
    run.wait()
    wait_until(lambda: not any(map(alive, [keeper, *pids])), "all processes are gone")
    assert not folder.exists()


def test_ended_by_a_signal_it_kills_all_and_leaves_the_folder(tmp_path: Path) -> None:
    keeper = keep(tmp_path, [FAMILY, ["sleep", "1000"]])
    pids = family(keeper.pid, 4)
    keeper.terminate()
    assert keeper.wait(30) == 0
    assert not any(map(alive, pids))
    assert (tmp_path / "console.log").exists()


def test_when_one_command_ends_the_others_do(tmp_path: Path) -> None:
    keeper = keep(tmp_path, [FAMILY, ["sleep", "1000"]])
    pids = family(keeper.pid, 4)
    os.kill(pids[-1], signal.SIGKILL)
    assert keeper.wait(30) == 0
    assert not any(map(alive, pids))


def test_a_command_that_does_not_exist_leaves_nothing_running(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keeper = keep(tmp_path, [FAMILY, ["no-such-program"]])
    assert keeper.wait(30) == 1
    assert "no-such-program" in capfd.readouterr().err
    assert not descendants(keeper.pid)


class Broken(Server):
    name = "Broken"
    variable = ""
    package = "nothing"

    def prepare(self) -> None:
        """Nothing to prepare."""

    def commands(self) -> list[list[str]]:
        return [["sh", "-c", "echo the port is taken; exit 3"]]

    def answers(self) -> bool:
        return False


def test_a_server_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Broken ended by itself:\nthe port is taken"):
        Broken(tmp_path).start()
