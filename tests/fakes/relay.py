"""A TCP relay in front of a test's server that writes down the first line of every connection that says something."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """port: where to connect instead. requests: "GET /path" of each connection (servers behind it must close)."""

    port: int = 0
    requests: list[str] = field(default_factory=list)


@contextmanager
def relay(target: int) -> Iterator[Relay]:
    """Relay connections to a port of this machine until the block is left."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = Relay(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=_pass_on, args=(near, target, seen), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield seen
    listener.close()


def _pass_on(near: socket.socket, target: int, seen: Relay) -> None:
    with suppress(OSError), near, socket.create_connection(("127.0.0.1", target)) as far:
        first = near.recv(65536)
        if not first:
            return
        seen.requests.append(first.split(b"\r\n", 1)[0].rpartition(b" ")[0].decode("latin-1"))
        far.sendall(first)
        threading.Thread(target=_copy, args=(near, far), daemon=True).start()
        _copy(far, near)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
