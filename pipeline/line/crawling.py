"""Crawl: pending crawls run as killable child processes, one at a time for each source."""

from dataclasses import dataclass, field
from datetime import timedelta

from pipeline.domain.work import LEASE_S, WorkItem, WorkKind
from pipeline.observe import log
from pipeline.ports import Clock, Record
from pipeline.processes import CrawlProcess, CrawlRunner

RETRY_S = 60
REFUSED, MISCONFIGURED = 3, 4
"""Exit codes of a crawl after which none is tried before a schedule or a person asks for it."""


@dataclass(slots=True)
class Crawls:
    """The crawls this process looks after; `step` is called about once a second."""

    record: Record
    runner: CrawlRunner
    clock: Clock
    owner: str
    at_once: int = 4
    _running: dict[str, tuple[WorkItem, CrawlProcess]] = field(default_factory=dict)

    def step(self) -> int:
        """Keep the leases of running crawls, settle the ended ones, start due ones; returns how many ended or began."""
        ended = [key for key, (_, process) in self._running.items() if process.poll() is not None]
        for key in ended:
            self._settle(*self._running.pop(key))
        now = self.clock.now()
        with self.record.write() as tx:
            held = tx.extend([item for item, _ in self._running.values()], now + timedelta(seconds=LEASE_S))
            began = tx.claim(WorkKind.CRAWL, self.owner, self.at_once - len(self._running), now, LEASE_S)
        for key in self._running.keys() - {item.key for item in held}:
            self._running.pop(key)[1].stop()
            log("crawl.taken-over", source=key)
        for item in began:
            self._running[item.key] = (item, self.runner.start(item.key))
            log("crawl.started", source=item.key)
        return len(ended) + len(began)

    def _settle(self, item: WorkItem, process: CrawlProcess) -> None:
        code = process.poll()
        with self.record.write() as tx:
            if code in (0, REFUSED):
                tx.done([item])
            elif code == MISCONFIGURED:
                say = f"the set-up is wrong; nightlight crawl {item.key} says what to correct"
                tx.fail([item], say, retry_at=None)
            else:
                retry_at = self.clock.now() + timedelta(seconds=RETRY_S)
                tx.fail([item], f"the crawl ended with exit code {code}", retry_at)
        log("crawl.ended", source=item.key, exit_code=code)

    def stop(self) -> int:
        """Stop every crawl, then give their work back at once; returns how many.

        Raises: Unavailable: the record can't be reached; the work comes back when its leases end.
        """
        stopped = list(self._running.values())
        self._running.clear()
        for _, process in stopped:
            process.stop()
        with self.record.write() as tx:
            tx.postpone([item for item, _ in stopped], self.clock.now())
        return len(stopped)
