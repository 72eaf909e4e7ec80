"""The sender against a real server that answers as told."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from pipeline.adapters.http_sender import HttpSender
from pipeline.domain.delivery import Delivery, Endpoint, EventType, owed
from pipeline.domain.signing import new_secret
from pipeline.errors import Refused
from pipeline.ports import Answer

SECRET = new_secret()


class Server(ThreadingHTTPServer):
    """Answers every POST with `status`, `headers` and `size` bytes; keeps what came."""

    status, size = 200, 0
    more: dict[str, str]
    seen: list[tuple[str, dict[str, str], bytes]]
    sent = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, body))
        self.send_response(self.server.status)
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for _ in range(self.server.size // 1024):
                self.wfile.write(b"x" * 1024)
                self.server.sent += 1024
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.more, made.seen = {}, []
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def send(server: Server, sender: HttpSender | None = None) -> tuple[Answer, Delivery]:
    endpoint = Endpoint("e", "Cases", f"http://127.0.0.1:{server.server_port}/hook", "secret")
    now = datetime.now(UTC)
    delivery = owed(endpoint, EventType.ALERT_CREATED, "a", 1, {"type": "t", "data": {"ü": 1}}, now)
    return (sender or HttpSender(lambda name: SECRET, own_machine=True)).send(endpoint, delivery, now), delivery


def test_what_arrives_is_verified_by_the_standardwebhooks_package(server: Server) -> None:
    answer, delivery = send(server)
    ((_, headers, body),) = server.seen
    assert answer.status == 200
    assert Webhook(SECRET).verify(body, headers) == delivery.payload
    assert headers["webhook-id"] == delivery.id


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.more = 302, {"location": f"http://127.0.0.1:{server.server_port}/elsewhere"}
    answer, _ = send(server)
    assert answer.status == 302
    assert [path for path, _, _ in server.seen] == ["/hook"]


def test_the_body_of_an_endless_answer_is_left_unread(server: Server) -> None:
    server.size = 64 * 1024 * 1024
    answer, _ = send(server)
    assert answer.status == 200
    assert server.sent < server.size / 2


@pytest.mark.parametrize("drop", [b"", b"HTTP/1.1 200 OK\r\nx-filler: ", b"a"])
def test_an_answer_that_comes_drop_by_drop_ends_with_the_deadline(drop: bytes) -> None:
    """Each drop would start a timeout between two reads afresh."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with closing(connection):
                connection.sendall(drop)
                for _ in range(100):
                    time.sleep(0.05)
                    try:
                        connection.sendall(drop[-1:])
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        endpoint = Endpoint("e", "Cases", f"http://127.0.0.1:{listening.getsockname()[1]}/hook", "secret")
        began = time.monotonic()
        delivery = owed(endpoint, EventType.TEST, "", 0, {"type": "t"}, datetime.now(UTC))
        sender = HttpSender(lambda name: SECRET, own_machine=True, deadline_s=0.5)
        answer = sender.send(endpoint, delivery, datetime.now(UTC))
    assert answer.status == 0
    assert time.monotonic() - began < 3
    assert "check that Cases" in answer.error


def test_the_endpoints_wish_to_wait_is_passed_on(server: Server) -> None:
    server.status, server.more = 429, {"retry-after": "17"}
    assert send(server)[0] == Answer(429, retry_after_s=17)


@pytest.mark.parametrize("wish", ["\xb2", "soon", "Thu, 26 Nov 2026 12:00:00 GMT", "-1"])
def test_a_wish_that_is_no_number_of_seconds_is_no_wish(server: Server, wish: str) -> None:
    server.status, server.more = 503, {"retry-after": wish}
    assert send(server)[0] == Answer(503)


def test_nobody_there_is_an_answer_that_says_what_to_check(server: Server) -> None:
    server.shutdown()
    server.server_close()
    answer, _ = send(server)
    assert answer.status == 0
    assert "check that Cases is running" in answer.error


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.7"])
def test_a_name_that_leads_inside_on_the_second_look_gets_no_byte(
    server: Server, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    """The name gave a public address when it was added; at the connection it gives another."""
    answers = iter(["8.8.8.8", inside])
    monkeypatch.setattr(socket, "getaddrinfo", resolving(lambda: next(answers), server.server_port))
    endpoint = Endpoint("e", "Cases", f"http://cases.example:{server.server_port}/hook", "secret")
    assert socket.getaddrinfo("cases.example", 0)[0][4][0] == "8.8.8.8"
    delivery = owed(endpoint, EventType.TEST, "", 0, {"type": "t"}, datetime.now(UTC))
    with pytest.raises(Refused, match=r"correct it|--private-network"):
        HttpSender(lambda name: SECRET, own_machine=True).send(endpoint, delivery, datetime.now(UTC))
    assert server.seen == []


def resolving(address: Callable[[], str], port: int) -> Callable[..., Any]:
    """A resolver that gives this address for every name."""

    def getaddrinfo(*_: Any, **__: Any) -> Any:
        host = address()
        family, peer = (socket.AF_INET6, (host, port, 0, 0)) if ":" in host else (socket.AF_INET, (host, port))
        return [(family, socket.SOCK_STREAM, 6, "", peer)]

    return getaddrinfo


def test_a_name_that_leads_to_an_address_that_is_allowed_gets_the_event(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: the same resolver and listener, and a judge that allows it."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving(lambda: "127.0.0.1", server.server_port))
    monkeypatch.setattr("pipeline.adapters.http_sender.check_peer", lambda *_: None)
    endpoint = Endpoint("e", "Cases", f"http://cases.example:{server.server_port}/hook", "secret")
    delivery = owed(endpoint, EventType.TEST, "", 0, {"type": "t"}, datetime.now(UTC))
    assert HttpSender(lambda name: SECRET).send(endpoint, delivery, datetime.now(UTC)).status == 200
    assert len(server.seen) == 1


def test_this_machine_gets_nothing_unless_the_instance_is_a_demo(server: Server) -> None:
    with pytest.raises(Refused, match="only a demo"):
        send(server, HttpSender(lambda name: SECRET))
    assert server.seen == []


def test_a_proxy_of_the_environment_changes_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert send(server, HttpSender(lambda name: SECRET, own_machine=True))[0].status == 200
