"""What a tor process says of its streams over its control port (control-spec, sections 3.5 and 4.1.2)."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_SUCCEEDED = re.compile(
    r"650 STREAM \d+ SUCCEEDED (?P<circuit>\d+) (?P<target>\S+) .*"
    r'SOCKS_USERNAME="(?P<user>[^"]*)" SOCKS_PASSWORD="(?P<password>[^"]*)"'
)


@dataclass(frozen=True, slots=True)
class Stream:
    """One connection through Tor. circuit: the id of the circuit that carried it. target: HOST:PORT."""

    circuit: str
    target: str
    user: str
    password: str


@contextmanager
def streams(port: int, cookie: Path) -> Iterator[list[Stream]]:
    """The streams that were opened inside the block; all of them, once it is left."""
    seen: list[Stream] = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as control, control.makefile("rw") as lines:
        _ask(lines, f"AUTHENTICATE {cookie.read_bytes().hex()}")
        _ask(lines, "SETEVENTS STREAM")
        reader = threading.Thread(target=_read, args=(lines, seen))
        reader.start()
        yield seen
        control.sendall(b"QUIT\r\n")
        reader.join(60)


def _ask(lines: IO[str], command: str) -> None:
    lines.write(command + "\r\n")
    lines.flush()
    assert lines.readline().startswith("250 ")


def _read(lines: IO[str], seen: list[Stream]) -> None:
    """Until the answer to QUIT, before which every event has come."""
    for line in iter(lines.readline, ""):
        if line.startswith("250 "):
            return
        if found := _SUCCEEDED.match(line):
            seen.append(Stream(**found.groupdict()))
