"""Runs each crawl as `python -m pipeline.crawl_job SOURCE` in a process of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

Watcher = Callable[[str, dict[str, object]], None]
"""Called with the source id and each progress line the crawl prints: counts only."""

GRACE_S = 5


class CrawlChild:
    """A running crawl. Its standard input is a pipe nobody writes to: when we die it closes, and the crawl ends."""

    def __init__(self, source_id: str, home: Path, watcher: Watcher | None) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, the id is its argument
            [sys.executable, "-m", "pipeline.crawl_job", source_id, "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(
            target=_follow, args=(self._process.stdout, source_id, watcher), name=f"crawl-{source_id}", daemon=True
        )
        self._reader.start()

    def poll(self) -> int | None:
        """Exit code, or None while it runs; by then every progress line was passed on."""
        code = self._process.poll()
        if code is not None:
            self._reader.join(GRACE_S)
        return code

    def wait(self) -> int:
        """Wait for the end; returns the exit code."""
        code = self._process.wait()
        self._reader.join(GRACE_S)
        return code

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after GRACE_S seconds."""
        self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _follow(lines: IO[bytes] | None, source_id: str, watcher: Watcher | None) -> None:
    for line in lines or ():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if watcher and isinstance(data, dict):
            watcher(source_id, data)


class ProcessRunner:
    """The CrawlRunner port on child processes of this machine."""

    def __init__(self, home: Path, watcher: Watcher | None = None) -> None:
        self._home = home
        self._watcher = watcher

    def start(self, source_id: str) -> CrawlChild:
        """Start a crawl of the source; it reads its own settings from the home folder."""
        return CrawlChild(source_id, self._home, self._watcher)
