"""The loops that make the line run: each takes what the record says is due, and survives whatever a step throws."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.compose import App
from pipeline.errors import Unavailable
from pipeline.line.assess import assess
from pipeline.line.crawling import Crawls
from pipeline.line.dispatch import dispatch
from pipeline.line.indexing import index_pending
from pipeline.line.retention import expire
from pipeline.line.schedule import tick
from pipeline.line.sequence import sequence
from pipeline.observe import log
from pipeline.ports import CrawlRunner

IDLE_S = 0.5
TROUBLE_S = 5.0
RETENTION_EVERY_S = 3_600

Step = Callable[[], int]


def owner_name() -> str:
    """Who holds a lease: host, process and thread tell apart every worker."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@dataclass(slots=True)
class Every:
    """A step that is due once in a while: at the first call, then `seconds` later."""

    seconds: float
    step: Step
    _due: float = 0.0

    def __call__(self) -> int:
        if time.monotonic() < self._due:
            return 0
        self._due = time.monotonic() + self.seconds
        self.step()
        return 0


def steps(app: App) -> dict[str, list[Step]]:
    """The loops by name; the steps of one loop run in turn, in the order of the line."""
    record, clock = app.record, app.clock
    resting: dict[str, datetime] = {}
    return {
        "line": [
            lambda: tick(record, clock),
            lambda: assess(record, app.assessor, clock, owner_name(), app.console_url),
            lambda: index_pending(record, app.index, clock, owner_name()),
            Every(1, lambda: sequence(record, clock, app.key, app.home)),
            Every(RETENTION_EVERY_S, lambda: expire(record, app.index, clock, app.retention)),
        ],
        "dispatch": [lambda: dispatch(record, app.sender, clock, owner_name(), resting)],
    }


@dataclass(slots=True)
class Worker:
    """Runs the loops in threads of this process until `stop`."""

    app: App
    runner: CrawlRunner
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start every loop; returns at once."""
        crawls = Crawls(self.app.record, self.runner, self.app.clock, owner_name())
        for name, loop in (steps(self.app) | {"crawls": [crawls.step]}).items():
            finish = crawls.stop if name == "crawls" else None
            thread = threading.Thread(target=self._run, args=(name, loop, finish), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let each loop finish the step it is in, stop running crawls, and return."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, name: str, loop: list[Step], finish: Callable[[], None] | None) -> None:
        while not self._stop.is_set():
            done = sum(attempt(name, step, self._stop) for step in loop)
            if not done:
                self._stop.wait(IDLE_S)
        if finish:
            finish()


def attempt(name: str, step: Step, stop: threading.Event) -> int:
    """Run one step; trouble is logged by its class and waited out, never fatal: the work is still in the record."""
    try:
        return step()
    except Unavailable as error:
        log("step.unavailable", loop=name, error=str(error))
    except Exception as error:
        log("step.failed", loop=name, error=type(error).__name__)
    stop.wait(TROUBLE_S)
    return 0
