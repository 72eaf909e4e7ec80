"""The steps that make the line run, and who runs them: threads of one process, or workers that a broker wakes."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from pipeline.compose import App
from pipeline.errors import BadInput, Unavailable
from pipeline.line.assess import assess
from pipeline.line.crawling import Crawls
from pipeline.line.dispatch import dispatch
from pipeline.line.indexing import index_pending
from pipeline.line.retention import expire
from pipeline.line.sampling import draw
from pipeline.line.schedule import tick
from pipeline.line.sequence import sequence
from pipeline.line.shadow import shadow
from pipeline.observe import log
from pipeline.processes import Broker, CrawlRunner, Wake

IDLE_S = 0.5
TROUBLE_S = 5.0
PULSE_S = 1.0
"""How often beat wakes each step."""

PATROL_S = 10.0
"""How often a worker looks by itself: a lost message costs so long. Shorter than the lease of a running crawl."""

TURN_S = 5.0
"""How long a step that finds ever more to do keeps the other steps of a worker waiting."""

SILENCE_S = 90.0


def owner_name() -> str:
    """Who holds a lease: host, process and thread tell apart every worker."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@dataclass(frozen=True, slots=True)
class Hands:
    """What the steps of one process work with. resting: until when which endpoint is left alone."""

    app: App
    crawls: Crawls
    resting: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """loop: the thread, or the queue, whose steps take turns. do: how much was done. every_s: from run to run."""

    loop: str
    do: Callable[[Hands], int]
    every_s: float = 0.0


def _assess(app: App) -> int:
    sealed_alerts = app.settings.sealed_alerts
    return assess(app.record, app.assessor, app.clock, owner_name(), app.console_url, sealed_alerts=sealed_alerts)


def _sample(my: Hands) -> int:
    return draw(my.app.record, my.app.assessor.model_id, my.app.clock, my.app.settings.samples_per_day)


STEPS: Mapping[str, Step] = {
    "tick": Step("line", lambda my: tick(my.app.record, my.app.clock)),
    "assess": Step("line", lambda my: _assess(my.app)),
    "shadow": Step("line", lambda my: shadow(my.app.record, my.app.shadow, my.app.clock, owner_name())),
    "sample": Step("line", _sample, 3_600),
    "index": Step("line", lambda my: index_pending(my.app.record, my.app.index, my.app.clock, owner_name())),
    "expire": Step("line", lambda my: expire(my.app.record, my.app.index, my.app.clock, my.app.retention), 3_600),
    "sequence": Step("audit", lambda my: sequence(my.app.record, my.app.clock, my.app.key, my.app.home)),
    "dispatch": Step(
        "dispatch", lambda my: dispatch(my.app.record, my.app.sender, my.app.clock, owner_name(), my.resting)
    ),
    "crawl": Step("crawl", lambda my: my.crawls.step()),
}
"""Every step by name, in the order of the line."""

LOOPS = tuple(dict.fromkeys(step.loop for step in STEPS.values()))


@dataclass(slots=True)
class Turn:
    """One step in this process: never twice at a time, never before it is due, and never fatal.

    Trouble is logged by its class and waited out: the work is still in the record.
    """

    name: str
    step: Step
    hands: Hands
    _due: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> int:
        """How much was done; 0 too when it isn't its turn."""
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            return self._run() if time.monotonic() >= self._due else 0
        finally:
            self._lock.release()

    def _run(self) -> int:
        self._due = time.monotonic() + self.step.every_s
        try:
            return self.step.do(self.hands)
        except Unavailable as error:
            log("step.unavailable", step=self.name, error=str(error))
        except Exception as error:
            log("step.failed", step=self.name, error=type(error).__name__)
        self._due = time.monotonic() + TROUBLE_S
        return 0


class Worker:
    """Runs loops in threads of this process until `stop`. idle_s: how long one that found nothing to do waits."""

    def __init__(self, app: App, runner: CrawlRunner, loops: Iterable[str] = LOOPS, *, idle_s: float = IDLE_S) -> None:
        hands = Hands(app, Crawls(app.record, runner, app.clock, owner_name()))
        self.turns = {name: Turn(name, step, hands) for name, step in STEPS.items() if step.loop in set(loops)}
        self._last = Turn("give-back", Step("crawl", lambda my: my.crawls.stop()), hands)
        self._idle_s = idle_s
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every loop; returns at once."""
        for loop in dict.fromkeys(turn.step.loop for turn in self.turns.values()):
            turns = [turn for turn in self.turns.values() if turn.step.loop == loop]
            last = self._last if loop == self._last.step.loop else None
            thread = threading.Thread(target=self._run, args=(turns, last), name=loop, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let each loop finish the step it is in, stop running crawls, and return."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, turns: Sequence[Turn], last: Turn | None) -> None:
        while not self._stop.is_set():
            if not sum(turn() for turn in turns):
                self._stop.wait(self._idle_s)
        if last:
            last()


class Ear:
    """Hears the messages that come, and says so when none do: then the record is looked at every PATROL_S only."""

    def __init__(self) -> None:
        self._heard = threading.Event()
        self._end = threading.Event()

    def task(self, turn: Turn) -> None:
        """What a message does: take turns until nothing is left, or for TURN_S."""
        self._heard.set()
        until = time.monotonic() + TURN_S
        while turn() and time.monotonic() < until:
            pass

    def listen(self, silence_s: float = SILENCE_S) -> None:
        """Watch for silence until `close`."""
        while not self._end.wait(silence_s):
            if not self._heard.is_set():
                log("worker.unwoken", logging.WARNING, for_s=silence_s, say="see that nightlight beat and Redis run")
            self._heard.clear()

    def close(self) -> None:
        """End listening."""
        self._end.set()


def task_name(step: str) -> str:
    """As Celery knows it."""
    return f"nightlight.{step}"


def queue_name(loop: str) -> str:
    """As Redis knows it."""
    return f"nightlight.{loop}"


def wakes() -> list[Wake]:
    """What beat sends, and how often; schedules of crawls are rows in the record."""
    return [Wake(task_name(name), queue_name(step.loop), max(step.every_s, PULSE_S)) for name, step in STEPS.items()]


def loops_named(names: str) -> list[str]:
    """Those named, comma-separated. Raises: BadInput."""
    chosen = [name.strip() for name in names.split(",")]
    unknown = [name for name in chosen if name not in LOOPS]
    if unknown:
        raise BadInput(f"There is no queue {unknown[0]!r}; name some of {', '.join(LOOPS)}")
    return chosen


def work(app: App, runner: CrawlRunner, broker: Broker, loops: Sequence[str], say: Callable[[str], None]) -> None:
    """Run the steps of these loops at each message, and every PATROL_S without one, until SIGINT or SIGTERM.

    The step that runs is finished, crawls are stopped and their work is given back.
    Raises: Unavailable, Misconfigured: it can't begin; the sentence says what to do.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        broker.check()
        if "line" in loops:
            _ = app.assessor  # a model that can't be used stops the start, not the first post
        worker, ear = Worker(app, runner, loops, idle_s=PATROL_S), Ear()
        tasks = {task_name(name): partial(ear.task, turn) for name, turn in worker.turns.items()}
        try:
            worker.start()
            threading.Thread(target=ear.listen, name="ear", daemon=True).start()
            say(f"Worker: {', '.join(loops)}  (Ctrl-C stops)")
            broker.consume(tasks, [queue_name(loop) for loop in loops])
        finally:
            ear.close()
            worker.stop()


def beat(broker: Broker, say: Callable[[str], None]) -> None:
    """Wake the workers until SIGINT or SIGTERM. Raises: Unavailable, Misconfigured: it can't begin."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        say(f"Beat: {broker.check()}  (Ctrl-C stops)")
        broker.beat(wakes())
