"""A SOCKS5 server (RFC 1928, RFC 1929) that writes down what it is asked for and leads everything to one port."""

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, repeat

REMOTE_NAME = 3
"""ATYP of a name that the proxy resolves."""


@dataclass
class Socks:
    """port: where it listens. connections: how many came.

    asked: (user, ATYP, host, port) of each request. passwords: of all of them.
    """

    port: int = 0
    connections: int = 0
    asked: list[tuple[str, int, str, int]] = field(default_factory=list)
    passwords: set[str] = field(default_factory=set)


@contextmanager
def socks(target: int, *replies: int, source: str = "127.0.0.1") -> Iterator[Socks]:
    """Serve until the block is left.

    replies: codes of the answers, the last one again and again; 0, also when there are none, connects to the target
    port. source: the address from which it does so.
    """
    codes = chain(replies[:-1], repeat(replies[-1] if replies else 0))
    state, ready = Socks(), threading.Event()
    stops: list[Callable[[], object]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            await _negotiate(reader, writer, state)
            reply = next(codes)
            writer.write(b"\x05" + bytes([reply]) + b"\x00\x01\x7f\x00\x00\x01\x00\x00")
            if reply == 0:
                far = await asyncio.open_connection("127.0.0.1", target, local_addr=(source, 0))
                await _relay(reader, writer, *far)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        state.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait(5)
    yield state
    stops[0]()
    thread.join(5)


async def _negotiate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: Socks) -> None:
    _, methods = await reader.readexactly(2)
    offered = await reader.readexactly(methods)
    writer.write(b"\x05\x02" if 2 in offered else b"\x05\x00")
    user = ""
    if 2 in offered:
        await reader.readexactly(1)
        user = (await _counted(reader)).decode()
        state.passwords.add((await _counted(reader)).decode())
        writer.write(b"\x01\x00")
    _, _, _, kind = await reader.readexactly(4)
    host = (await _counted(reader)).decode() if kind == REMOTE_NAME else (await reader.readexactly(4)).hex()
    (port,) = struct.unpack(">H", await reader.readexactly(2))
    state.asked.append((user, kind, host, port))


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    there = asyncio.create_task(_copy(reader, far_writer))
    await _copy(far_reader, writer)
    there.cancel()


async def _counted(reader: asyncio.StreamReader) -> bytes:
    (length,) = await reader.readexactly(1)
    return await reader.readexactly(length)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
