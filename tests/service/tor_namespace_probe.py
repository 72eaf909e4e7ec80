"""Crawls an onion source where there is only loopback, and prints every packet and every name that was looked up.

    unshare --net python tor_namespace_probe.py

Loopback answers for every address, so that whatever any process asks of the network becomes a packet there, with no
way out. At the end a name is looked up and packets are sent on purpose: what comes before them is the crawl's.
"""

import ipaddress
import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from crawler.post import Account
from tests.fakes.crawl import Memory
from tests.fakes.crawling import BOARD, INDEX, THREAD
from tests.fakes.onion import ONION, URL, onion_name, run_onion
from tests.fakes.raw_server import page, serving
from tests.fakes.socks import socks
from tests.service.servers.server import run as run_program
from tests.service.servers.server import wait_until

_ALL_PROTOCOLS, _TCP, _UDP, _SYN, _ACK = 3, 6, 17, 2, 16
_BEHIND_SOCKS = "127.0.0.2"
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
PLANTED_NAME, PLANTED_TCP, PLANTED_UDP = "planted.example.test", ("203.0.113.7", 81), ("203.0.113.8", 53)

_LURES = f"""
<link rel="icon" href="/favicon.ico"><link rel="apple-touch-icon" href="http://icon.example.test/icon.png">
<link rel="dns-prefetch" href="//prefetch.example.test"><link rel="preconnect" href="http://connect.example.test">
<link rel="sitemap" href="/sitemap.xml"><link rel="stylesheet" href="http://style.example.test/style.css">
<img src="http://image.example.test/image.png"><script src="http://script.example.test/script.js"></script>
<iframe src="http://{ONION}/frame"></iframe>
""".encode()
_ROBOTS = f"User-agent: *\nDisallow:\nSitemap: {URL}sitemap.xml\nSitemap: http://map.example.test/sitemap.xml\n"
_FORM = b'<form method="post" action="/login"><input name="username"><input type="password" name="password"></form>'
_MEMBER = b'<a class="logout" href="/logout">Log out</a>'
REDIRECTS = {
    "2": "/viewtopic.php?t=7&start=1",
    "3": "http://away.example.test/",
    "4": "http://203.0.113.9/",
    "5": f"http://{onion_name(bytes(32))}/",
    "6": "//away.example.test/",
}


class Forum:
    """Its board fails at first; its threads lead elsewhere; each page names what a browser would fetch by itself."""

    def __init__(self) -> None:
        self._board_asked = 0

    async def answer(self, path: str) -> AsyncIterator[bytes]:
        """A whole answer."""
        query = path.rpartition("t=")[2]
        if path == "/robots.txt":
            yield page(_ROBOTS.encode(), "text/plain")
        elif path == "/login":
            yield page(_FORM + _MEMBER + _LURES, "text/html", "200 OK", "Set-Cookie: session=s1")
        elif path.startswith("/viewforum"):
            self._board_asked += 1
            threads = "".join(f'<a class="topictitle" href="./viewtopic.php?t={number}">T</a>' for number in REDIRECTS)
            yield page(
                BOARD + threads.encode() + _LURES, "text/html", "500 Error" if self._board_asked == 1 else "200 OK"
            )
        elif query in REDIRECTS:
            yield page(b"", "text/html", "302 Found", f"Location: {REDIRECTS[query]}")
        else:
            yield page((INDEX if path == "/" else THREAD) + _MEMBER + _LURES)


class Packets(threading.Thread):
    """Reads loopback. seen: (protocol, destination, port) of each opened connection and datagram."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[str, str, int]] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))

    def run(self) -> None:
        while True:
            packet, address = self._socket.recvfrom(65536)
            if address[2] != socket.PACKET_OUTGOING:  # each comes twice on loopback, once as it arrives
                self._read(packet)

    def _read(self, packet: bytes) -> None:
        if packet[0] >> 4 == 6:
            protocol, source, target, rest = packet[6], packet[8:24], packet[24:40], packet[40:]
        else:
            protocol, source, target = packet[9], packet[12:16], packet[16:20]
            rest = packet[4 * (packet[0] & 15) :]
        if str(ipaddress.ip_address(source)) == _BEHIND_SOCKS:
            return
        port = int.from_bytes(rest[2:4], "big")
        if protocol == _UDP or (protocol == _TCP and rest[13] & (_SYN | _ACK) == _SYN):
            self.seen.append(("udp" if protocol == _UDP else "tcp", str(ipaddress.ip_address(target)), port))


def main() -> None:
    """Crawl, plant, report."""
    run_program(["ip", "link", "set", "lo", "up"], Path())
    run_program(["ip", "route", "add", "local", "default", "dev", "lo"], Path())
    names: list[str] = []
    sys.addaudithook(lambda event, args: names.append(str(args[0])) if event in _LOOKUPS else None)
    packets = Packets()
    packets.start()
    home = Path(tempfile.mkdtemp())
    (home / "secret").write_text("pw")
    account = Account("ann", "secret", URL + "login", "a.logout")
    with serving(Forum().answer) as served, socks(_port(served.url), 0xF3, 0, source=_BEHIND_SOCKS) as proxy:
        outcome = run_onion(Memory(), home, f"socks5h://127.0.0.1:{proxy.port}", account=account)
    _plant()
    wait_until(lambda: ("udp", *PLANTED_UDP) in packets.seen, "the last planted packet is seen")
    report = {
        "socks_port": proxy.port,
        "through_socks": sorted(set(proxy.asked)),
        "asked": served.asked,
        "refused": outcome.refused,
        "names": [name for name in names if not _is_address(name)],
        "packets": packets.seen,
    }
    print(json.dumps(report))  # noqa: T201


def _plant() -> None:
    """A connection from another process, a name, a datagram."""
    connect = f"import socket; socket.create_connection({PLANTED_TCP!r}, 5)"
    subprocess.run([sys.executable, "-c", connect], capture_output=True, check=False)
    with suppress(OSError):
        socket.getaddrinfo(PLANTED_NAME, 80)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"planted", PLANTED_UDP)


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return False


if __name__ == "__main__":
    main()
