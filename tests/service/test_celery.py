"""The line on Celery and Redis: a schedule becomes alerts, and no message matters for how it ends.

Every run here is compared with one of `nightlight serve`, which has no broker.
"""

import base64
import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from pipeline.adapters.celery_broker import FULL, CeleryBroker, _entry, _Pulse
from pipeline.compose import App
from pipeline.demo.run import SOURCE
from pipeline.domain.work import WorkKind
from pipeline.line.sequence import sequence, verify_log
from pipeline.worker import LOOPS, queue_name, wakes
from tests.fakes.running import Running, until
from tests.fakes.whole import end_state, furnished, is_quiet, served
from tests.service.servers.redis import RedisServer

QUEUES = [queue_name(loop) for loop in LOOPS]


@pytest.fixture(scope="module")
def forum() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, forum: str) -> dict[str, Any]:
    """How the embedded line ends."""
    home = tmp_path_factory.mktemp("serve")
    with furnished(home, forum) as (app, receiver):
        with Running(home, "", "serve") as serve:
            until(lambda: is_quiet(app), serve)
        state = end_state(app, receiver)
    assert len(state["posts"]) >= 400
    assert state["alerts"]
    return state


@contextmanager
def workers_and_beat(home: Path, broker_url: str, count: int = 2) -> Iterator[list[Running]]:
    """Workers, and beat last."""
    with ExitStack() as stack:
        commands = [("worker",)] * count + [("beat",)]
        yield [stack.enter_context(Running(home, broker_url, *words)) for words in commands]


def crawled(app: App, posts: int = 1) -> bool:
    """Has the crawl begun?"""
    with app.record.read() as tx:
        return tx.source_health(SOURCE, app.clock.now()).posts >= posts


def check_log(app: App) -> None:
    """The audit log holds together, whoever wrote it."""
    sequence(app.record, app.clock, app.key, app.home)
    assert verify_log(app.record, app.key.public_key(), app.home).ok


class Tap:
    """Everything that is sent to Redis while it is open, as one text; message bodies are unpacked."""

    def __init__(self, url: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self.seen: list[str] = []
        self._client = Redis.from_url(url, socket_timeout=None)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Tap":
        self._monitor = self._client.monitor()
        self._monitor.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._client.ping()  # one more command, so that the thread sees the end
        self._thread.join(10)
        self._client.close()

    def _listen(self) -> None:
        while not self._end.is_set():
            command = self._monitor.next_command()["command"]
            self.seen.append(command)
            if command.startswith("LPUSH nightlight."):
                message = json.loads(command.split(" ", 2)[2])
                message["body"] = base64.b64decode(message["body"]).decode()
                self.messages.append(message)
                self.seen.append(message["body"])

    def holds(self, words: str) -> bool:
        """Were these words among it?"""
        written = words.encode("unicode_escape").decode()
        return any(words in text or written in text for text in self.seen)


def test_a_due_schedule_becomes_alerts_and_redis_sees_no_word_of_a_post(
    tmp_path: Path, forum: str, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    with furnished(home, forum) as (app, receiver):
        with Tap(redis_url) as tap, workers_and_beat(home, redis_url) as running:
            until(lambda: is_quiet(app), *running)
            codes = [one.end() for one in running]
            texts = {text[:40] for text in post_texts(app)}
            assert not [text for text in texts if tap.holds(text)]
            planted = texts.pop()
            CeleryBroker(redis_url)._app.send_task("nightlight.assess", (planted,), queue="nightlight.elsewhere")
        assert tap.holds(planted), "the positive control"
        assert codes == [0, 0, 0]
        assert end_state(app, receiver) == undisturbed
        check_log(app)
    ours = [message for message in tap.messages if planted not in message["body"]]
    assert {message["headers"]["task"] for message in ours} == {wake.task for wake in wakes()} - {"nightlight.expire"}
    assert all(json.loads(message["body"])[:2] == [[], {}] for message in ours)
    assert all(message["headers"]["eta"] is None for message in ours)
    assert not [path for one in running for path in one.folder.iterdir()], "beat and workers keep no file of their own"


def post_texts(app: App) -> list[str]:
    """Of every post in the record."""
    with app.record.read() as tx:
        return [stored.post.text for stored in tx.all_posts(0, 100_000)]


@pytest.mark.timeout(400)
def test_killed_workers_a_killed_and_a_wiped_redis_change_nothing(
    tmp_path: Path, forum: str, redis_server: RedisServer, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    with furnished(home, forum) as (app, receiver), workers_and_beat(home, redis_url) as running:
        *workers, _ = running
        until(lambda: crawled(app, 20), *running)
        for one in workers:  # one of them crawls
            one.kill()
        assert not is_quiet(app)
        with Redis.from_url(redis_url) as client:
            client.flushall()
        for one in workers:
            one.start()
        until(lambda: crawled(app, 100), *running)
        redis_server.kill()
        assert not is_quiet(app)
        redis_server.start()
        with Redis.from_url(redis_url) as client:
            client.flushall()
        until(lambda: is_quiet(app), *running)
        assert end_state(app, receiver) == undisturbed
        with Tap(redis_url) as tap:  # and beat and workers found Redis again
            until(lambda: {message["headers"]["task"] for message in tap.messages} >= {"nightlight.tick"}, *running)
            until(lambda: waiting(redis_url) == 0, *running)
        check_log(app)


def waiting(url: str) -> int:
    """Messages that nobody has taken."""
    with Redis.from_url(url) as client:
        return sum(int(client.llen(queue)) for queue in QUEUES)  # type: ignore[arg-type]


def test_every_message_three_times_and_in_any_order_changes_nothing(
    tmp_path: Path, forum: str, redis_server: RedisServer, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    tripled = redis_server.new_database()
    with (
        furnished(home, forum) as (app, receiver),
        Tripling(redis_url, tripled) as copies,
        Running(home, redis_url, "beat") as beat,
        Running(home, tripled, "worker") as first,
        Running(home, tripled, "worker") as second,
    ):
        until(lambda: is_quiet(app), beat, first, second)
        assert end_state(app, receiver) == undisturbed
        assert copies.count > 30
        check_log(app)
    redis_server.drop_database(tripled)


class Tripling:
    """Passes each message on three times, shuffled with those around it."""

    def __init__(self, source: str, target: str) -> None:
        self._source, self._target = Redis.from_url(source), Redis.from_url(target)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self.count = 0

    def __enter__(self) -> "Tripling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(10)
        self._source.close()
        self._target.close()

    def _pass_on(self) -> None:
        while not self._end.wait(1):
            taken: list[tuple[Any, Any]] = []
            while found := self._source.brpop(QUEUES, timeout=0.1):
                taken.append(found)  # type: ignore[arg-type]
            copies = taken * 3
            random.shuffle(copies)
            for queue, message in copies:
                self._target.lpush(queue, message)
            self.count += len(copies)


def test_without_redis_a_worker_looks_at_the_record_itself_and_ends_well(
    tmp_path: Path, forum: str, redis_server: RedisServer, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    with furnished(home, forum) as (app, receiver), Running(home, redis_url, "worker") as worker:
        until(lambda: any(line.startswith("Worker:") for line in worker.said), worker)
        redis_server.kill()
        try:
            until(lambda: is_quiet(app), worker)
            assert end_state(app, receiver) == undisturbed
            assert worker.end() == 0
        finally:
            redis_server.start()


@pytest.mark.parametrize(("stop", "code", "given_back"), [(signal.SIGTERM, 0, 1), (signal.SIGKILL, -9, 0)])
def test_a_worker_that_is_stopped_gives_its_crawl_back_at_once(
    tmp_path: Path, forum: str, redis_url: str, stop: signal.Signals, code: int, given_back: int
) -> None:
    """SIGKILL is the positive control: then the crawl comes back when its lease ends, not before."""
    home = tmp_path / "home"
    with furnished(home, forum) as (app, _), workers_and_beat(home, redis_url, 1) as (worker, beat):
        until(lambda: crawled(app), worker, beat)
        worker.process.send_signal(stop)
        assert worker.process.wait(60) == code
        with app.record.write() as tx:
            assert tx.pending()[WorkKind.CRAWL] == 1
            assert len(tx.claim(WorkKind.CRAWL, "heir", 1, app.clock.now())) == given_back


def test_a_pickled_message_is_not_unpickled(tmp_path: Path, forum: str, redis_url: str) -> None:
    home, trace = tmp_path / "home", tmp_path / "trace"
    body = base64.b64encode(pickled_touch(trace)).decode()
    with furnished(home, forum), Redis.from_url(redis_url) as client:
        with Running(home, redis_url, "beat") as beat:
            until(lambda: client.llen("nightlight.line") == FULL, beat)
        message = json.loads(client.lrange("nightlight.line", 0, 0)[0])  # type: ignore[index]
        message |= {"body": body, "content-type": "application/x-python-serialize", "content-encoding": "binary"}
        client.rpush("nightlight.line", json.dumps(message))
        with Running(home, redis_url, "worker", "--queues", "line") as worker:
            until(lambda: client.llen("nightlight.line") == 0, worker)
            assert worker.end() == 0
        assert any("application/x-python-serialize" in line for line in worker.said), "it came, and was refused"
    assert not trace.exists()
    subprocess.run([sys.executable, "-c", f"import pickle, base64; pickle.loads(base64.b64decode({body!r}))"])
    assert trace.exists(), "the positive control"


def pickled_touch(path: Path) -> bytes:
    """A pickle that makes this file when it is read: protocol 0, REDUCE of os.mkdir."""
    return f"cos\nmkdir\n(V{path}\ntR.".encode()


def test_beat_fills_no_queue_that_nobody_reads(redis_url: str) -> None:
    app = CeleryBroker(redis_url)._app
    app.conf.beat_schedule = {wake.task: _entry(wake) for wake in wakes()}
    pulse = _Pulse(app)
    for _ in range(FULL + 5):
        for entry in pulse.schedule.values():
            pulse.apply_entry(entry, producer=pulse.producer)
    with Redis.from_url(redis_url) as client:
        lengths = {queue: client.llen(queue) for queue in QUEUES}
    pulse.close()
    assert lengths == dict.fromkeys(QUEUES, FULL)


def test_beat_goes_on_when_redis_comes_back(tmp_path: Path, redis_server: RedisServer, redis_url: str) -> None:
    with Running(tmp_path, redis_url, "beat") as beat:
        until(lambda: waiting(redis_url) > 0, beat)
        redis_server.kill()
        until(lambda: any("beat.lost" in line for line in beat.said), beat)
        redis_server.start()
        with Redis.from_url(redis_url) as client:
            client.flushall()
        until(lambda: waiting(redis_url) > 0, beat)
        assert beat.end() == 0


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_a_redis_that_cannot_be_reached_is_one_sentence(tmp_path: Path, forum: str, command: str) -> None:
    home = tmp_path / "home"
    with furnished(home, forum), Running(home, "redis://127.0.0.1:9/1", command) as process:
        assert process.process.wait(60) == 1
        process.hear_out()
    assert process.said == [
        "Redis at redis://127.0.0.1:9/1 can't be used (ConnectionError); start it, or correct broker_url, "
        "broker_password_file and broker_ca_file.\n"
    ]
