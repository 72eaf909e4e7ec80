"""`python -m benchmarks.line`: posts per second of the whole line, embedded and on servers, for docs/performance.md.

Each set-up gets the same: the demo's forum is crawled, and when all is quiet, COPIES of its posts come at once, page by
page as a crawl hands them over. Timed until everything is judged, indexed and delivered.
"""

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

from benchmarks.page import put
from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page, PageKind
from pipeline.compose import App, index_setup
from pipeline.line.ingest import Ingest
from pipeline.ports import StoredPost
from pipeline.settings import Settings
from tests.contract.elastic import new_prefix
from tests.fakes.running import Running, until
from tests.fakes.whole import furnished, is_quiet, served
from tests.service.agency import api_keys, is_ready
from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.postgres import PostgresServer
from tests.service.servers.redis import RedisServer
from tests.service.servers.server import Server

_Server = TypeVar("_Server", bound=Server)

ROUNDS = 3
COPIES = 5
POSTS_PER_PAGE = 10
COMMANDS = {"embedded": ["serve"], "servers": ["worker", "beat"]}


@dataclass(frozen=True, slots=True)
class Rates:
    """Posts per second, with the crawl and without."""

    crawled: float
    handed: float


def main() -> None:
    """Run every round, print the table, put it into the page."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        forum = stack.enter_context(served())
        postgres = stack.enter_context(running(PostgresServer))
        elasticsearch = stack.enter_context(running(ElasticsearchServer))
        redis = stack.enter_context(running(RedisServer))
        found: dict[str, list[Rates]] = defaultdict(list)
        for number in range(ROUNDS):
            found["embedded"].append(measure("embedded", Path(folder) / f"embedded{number}", forum, {}))
            home = Path(folder) / f"servers{number}"
            found["servers"].append(measure("servers", home, forum, settings(home, postgres, elasticsearch, redis)))
    table = rendered(found)
    print(table, end="")
    put("python -m benchmarks.line", table)


def rendered(found: Mapping[str, Sequence[Rates]]) -> str:
    """Markdown."""
    shown = {"embedded": "embedded: SQLite, FTS5, `serve`", "servers": "PostgreSQL, Elasticsearch, Redis, one `worker`"}
    head = [
        f"| posts/s, median [low..high] of {ROUNDS} rounds | crawl included | crawl excluded |",
        "|---|---|---|",
    ]
    rows = [
        f"| {shown[name]} | {middle([each.crawled for each in rates])} | {middle([each.handed for each in rates])} |"
        for name, rates in found.items()
    ]
    return "\n".join([*head, *rows, "", f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.", ""])


def middle(values: Sequence[float]) -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):.0f} [{min(values):.0f}..{max(values):.0f}]"


@contextmanager
def running(kind: type[_Server]) -> Iterator[_Server]:
    """A server of this kind."""
    server = kind.for_run(lambda name: Path(tempfile.mkdtemp(prefix=f"nightlight-{name}-")))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def settings(
    home: Path, postgres: PostgresServer, elasticsearch: ElasticsearchServer, redis: RedisServer
) -> dict[str, str]:
    """A database, an index and a broker that nobody else uses; the secrets are put into the home."""
    prefix, record = new_prefix(), urlsplit(postgres.new_database())
    setup = index_setup(Settings.model_validate({"index_prefix": prefix}))
    (home / "secrets").mkdir(parents=True)
    (home / "secrets/record").write_text(record.password or "")
    (home / "secrets/indexer").write_text(api_keys(elasticsearch, prefix, setup)["indexer"])
    return {
        "record_url": record._replace(netloc=f"{record.username}@{record.hostname}:{record.port}").geturl(),
        "record_password_file": "secrets/record",
        "index_url": elasticsearch.address,
        "index_prefix": prefix,
        "index_api_key_file": "secrets/indexer",
        "broker_url": redis.new_database(),
    }


def measure(name: str, home: Path, forum: str, chosen: Mapping[str, str]) -> Rates:
    """One round on a new home."""
    said = {f"NIGHTLIGHT_{key.upper()}": value for key, value in chosen.items()}
    with patch.dict(os.environ, said), furnished(home, forum) as (app, _), ExitStack() as stack:
        processes = [stack.enter_context(Running(home, chosen.get("broker_url", ""), word)) for word in COMMANDS[name]]
        until(lambda: is_ready(processes[0]), *processes)
        crawled = timed(app, processes)
        with app.record.read() as tx:
            posts = tx.all_posts(0, 100_000)
        began = time.monotonic()
        hand_over(app, posts)
        return Rates(len(posts) / crawled, len(posts) * COPIES / (timed(app, processes, began)))


def timed(app: App, processes: Sequence[Running], began: float | None = None) -> float:
    """Seconds until all is quiet."""
    began = began or time.monotonic()
    until(lambda: is_quiet(app), *processes)
    return time.monotonic() - began


def hand_over(app: App, posts: Sequence[StoredPost]) -> None:
    """COPIES of each thread as another one, page by page."""
    sink = Ingest(app.record, app.clock)
    threads: dict[str, list[StoredPost]] = defaultdict(list)
    for stored in posts:
        threads[stored.post.thread_id].append(stored)
    for number in range(COPIES):
        for thread in threads.values():
            for page in pages(thread, f"copy{number}-"):
                sink.accept(page)


def pages(thread: Sequence[StoredPost], prefix: str) -> Iterator[Capture]:
    """The thread under another id, POSTS_PER_PAGE at a time."""
    first = thread[0].post
    thread_id = prefix + first.thread_id
    posts = iter(thread)
    while some := [
        replace(s.post, thread_id=thread_id, post_id=prefix + s.post.post_id) for s in islice(posts, POSTS_PER_PAGE)
    ]:
        visited = DuePage(f"{first.url}&{prefix}{some[0].post_id}", PageKind.THREAD, thread_id, thread[0].thread_title)
        page = Page("phpbb", PageKind.THREAD, posts=tuple(some), thread_id=thread_id, thread_title=visited.title)
        fetched = Fetched(visited.url, first.captured_at, "ok", 200, "text/html")
        yield Capture(first.source_id, visited, fetched, page, (), ())


if __name__ == "__main__":
    main()
