"""A server that sends what it is told byte for byte, and counts what it could send."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[[str], AsyncIterator[bytes]]
"""From a request's path to the chunks of the whole answer, headers included."""


@dataclass
class Served:
    """url: its root. heads: request heads as they came. sent: bytes taken by the kernel, by path."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """ "GET /path" of each request."""
        return [head.split("\r\n", 1)[0].rpartition(" ")[0] for head in self.heads]


def page(body: bytes, content_type: str = "text/html", status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _tls(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def serving(answer: Answer, certificate: Path | None = None) -> Iterator[Served]:
    """Serve on a free port of this machine, in a thread, until the block is left; over TLS with this key file."""
    served, ready = Served(), threading.Event()
    stops: list[Callable[[], object]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            served.heads.append(head)
            path = head.split(" ", 2)[1]
            writer.transport.set_write_buffer_limits(0)
            async for chunk in answer(path):
                writer.write(chunk)
                await writer.drain()
                served.sent[path] = served.sent.get(path, 0) + len(chunk)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=_tls(certificate))
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        served.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait(5)
    yield served
    stops[0]()
    thread.join(5)


def port_of(url: str) -> int:
    """Of an address without a path."""
    return int(url.rpartition(":")[2])
