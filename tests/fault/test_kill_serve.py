"""`kill -9` of `nightlight serve` at ten random moments of a demo crawl: it ends as an undisturbed run ends.

And a stop that is asked for is no kill: what runs is given back.
"""

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.compose import App
from pipeline.domain.work import WorkKind
from pipeline.line.sequence import sequence, verify_log
from tests.fakes.running import Running, until
from tests.fakes.whole import crawl_is_free, end_leases, end_state, furnished, is_quiet, posts_read

KILLS = 10
STARTING = 3
"""So many of them while it starts, at the latest this long after."""
STARTED_WITHIN_S = 3.0
WORKS_S = 0.5
"""The others at the latest this long after it did something: while posts are read, judged, indexed and delivered."""


def done(app: App) -> tuple[object, ...]:
    """What changes as the line goes on."""
    with app.record.read() as tx:
        return posts_read(app), [count for kind, count in tx.pending().items() if kind != WorkKind.CRAWL]


def test_ten_kills_change_nothing(tmp_path: Path, demo_forum: str, undisturbed: dict[str, Any]) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    moments = random.Random(seed)
    home = tmp_path / "home"
    killed_while_working = 0
    with furnished(home, demo_forum) as (app, receiver):
        for number in range(KILLS):
            before = done(app)
            with Running(home, "", "serve") as serve:
                if number < STARTING:
                    time.sleep(moments.uniform(0, STARTED_WITHIN_S))
                else:
                    until(lambda before=before: done(app) != before or is_quiet(app), serve)  # type: ignore[misc]
                    time.sleep(moments.uniform(0, WORKS_S))
                    killed_while_working += not is_quiet(app)
                serve.kill()
            end_leases(app)
        with Running(home, "", "serve") as serve:
            until(lambda: is_quiet(app), serve)
        disturbed = end_state(app, receiver)
        sequence(app.record, app.clock, app.key, app.home)
        assert verify_log(app.record, app.key.public_key(), app.home).ok
    assert killed_while_working >= KILLS // 2, "too few kills hit a working process to prove anything"
    assert disturbed == undisturbed


@pytest.mark.parametrize(
    ("stop", "code", "given_back"), [(signal.SIGTERM, 0, True), (signal.SIGINT, 0, True), (signal.SIGKILL, -9, False)]
)
def test_a_stop_gives_the_running_crawl_back_at_once(
    tmp_path: Path, demo_forum: str, stop: signal.Signals, code: int, given_back: bool
) -> None:
    """SIGKILL is the positive control: then the crawl comes back when its lease ends, not before."""
    home = tmp_path / "home"
    with furnished(home, demo_forum) as (app, _), Running(home, "", "serve") as serve:
        until(lambda: posts_read(app) > 0, serve)
        serve.process.send_signal(stop)
        assert serve.process.wait(60) == code
        assert crawl_is_free(app) is given_back
