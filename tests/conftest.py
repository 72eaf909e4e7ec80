"""Real servers for every test that asks for one: started at its first use, once for the run, and gone afterwards.

And one whole run of the line that nothing disturbs, for every test that disturbs one.

What can't be had is named at the end of the run, and fails it where CI=true.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.postgres import PostgresServer
from tests.service.servers.redis import RedisServer
from tests.service.servers.server import Server
from tests.service.servers.tor import TorNetwork

# how long an example takes is the machine's business: no test is timed
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_Server = TypeVar("_Server", bound=Server)


@contextmanager
def _running(kind: type[_Server], temporary: pytest.TempPathFactory) -> Iterator[_Server]:
    server = kind.for_run(temporary.mktemp)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def elasticsearch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticsearchServer]:
    """A node with security on; `kill()` and `start()` for fault tests."""
    with _running(ElasticsearchServer, tmp_path_factory) as server:
        yield server


@pytest.fixture
def elasticsearch_url(elasticsearch_server: ElasticsearchServer) -> str:
    """http://USER:PASSWORD@127.0.0.1:PORT of a superuser; the index names of tests must not collide."""
    return elasticsearch_server.url


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A cluster; `kill()` and `start()` for fault tests."""
    with _running(PostgresServer, tmp_path_factory) as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[Callable[[], str]]:
    """Makes empty databases and gives their URLs, postgresql://…; they are dropped after the test."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres_server.new_database())
        return made[-1]

    yield make
    for url in made:
        postgres_server.drop_database(url)


@pytest.fixture
def postgres_url(postgres_database: Callable[[], str]) -> str:
    """An empty database of this test's own."""
    return postgres_database()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Redis with its append-only file; `kill()` and `start()` for fault tests."""
    with _running(RedisServer, tmp_path_factory) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """redis://127.0.0.1:PORT/NUMBER of an empty database of this test's own."""
    url = redis_server.new_database()
    yield url
    redis_server.drop_database(url)


@pytest.fixture(scope="session")
def tor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TorNetwork]:
    """A private Tor network: `tor.url` is its SOCKS port, `tor.onion(port)` the onion name of a local server."""
    with _running(TorNetwork, tmp_path_factory) as network:
        yield network


@pytest.fixture(scope="session")
def demo_forum() -> Iterator[str]:
    """The address of the demo's forum."""
    from tests.fakes.whole import served

    with served() as url:
        yield url


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, demo_forum: str) -> dict[str, Any]:
    """The end state of `nightlight serve`, which has no broker."""
    from tests.fakes.running import Running, until
    from tests.fakes.whole import end_state, furnished, is_quiet

    home = tmp_path_factory.mktemp("undisturbed") / "home"
    with furnished(home, demo_forum) as (app, receiver):
        with Running(home, "", "serve") as serve:
            until(lambda: is_quiet(app), serve)
        state = end_state(app, receiver)
    assert len(state["posts"]) >= 400
    assert state["alerts"]
    return state


def _not_run(reports: list[pytest.TestReport]) -> Counter[str]:
    """What couldn't be had → how many tests wanted it."""
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    return Counter(why.partition("NotRun: ")[2] for why in reasons if "NotRun: " in why)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what didn't run."""
    for reason, count in _not_run(terminalreporter.stats.get("skipped", [])).items():
        terminalreporter.write_line(f"{reason} ({count} {'test' if count == 1 else 'tests'})", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What didn't run is a failure in CI."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and _not_run(reporter.stats.get("skipped", [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
