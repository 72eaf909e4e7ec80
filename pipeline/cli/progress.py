"""How far a crawl is, as a person watches it."""

import threading
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

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
