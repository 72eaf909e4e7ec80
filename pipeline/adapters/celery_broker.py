"""Celery on Redis: wakes workers and spreads them over the steps. What there is to do stands in the record alone."""

import logging
import os
import signal
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, Service
from celery.worker import state
from kombu.messaging import Producer
from redis import Redis, RedisError

from pipeline.errors import Misconfigured, Unavailable
from pipeline.observe import log
from pipeline.processes import Wake

FULL = 20
"""Messages that wait in a queue before beat sends no more: nobody reads it, or everybody is busy and knows why."""

_TIMEOUT_S = 5
_READ_TIMEOUT_S = 15
"""Of a socket; longer than the second after which Redis answers a read that found nothing."""

_LIMITS: dict[str, Any] = {
    # nothing from Redis is ever unpickled
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_accept_content": ["json"],
    "result_serializer": "json",
    # no result backend, no events, no remote control: Redis holds wake-up calls and can't stop or steer a worker
    "result_backend": None,
    "task_ignore_result": True,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    # a lost wake-up call changes nothing, so none is kept until its step ended; those a dead worker had fetched
    # come back after a minute
    "task_acks_late": False,
    "worker_prefetch_multiplier": 1,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "worker_cancel_long_running_tasks_on_connection_loss": True,  # none are acknowledged late; unset, it warns
    "broker_transport_options": {
        "visibility_timeout": 60,
        "socket_connect_timeout": _TIMEOUT_S,
        "socket_timeout": _READ_TIMEOUT_S,
        "socket_keepalive": True,
    },
    # our own logging stays
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
}


class _Pulse(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's scheduler, in memory: keeps no file, fills no queue that nobody reads, goes on when Redis is lost."""

    _lost = False

    def apply_entry(self, entry: ScheduleEntry, producer: Producer | None = None) -> None:
        """Send, where it is of use; a failure is said once, not every second."""
        try:
            waiting = self.connection.default_channel.queue_declare(entry.options["queue"]).message_count
            if waiting < FULL:
                self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:
            if not self._lost:
                log("beat.lost", logging.WARNING, error=type(error).__name__)
            self._lost = True
        else:
            if self._lost:
                log("beat.found", logging.WARNING)
            self._lost = False


class CeleryBroker:
    """ports.Broker. url: redis:// or rediss:// without a password. ca_file: PEM; empty takes the system's authorities.

    Raises: Misconfigured when the address can't be used.
    """

    def __init__(self, url: str, password: str = "", ca_file: Path | None = None) -> None:
        self._url, self._password = url, password
        self._tls: dict[str, Any] = (
            {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True} if _secure(url) else {}
        )
        if self._tls and ca_file:
            self._tls["ssl_ca_certs"] = str(ca_file)
        for name in [each for each in os.environ if each.startswith("CELERY_")]:  # they would win over our settings
            del os.environ[name]
        self._app = Celery("nightlight", broker=_with_password(url, password), set_as_current=False)
        self._app.conf.update(_LIMITS | ({"broker_use_ssl": self._tls} if self._tls else {}))

    def check(self) -> str:
        """What answers at the address. Raises: Unavailable, Misconfigured."""
        try:
            with Redis.from_url(
                _with_password(self._url, self._password),
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
                **self._tls,
            ) as client:
                version = client.info("server")["redis_version"]
        except (RedisError, OSError) as error:
            raise Unavailable(
                f"Redis at {self._url} can't be used ({type(error).__name__}); start it, or correct broker_url, "
                "broker_password_file and broker_ca_file"
            ) from error
        except ValueError as error:
            raise Misconfigured(f"broker_url {self._url} is no address of a Redis; correct it") from error
        return f"Redis {version} at {self._url}"

    def beat(self, wakes: Sequence[Wake]) -> None:
        """Send until SIGINT, or a SIGTERM that interrupts as that does."""
        self._app.conf.beat_schedule = {wake.task: _entry(wake) for wake in wakes}
        Service(self._app, max_interval=1, scheduler_cls=_Pulse).start()

    def consume(self, tasks: Mapping[str, Callable[[], None]], queues: Sequence[str]) -> None:
        """Run tasks in this thread, one at a time, until SIGTERM or SIGINT; a lost connection is made again."""
        for name, run in tasks.items():
            self._app.task(_without_arguments(run), name=name)
        worker = self._app.WorkController(
            pool="solo", queues=list(queues), without_gossip=True, without_mingle=True, without_heartbeat=True
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _finish)
        worker.start()
        if worker.exitcode:
            raise Unavailable("The Celery worker ended by itself; see the log above, then start it again")


def _without_arguments(run: Callable[[], None]) -> Callable[[], None]:
    """A plain function, as Celery wants one; a message with arguments fails."""

    def task() -> None:
        run()

    return task


def _finish(*_: object) -> None:
    """The task that runs is finished, no other begun."""
    state.should_stop = 0


def _entry(wake: Wake) -> dict[str, Any]:
    return {"task": wake.task, "schedule": timedelta(seconds=wake.every_s), "options": {"queue": wake.queue}}


def _secure(url: str) -> bool:
    return url.startswith("rediss:")


def _with_password(url: str, password: str) -> str:
    if not password:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()
