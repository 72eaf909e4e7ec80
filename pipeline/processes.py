"""Ports of what runs: crawls in processes of their own, and the broker that wakes workers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class CrawlProcess(Protocol):
    """One running crawl in a process of its own."""

    def poll(self) -> int | None:
        """Its exit code, or None while it runs. 0 done, 1 failed, 3 refused by its mandate, 4 the set-up is wrong."""
        ...

    def stop(self) -> None:
        """Ask it to stop, then kill it; returns when it is gone."""
        ...


class CrawlRunner(Protocol):
    """Starts crawls. A crawl dies with the process that started it."""

    def start(self, source_id: str) -> CrawlProcess: ...


@dataclass(frozen=True, slots=True)
class Wake:
    """A wake-up call: the task it is for, the queue it goes through, and how often it is sent."""

    task: str
    queue: str
    every_s: float


class Broker(Protocol):
    """Wakes workers and spreads them. A message says only "look": a lost, doubled or late one changes nothing."""

    def check(self) -> str:
        """What answers. Raises: Unavailable, Misconfigured."""
        ...

    def beat(self, wakes: Sequence[Wake]) -> None:
        """Send these wake-up calls until the process is asked to end; a lost server is waited for."""
        ...

    def consume(self, tasks: Mapping[str, Callable[[], None]], queues: Sequence[str]) -> None:
        """Run a task at each message of these queues until the process is asked to end; a lost server is waited for.

        Raises: Unavailable when it ends by itself.
        """
        ...
