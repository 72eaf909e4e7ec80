"""`python -m pipeline.crawl_job SOURCE --home HOME`: one crawl in a process of its own.

Prints its counts as JSON lines, then its outcome. Exit codes: 0 done, 1 failed (tried again), 3 refused by its mandate,
4 the set-up is wrong (a person must correct it).
Its standard input is a pipe from whoever started it: when that closes, its parent is gone, and it ends at once.
"""

import asyncio
import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from crawler.errors import CrawlerError, Misconfigured, Refused
from crawler.ports import Progress
from crawler.post import Source
from crawler.run import Outcome, run_crawl
from pipeline.compose import App, compose
from pipeline.errors import Misconfigured as WrongHome
from pipeline.errors import NightlightError
from pipeline.line.crawling import MISCONFIGURED, REFUSED
from pipeline.line.ingest import Ingest
from pipeline.observe import log, set_up_logging


class Lines:
    """Shows progress as JSON lines on standard output."""

    def show(self, progress: Progress) -> None:
        """One line of counts."""
        _print(asdict(progress))


def main(arguments: list[str]) -> int:
    """Crawl; returns the exit code."""
    source_id, home = arguments[0], Path(arguments[2])
    _end_with_parent()
    app = None
    try:
        app = compose(home)
        set_up_logging(app.settings.log_level)
        source = _known(app, source_id)
        with _alone(home, source):
            outcome = asyncio.run(_crawl(app, source))
    except (CrawlerError, NightlightError) as error:
        log("crawl.failed", source=source_id, error=type(error).__name__)
        _say(f"{error}.")
        return exit_code(error)
    finally:
        if app:
            app.close()
    _print({"outcome": asdict(outcome)})
    if outcome.stopped:
        _say(f"{outcome.stopped}.")
    return REFUSED if outcome.stopped else 0


def exit_code(error: Exception) -> int:
    """What the class of an error means to whoever started the crawl."""
    if isinstance(error, Misconfigured | WrongHome):
        return MISCONFIGURED
    return REFUSED if isinstance(error, Refused) else 1


def _known(app: App, source_id: str) -> Source:
    with app.record.read() as tx:
        source = tx.source(source_id)
    if source is None:
        raise Misconfigured(f"No source is called {source_id!r}; see: nightlight source list")
    return source


@contextmanager
def _alone(home: Path, source: Source) -> Iterator[None]:
    """Wait for another crawl of this source: two at once would ask it twice as often as its mandate allows.

    The lock ends with the process that holds it.
    """
    with (home / f"crawl-{source.id}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("crawl.waits", source=source.id)
            _say(f"Another crawl of source {source.id!r} is running; this one waits for its end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _crawl(app: App, source: Source) -> Outcome:
    crawl = asyncio.ensure_future(
        run_crawl(
            source,
            book=app.book,
            state=app.record.crawl_state(),
            sink=Ingest(app.record, app.clock),
            watcher=Lines(),
            home=app.home,
            now=app.clock.now,
            socks_url=app.settings.socks_url,
        )
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 1)
    return await crawl


def _end_with_parent() -> None:
    """Nothing half done is lost by it: a page is committed as a whole or not at all."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    if not sys.stdin.isatty():
        threading.Thread(target=wait, name="parent", daemon=True).start()


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _print(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
