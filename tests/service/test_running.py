"""No process that a test starts outlives the test run, even when that is killed with -9."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.running import DIES_WITH_US
from tests.service.servers.server import wait_until

RUN = """
import subprocess, sys, time
print(subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL).pid, flush=True)
time.sleep(1000)
"""


def runs(pid: int, name: str) -> bool:
    """Is this process alive, and this program?"""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return f"({name})" in stat and stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("prefix", [DIES_WITH_US, ()])
def test_it_dies_with_the_run(prefix: tuple[str, ...]) -> None:
    """Without the prefix it lives on: the positive control."""
    run = subprocess.Popen([sys.executable, "-c", RUN, *prefix, "sleep", "1000"], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    wait_until(lambda: runs(pid, "sleep"), "it runs")
    run.kill()
    run.wait()
    if prefix:
        wait_until(lambda: not runs(pid, "sleep"), "it is gone")
    else:
        assert runs(pid, "sleep")
        os.kill(pid, signal.SIGKILL)
