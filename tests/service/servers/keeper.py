"""Keeps the processes of one test server: they never outlive the test run, even when that is killed with -9.

    python keeper.py FOLDER < pipe      the pipe's first line is JSON: a list of command lines

Runs the commands in FOLDER, their output in FOLDER/console.log. When the pipe's other end closes, for whatever reason,
all of them are killed and FOLDER is removed. On SIGTERM, or when one of the commands ends, the rest are killed and
FOLDER stays, so that the server can be started again on the same data. Needs nothing but Python.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def main(folder: Path) -> None:
    """Start the commands, wait for what ends them, leave nothing running."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # a child of a killed child becomes ours to kill
    asked, ask = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(ask, b"."))
    pipe = sys.stdin.fileno()
    try:
        with os.fdopen(pipe, "rb", buffering=0, closefd=False) as lines:
            ended = start(json.loads(lines.readline()), folder)
        ready, _, _ = select.select([pipe, asked, *ended], [], [])
    finally:
        end_children()
    if pipe in ready:
        shutil.rmtree(folder, ignore_errors=True)


def start(commands: list[list[str]], folder: Path) -> list[int]:
    """Start them; gives a descriptor for each, readable once its process has ended."""
    with (folder / "console.log").open("ab") as log:
        started = [
            subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            for command in commands
        ]
    return [os.pidfd_open(process.pid) for process in started]


def end_children() -> None:
    """Kill every descendant: as parents die, their children become ours, until there are none."""
    me = os.getpid()
    while True:
        for pid in Path(f"/proc/{me}/task/{me}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
