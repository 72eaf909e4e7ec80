"""`kill -9` of `nightlight serve` at ten random moments of a demo crawl: it ends as an undisturbed run ends.

And a stop that is asked for is no kill: what runs is given back.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.compose import App
from pipeline.demo.run import SOURCE
from pipeline.domain.work import WorkKind
from pipeline.line.sequence import sequence, verify_log
from tests.fakes.whole import end_state, furnished, is_quiet, served

KILLS = 10
QUIET_WITHIN_S = 240
EARLIEST_S, LATEST_S = 0.3, 6.0
"""Moments after the start: before the loops run, in the crawl, while posts are judged, indexed and delivered."""


@pytest.fixture(scope="module")
def forum() -> Iterator[str]:
    with served() as url:
        yield url


def serve(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", "--home", str(home), "serve"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )


def run_until_quiet(home: Path, app: App) -> None:
    process = serve(home)
    try:
        deadline = time.monotonic() + QUIET_WITHIN_S
        while not is_quiet(app):
            assert time.monotonic() < deadline, "the queue did not drain"
            assert process.poll() is None, "serve ended by itself"
            time.sleep(0.3)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_ten_kills_change_nothing(tmp_path: Path, forum: str) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    moments = random.Random(seed)
    with furnished(tmp_path / "calm", forum) as (app, receiver):
        run_until_quiet(tmp_path / "calm", app)
        undisturbed = end_state(app, receiver)
    assert len(undisturbed["posts"]) >= 400
    assert undisturbed["alerts"]
    killed_while_working = 0
    with furnished(tmp_path / "killed", forum) as (app, receiver):
        for _ in range(KILLS):
            process = serve(tmp_path / "killed")
            time.sleep(moments.uniform(EARLIEST_S, LATEST_S))
            killed_while_working += not is_quiet(app)
            process.kill()
            process.wait()
        run_until_quiet(tmp_path / "killed", app)
        disturbed = end_state(app, receiver)
        sequence(app.record, app.clock, app.key, app.home)
        assert verify_log(app.record, app.key.public_key(), app.home).ok
    assert killed_while_working >= KILLS // 2, "too few kills hit a working process to prove anything"
    assert disturbed == undisturbed


@pytest.mark.parametrize(
    ("stop", "code", "given_back"), [(signal.SIGTERM, 0, 1), (signal.SIGINT, 0, 1), (signal.SIGKILL, -9, 0)]
)
def test_a_stop_gives_the_running_crawl_back_at_once(
    tmp_path: Path, forum: str, stop: signal.Signals, code: int, given_back: int
) -> None:
    """SIGKILL is the positive control: then the crawl comes back when its lease ends, not before."""
    with furnished(tmp_path, forum) as (app, _):
        process = serve(tmp_path)
        deadline = time.monotonic() + 60
        posts = 0
        while not posts:
            assert time.monotonic() < deadline, "the crawl did not begin"
            time.sleep(0.05)
            with app.record.read() as tx:
                posts = tx.source_health(SOURCE, app.clock.now()).posts
        process.send_signal(stop)
        assert process.wait(60) == code
        with app.record.write() as tx:
            assert tx.pending()[WorkKind.CRAWL] == 1
            assert len(tx.claim(WorkKind.CRAWL, "heir", 1, app.clock.now())) == given_back
