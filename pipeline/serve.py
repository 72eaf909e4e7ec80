"""Console, scheduler and workers in one process; or the console alone, where workers run the line."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import uvicorn

from pipeline.compose import App, crawl_runner
from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.errors import Misconfigured, Unavailable
from pipeline.worker import Worker

STARTS_WITHIN_S = 20


def listening(app: App) -> socket.socket:
    """The console's socket, bound before anything else starts.

    Raises: Misconfigured when the port is taken or the address isn't this machine's.
    """
    host, port = app.settings.console_host, app.settings.console_port
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise Misconfigured(
            f"The console can't listen on {host}:{port} ({error.strerror}); set console_port to a free one"
        ) from error


def address(app: App, bound: socket.socket) -> str:
    """Where the console answers; with console_port 0 the system chose the port."""
    return f"http://{app.settings.console_host}:{bound.getsockname()[1]}"


def at(app: App, bound: socket.socket) -> App:
    """The app with the address people use for the console, so that links in webhooks lead there."""
    url = app.settings.console_url or address(app, bound)
    return replace(app, settings=app.settings.model_copy(update={"console_url": url}))


def server_for(app: App, base_url: str) -> uvicorn.Server:
    """The console's HTTP server; it logs no addresses."""
    options = ConsoleOptions(
        base_url=base_url,
        listens_on=app.settings.console_host,
        allowed_hosts=app.settings.allowed_hosts,
        secure_cookies=app.settings.secure_cookies,
        officers=app.officers,
    )
    console = create_app(app.record, app.index, options, app.clock)
    config = uvicorn.Config(
        console, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    return uvicorn.Server(config)


def serve(app: App, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; crawls are stopped and their work is given back. say: told the address.

    With broker_url set it is the console only, and `nightlight worker` does the work: two ways at once would make it
    unclear what the workers are needed for.
    """
    # uvicorn raises the signal that ended it once more; unless SIGTERM interrupts as SIGINT does, we end there and then
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with listening(app) as bound, suppress(KeyboardInterrupt):
        app = at(app, bound)
        server = server_for(app, app.console_url)
        with _line(app):
            say(f"Console: {app.console_url}  (Ctrl-C stops)")
            server.run(sockets=[bound])


@contextmanager
def _line(app: App) -> Iterator[None]:
    """The line runs in this process, unless workers run it."""
    if app.settings.broker_url:
        yield
        return
    _ = app.assessor  # a model that can't be used stops the start, not the first post
    worker = Worker(app, crawl_runner(app.home))
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def console_beside(app: App, bound: socket.socket) -> Iterator[None]:
    """The console in a thread of this process, on this socket. Raises: Unavailable when it doesn't start."""
    server = server_for(app, app.console_url)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="console", daemon=True)
    thread.start()
    _wait_until_started(server, thread)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise Unavailable("The console did not start; see the log above")
        time.sleep(0.05)
