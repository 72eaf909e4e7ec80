"""How far a crawl, or the judging of many texts, is, as a person watches it."""

import os
import stat
import threading
from typing import Any, TextIO

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pipeline.cli.frame import errors


class CrawlProgress:
    """Shows the counts a crawl reports, on stderr; keeps its outcome. Used as a context manager."""

    def __init__(self) -> None:
        self.outcome: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors, transient=False
        )
        self._task = self._progress.add_task("starting")

    def __enter__(self) -> "CrawlProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, source_id: str, line: dict[str, Any]) -> None:
        """One line of the crawl: its outcome, or its counts so far."""
        with self._lock:
            if "outcome" in line:
                self.outcome = {"source": source_id, **line["outcome"]}
                return
            text = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in line.items())
            self._progress.update(self._task, description=f"{source_id}: {text}")


class AssessProgress:
    """Shows how many texts are judged, on stderr, beside a bar of how much of the input that is. A context manager.

    The bar only moves to and fro where the input has no length, as from a pipe.
    shown: None shows it on a terminal only.
    """

    def __init__(self, source: TextIO, shown: bool | None = None) -> None:
        self._source = source
        self._judged = self._flagged = 0
        self._size = _size(source)
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            *([TimeRemainingColumn()] if self._size else []),
            console=errors,
            disable=not (errors.is_terminal if shown is None else shown),
        )
        self._task = self._progress.add_task("loading", total=self._size)

    def __enter__(self) -> "AssessProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def add(self, judged: int, flagged: int) -> None:
        """So many more texts were judged, so many of them flagged."""
        self._judged += judged
        self._flagged += flagged
        done = self._source.buffer.tell() if self._size else None
        text = f"{self._judged:,} posts judged, {self._flagged:,} flagged"
        self._progress.update(self._task, description=text, completed=done)


def _size(source: TextIO) -> int | None:
    """The bytes of the input, if it is a file."""
    try:
        status = os.fstat(source.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
