"""Commands of ours in processes of their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WITHIN_S = 200
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
"""Before a command: it is killed when the test run dies, however that dies."""


class Running:
    """A `nightlight` command in a process of its own, in an empty folder; ended by SIGTERM on leaving.

    said: lines on stderr so far. settings: by name, for its environment.
    """

    def __init__(self, home: Path, broker_url: str, *words: str, **settings: str) -> None:
        self.folder = home.with_name(f"{home.name}-{words[0]}")
        self.folder.mkdir(exist_ok=True)
        python = [*DIES_WITH_US, sys.executable, "-c", "from pipeline.cli import main; main()"]
        self._command = [*python, "--home", str(home), *words]
        said = {f"NIGHTLIGHT_{name.upper()}": value for name, value in (settings | {"broker_url": broker_url}).items()}
        self._environ = os.environ | said | {"PYTHONPATH": str(Path(__file__).parents[2])}
        self.start()

    def start(self) -> None:
        """As a supervisor would, also again."""
        self.process = subprocess.Popen(
            self._command, env=self._environ, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def _read(self, lines: Any) -> None:
        for line in lines:
            self.said.append(line.decode())

    def hear_out(self) -> None:
        """Returns when everything is in `said` that an ended process wrote."""
        self._reader.join(10)

    def kill(self) -> None:
        """-9."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """SIGTERM; gives the exit code. One that doesn't end is killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.kill()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()


def until(holds: Callable[[], bool], *running: Running) -> None:
    """Wait; what runs must not end by itself meanwhile."""
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"it did not come about; {[one.said for one in running]}"
        for one in running:
            assert one.process.poll() is None, f"ended by itself: {one.said}"
        time.sleep(0.1)
