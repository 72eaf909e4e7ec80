"""The line on Celery and Redis: a schedule becomes alerts, and no message matters for how it ends.

Every whole run here is compared with one of `nightlight serve`, which has no broker.
"""

import base64
import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from redis import Redis

from pipeline.adapters.celery_broker import FULL, CeleryBroker, _entry, _Pulse
from pipeline.cli.main import run_command
from pipeline.compose import App
from pipeline.home import init_home
from pipeline.line.sequence import sequence, verify_log
from pipeline.worker import LOOPS, queue_name, wakes
from tests.fakes.running import Running, until
from tests.fakes.whole import crawl_is_free, end_leases, end_state, furnished, is_quiet, posts_read
from tests.service.servers.redis import RedisServer

QUEUES = [queue_name(loop) for loop in LOOPS]


@contextmanager
def workers_and_beat(home: Path, broker_url: str, count: int = 2) -> Iterator[list[Running]]:
    """Workers, and beat last."""
    with ExitStack() as stack:
        commands = [("worker",)] * count + [("beat",)]
        yield [stack.enter_context(Running(home, broker_url, *words)) for words in commands]


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
        """Were these words among it, as they are or as JSON writes them?"""
        written = json.dumps(words)[1:-1]
        return any(words in text or written in text for text in self.seen)


def test_a_due_schedule_becomes_alerts_though_messages_come_thrice_in_any_order_and_none_holds_a_word_of_a_post(
    tmp_path: Path, demo_forum: str, redis_server: RedisServer, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    tripled = redis_server.new_database()
    with furnished(home, demo_forum) as (app, receiver):
        with (
            Tap(redis_url) as tap,
            Tripling(redis_url, tripled) as copies,
            Running(home, redis_url, "beat") as beat,
            Running(home, tripled, "worker") as first,
            Running(home, tripled, "worker") as second,
        ):
            running = (beat, first, second)
            until(lambda: is_quiet(app), *running)
            codes = [one.end() for one in running]
            texts = {text[:40] for text in post_texts(app)}
            assert not [text for text in texts if tap.holds(text)]
            CeleryBroker(redis_url)._app.send_task("nightlight.assess", tuple(texts), queue="nightlight.elsewhere")
        assert all(tap.holds(text) for text in texts), "the positive control"
        assert codes == [0, 0, 0]
        assert end_state(app, receiver) == undisturbed
        assert copies.count > 30
        check_log(app)
    redis_server.drop_database(tripled)
    ours = [message for message in tap.messages if message["properties"]["delivery_info"]["routing_key"] in QUEUES]
    often = {wake.task for wake in wakes() if wake.every_s < 60}
    assert {message["headers"]["task"] for message in ours} == often
    assert all(json.loads(message["body"])[:2] == [[], {}] for message in ours)
    assert all(message["headers"]["eta"] is None for message in ours)
    assert not [path for one in running for path in one.folder.iterdir()], "beat and workers keep no file of their own"


def post_texts(app: App) -> list[str]:
    """Of every post in the record."""
    with app.record.read() as tx:
        return [stored.post.text for stored in tx.all_posts(0, 100_000)]


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


@pytest.mark.timeout(400)
def test_killed_and_stopped_workers_a_wiped_and_a_lost_redis_change_nothing(
    tmp_path: Path, demo_forum: str, redis_server: RedisServer, redis_url: str, undisturbed: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    with furnished(home, demo_forum) as (app, receiver), workers_and_beat(home, redis_url) as running:
        first, second, beat = running
        until_more_is_read(app, *running)
        kill_workers_and_wipe_redis(app, (first, second), redis_url)
        until_more_is_read(app, *running)
        stop_workers(app, (first, second))
        first.start()
        until_more_is_read(app, first, beat)
        redis_server.kill()
        try:
            assert not is_quiet(app)
            until(lambda: is_quiet(app), first, beat)
            assert end_state(app, receiver) == undisturbed
            redis_server.start()
            see_redis_found(redis_url, first, beat)
            redis_server.kill()
            assert first.end() == 0, "without Redis, too"
        finally:
            redis_server.start()
        check_log(app)


def until_more_is_read(app: App, *running: Running) -> None:
    """The crawl goes on."""
    before = posts_read(app)
    until(lambda: posts_read(app) >= before + 10, *running)


def kill_workers_and_wipe_redis(app: App, workers: Sequence[Running], redis_url: str) -> None:
    """What they had begun comes back when its lease ends, not before."""
    for one in workers:
        one.kill()
    assert not crawl_is_free(app)
    with Redis.from_url(redis_url) as client:
        client.flushall()
    end_leases(app)
    for one in workers:
        one.start()


def stop_workers(app: App, workers: Sequence[Running]) -> None:
    """What they had begun is given back at once."""
    for one in workers:
        one.process.terminate()
    assert [one.process.wait(60) for one in workers] == [0, 0]
    assert crawl_is_free(app)


def see_redis_found(url: str, *running: Running) -> None:
    """Beat sends again, and the worker takes what comes."""
    with Redis.from_url(url) as client:
        client.flushall()
    with Tap(url) as tap:
        until(lambda: {message["headers"]["task"] for message in tap.messages} >= {"nightlight.tick"}, *running)
        until(lambda: waiting(url) == 0, *running)


def waiting(url: str) -> int:
    """Messages that nobody has taken."""
    with Redis.from_url(url) as client:
        return sum(int(client.llen(queue)) for queue in QUEUES)  # type: ignore[arg-type]


def test_a_pickled_message_is_not_unpickled(tmp_path: Path, redis_url: str) -> None:
    home, trace, queue = tmp_path / "home", tmp_path / "trace", "nightlight.audit"
    init_home(home)
    body = base64.b64encode(pickled_touch(trace)).decode()
    CeleryBroker(redis_url)._app.send_task("nightlight.sequence", queue=queue)
    with Redis.from_url(redis_url) as client:
        message = json.loads(client.lrange(queue, 0, 0)[0])  # type: ignore[index]
        message |= {"body": body, "content-type": "application/x-python-serialize", "content-encoding": "binary"}
        client.rpush(queue, json.dumps(message))
        with Running(home, redis_url, "worker", "--queues", "audit") as worker:
            until(lambda: client.llen(queue) == 0, worker)
            assert worker.end() == 0
            worker.hear_out()
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


def test_celerys_own_variables_change_nothing(
    tmp_path: Path, redis_server: RedisServer, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = redis_server.new_database()
    for name in ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"):
        monkeypatch.setenv(name, elsewhere)
    Celery(broker=redis_url, set_as_current=False).send_task("control", queue=QUEUES[0], ignore_result=True)
    assert (waiting(elsewhere), waiting(redis_url)) == (1, 0), "the positive control"
    with Running(tmp_path, redis_url, "beat") as beat:
        until(lambda: waiting(redis_url) > 0, beat)
        assert beat.end() == 0
    assert waiting(elsewhere) == 1
    read_from = CeleryBroker(redis_url)._app.connection_for_read()
    assert str(read_from.virtual_host) == redis_url.rpartition("/")[2]
    redis_server.drop_database(elsewhere)


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_a_redis_that_cannot_be_reached_is_one_sentence(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    init_home(tmp_path / "home")
    monkeypatch.setenv("NIGHTLIGHT_BROKER_URL", "redis://127.0.0.1:9/1")
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert run_command(["--home", str(tmp_path / "home"), command]) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err == (
        "Redis at redis://127.0.0.1:9/1 can't be used (ConnectionError); start it, or correct broker_url, "
        "broker_password_file and broker_ca_file.\n"
    )
