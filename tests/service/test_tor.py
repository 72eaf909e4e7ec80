"""The private Tor network really carries pages, and says what failed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from python_socks import ProxyError
from python_socks.sync import Proxy

from tests.service.servers.server import free_port
from tests.service.servers.tor import TorNetwork

PAGE = b"a page behind an onion address"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the base class names it so
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def fetch(tor: TorNetwork, host: str, port: int, rdns: bool = True) -> bytes:
    """One page through the SOCKS port."""
    proxy = Proxy.from_url(tor.url.replace("socks5h", "socks5"), rdns=rdns)
    with proxy.connect(host, port, timeout=60) as connection:
        connection.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_page_comes_from_an_onion_service_before_and_after_the_network_is_killed(tor: TorNetwork, port: int) -> None:
    host = tor.onion(port)
    assert host.endswith(".onion")
    assert len(host) == 62
    assert fetch(tor, host, 80).endswith(PAGE)
    tor.kill()
    assert not tor.answers()
    tor.start()
    assert tor.onion(port) == host
    assert fetch(tor, host, 80).endswith(PAGE)


def test_two_servers_have_two_onion_names_and_a_port_of_choice(tor: TorNetwork, port: int) -> None:
    other = tor.onion(port, onion_port=8080)
    assert other != tor.onion(port)
    assert fetch(tor, other, 8080).endswith(PAGE)
    with pytest.raises(ProxyError) as refused:
        fetch(tor, other, 80)
    assert refused.value.error_code == 5


def test_an_onion_name_that_nobody_serves_is_said_to_be_unknown(tor: TorNetwork) -> None:
    nobody = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
    with pytest.raises(ProxyError, match=r"(?i)0xF0"):
        fetch(tor, nobody, 80)


def test_a_service_whose_server_is_down_is_reached_and_says_so(tor: TorNetwork) -> None:
    host = tor.onion(free_port())
    with pytest.raises(ProxyError) as failed:
        fetch(tor, host, 80)
    assert failed.value.error_code == 1


def test_a_clearnet_name_leaves_by_an_exit_but_an_ip_address_is_refused(tor: TorNetwork, port: int) -> None:
    assert fetch(tor, "clearnet.test", port).endswith(PAGE)
    with pytest.raises(ProxyError):
        fetch(tor, "127.0.0.1", port)
