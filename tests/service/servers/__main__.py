"""Starts every test server and keeps it until Ctrl-C: `python -m tests.service.servers [redis …]`.

Prints the variables by which a run of pytest in another shell uses them; and, on stderr, the seconds each took to start
and its memory.
"""

import signal
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.postgres import PostgresServer
from tests.service.servers.redis import RedisServer
from tests.service.servers.server import NotRun, Server
from tests.service.servers.tor import TorNetwork

KINDS: dict[str, type[Server]] = {
    "redis": RedisServer,
    "postgres": PostgresServer,
    "elasticsearch": ElasticsearchServer,
    "tor": TorNetwork,
}


def say(server: Server, seconds: float) -> None:
    """One line for the other shell, one for the reader."""
    line = f"export {server.variable}={server.url}" if server.variable else f"# {server.name} {server.url}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    count = len(server.pids())
    sys.stderr.write(f"{server.name}: {seconds:.1f} s, {server.resident_mib():.0f} MiB in {count} processes\n")


def main(names: list[str]) -> None:
    """Start what is named, or all; wait for Ctrl-C."""
    with ExitStack() as stack:
        for kind in [KINDS[name] for name in names or KINDS]:
            server = kind.for_run(lambda name: Path(tempfile.mkdtemp(prefix=f"nightlight-{name}-")))
            stack.callback(server.stop)
            began = time.monotonic()
            try:
                server.start()
            except NotRun as missing:
                sys.stderr.write(f"{missing}\n")
                continue
            say(server, time.monotonic() - began)
        signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        main(sys.argv[1:])
