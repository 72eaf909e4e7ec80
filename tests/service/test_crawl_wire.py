"""What a crawl sends and where: the route, the names, the headers, and how it meets a hostile server."""

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from crawler.errors import CrawlerError, MandateRefused, Refused, Unavailable
from crawler.keys import private_pem
from crawler.pace import Pace
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.crawling import BOARD, INDEX, THREAD, run
from tests.fakes.onion import ONION, run_onion
from tests.fakes.raw_server import page, port_of, serving
from tests.fakes.socks import REMOTE_NAME, socks


async def forum(path: str) -> AsyncIterator[bytes]:
    if path == "/robots.txt":
        yield page(b"User-agent: *\nDisallow: /viewtopic.php?t=99\n", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        yield page(BOARD if "viewforum" in path else THREAD)


@contextmanager
def looked_up() -> Iterator[list[str]]:
    """Names handed to the system's resolver meanwhile."""
    names: list[str] = []
    real = socket.getaddrinfo

    def watched(host: Any, *args: Any, **more: Any) -> Any:
        names.append(str(host))
        return real(host, *args, **more)

    socket.getaddrinfo = watched  # type: ignore[assignment]
    try:
        yield names
    finally:
        socket.getaddrinfo = real


def test_an_onion_source_goes_through_the_socks_port_with_its_name_unresolved(tmp_path: Path) -> None:
    with serving(forum) as served, socks(port_of(served.url)) as proxy, looked_up() as names:
        outcome = run_onion(Memory(), tmp_path, f"socks5h://127.0.0.1:{proxy.port}")
    assert outcome.posts == 1
    assert len(served.heads) == 4
    assert set(proxy.asked) == {("forum", REMOTE_NAME, ONION, 80)}
    assert not [name for name in names if "onion" in name]


def test_a_source_on_http_and_https_has_one_pace_and_one_circuit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paces = set()
    turn = Pace.turn

    async def watched(self: Pace, delay_s: float) -> None:
        paces.add(self)
        await turn(self, delay_s)

    monkeypatch.setattr(Pace, "turn", watched)
    declared = mandate(f"http://{ONION}", route="tor", private_network=False)
    scope = replace(declared.sources[0], origins=(f"http://{ONION}", f"https://{ONION}"))
    book = Book(replace(declared, sources=(scope,)))
    target = f"https://{ONION}/viewforum.php?f=1"
    with serving(lambda path: led_away(path, target)) as served, socks(port_of(served.url)) as proxy:
        socks_url = f"socks5h://127.0.0.1:{proxy.port}"
        run(f"http://{ONION}/", Memory(), tmp_path, book=book, socks_url=socks_url, deadline_s=2.0)
    assert {port for _, _, _, port in proxy.asked} == {80, 443}
    assert (len(paces), len(proxy.passwords)) == (1, 1)


def test_a_service_that_stalls_in_the_tls_handshake_ends_at_the_deadline(tmp_path: Path) -> None:
    book = Book(mandate(f"https://{ONION}", route="tor", private_network=False))
    with serving(dripping) as served, socks(port_of(served.url)) as proxy:
        options = {"book": book, "socks_url": f"socks5h://127.0.0.1:{proxy.port}", "deadline_s": 1.0}
        before = time.monotonic()
        with pytest.raises(Unavailable, match="no complete answer within 1 s"):
            run(f"https://{ONION}/", Memory(), tmp_path, **options)
        assert time.monotonic() - before < 15, "not the library's own 60 s, twice"


def test_the_probe_sees_a_name_that_is_looked_up(tmp_path: Path) -> None:
    with serving(forum) as served, looked_up() as names:
        local = served.url.replace("127.0.0.1", "localhost")
        assert run(local + "/", Memory(), tmp_path).posts == 1
    assert "localhost" in names


@pytest.mark.parametrize("variables", [{"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}])
def test_proxy_variables_change_no_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    with serving(forum) as served:
        assert run(served.url + "/", Memory(), tmp_path).posts == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_direct_source_on_a_private_address_is_refused_unless_the_mandate_says_so(tmp_path: Path, host: str) -> None:
    with serving(forum) as served:
        url = served.url.replace("127.0.0.1", host)
        with pytest.raises(CrawlerError, match="private address"):
            run(url + "/", Memory(), tmp_path, book=Book(mandate(url, private_network=False)))
        assert served.heads == []


@pytest.mark.parametrize("private_network", [False, True])
def test_a_private_address_is_not_asked_for_over_tor_either(tmp_path: Path, private_network: bool) -> None:
    with serving(forum) as served, socks(port_of(served.url)) as proxy:
        book = Book(mandate(served.url, route="tor", private_network=private_network))
        options = {"book": book, "socks_url": f"socks5h://127.0.0.1:{proxy.port}"}
        if private_network:
            assert run(served.url + "/", Memory(), tmp_path, **options).posts == 1
            return
        with pytest.raises(Refused, match="private address"):
            run(served.url + "/", Memory(), tmp_path, **options)
        assert (proxy.asked, served.heads) == ([], [])


def test_the_source_sees_what_the_mandate_declares_and_nothing_of_us(tmp_path: Path) -> None:
    declared = mandate("http://x", headers={"Accept-Language": "de"}, user_agent="Mozilla/5.0 (declared)")
    with serving(forum) as served:
        scope = replace(declared.sources[0], origins=(served.url,))
        run(served.url + "/", Memory(), tmp_path, book=Book(replace(declared, sources=(scope,))))
    for head in served.heads:
        names = [line.split(":")[0].lower() for line in head.split("\r\n")[1:] if line]
        assert sorted(names) == ["accept", "accept-encoding", "accept-language", "host", "user-agent"]
        assert "User-Agent: Mozilla/5.0 (declared)\r\n" in head
        assert not {"scrapy", "aiohttp", "python"} & set(head.lower().replace("/", " ").split())


async def led_away(path: str, target: str) -> AsyncIterator[bytes]:
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        yield page(b"", "text/html", "302 Found", f"Location: {target}")


@pytest.mark.parametrize("target", ["http://127.0.0.1:{other}/", "http://localhost:{other}/x", "//127.0.0.1:{other}/"])
def test_a_redirect_out_of_scope_is_refused_and_not_followed(tmp_path: Path, target: str) -> None:
    memory = Memory()
    with serving(forum) as other:
        away = target.format(other=port_of(other.url))
        with serving(lambda path: led_away(path, away)) as served:
            outcome = run(served.url + "/", memory, tmp_path)
        assert other.heads == []
    assert outcome.refused == 1
    assert [fetched.outcome for fetched in memory.fetches][-1] == "refused"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "data:text/html,x", "ftp://127.0.0.1/x", "javascript:1"])
def test_a_redirect_to_another_scheme_leads_nowhere(tmp_path: Path, target: str) -> None:
    memory = Memory()
    with serving(lambda path: led_away(path, target)) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    assert (outcome.pages, outcome.failed + outcome.refused) == (1, 1)
    assert memory.posts == {}


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "/viewtopic.php?t=99", "/viewforum.php?f=1", "ftp://x/"])
def test_every_request_that_left_is_counted_wherever_it_led(tmp_path: Path, target: str) -> None:
    memory = Memory()
    with serving(lambda path: led_away(path, target) if "viewforum" in path else forum(path)) as served:
        run(served.url + "/", memory, tmp_path)
    assert len(served.heads) > 2
    assert sum(fetched.requests for fetched in memory.fetches) == len(served.heads)


def test_a_request_that_a_stop_cut_off_is_counted(tmp_path: Path) -> None:
    class Revoked(Book):
        def live(self, source_id: str, now: Any) -> Any:
            if any("viewforum" in line for line in served.asked):
                self.mandate = None
            return super().live(source_id, now)

    memory = Memory()
    with serving(dripping) as served:
        assert "revoked" in run(served.url + "/", memory, tmp_path, book=Revoked(mandate(served.url))).stopped
    assert (len(served.heads), sum(fetched.requests for fetched in memory.fetches)) == (3, 3)


def test_a_circle_of_redirects_ends_after_five(tmp_path: Path) -> None:
    with serving(lambda path: led_away(path, "/viewforum.php?f=1")) as served:
        outcome = run(served.url + "/", Memory(), tmp_path)
    assert served.asked.count("GET /viewforum.php?f=1") == 6
    assert outcome.failed + outcome.refused == 1


def test_robots_txt_is_obeyed_or_ignored_as_the_mandate_says(tmp_path: Path) -> None:
    async def closed(path: str) -> AsyncIterator[bytes]:
        if path == "/robots.txt":
            yield page(b"User-agent: *\nDisallow: /viewforum.php\n", "text/plain")
        else:
            async for chunk in forum(path):
                yield chunk

    with serving(closed) as served:
        obeyed = run(served.url + "/", Memory(), tmp_path)
        assert "GET /viewforum.php?f=1" not in served.asked
        ignored = run(served.url + "/", Memory(), tmp_path, book=Book(mandate(served.url, robots="ignore")))
        assert "GET /viewforum.php?f=1" in served.asked
    assert (obeyed.posts, ignored.posts) == (0, 1)


def test_a_redirect_leads_to_no_page_that_robots_txt_closes(tmp_path: Path) -> None:
    rules = page(b"User-agent: *\nDisallow: /closed\n", "text/plain")

    async def around(path: str) -> AsyncIterator[bytes]:
        async for chunk in led_away(path, "/closed?x=1") if path != "/closed?x=1" else forum(path):
            yield rules if path == "/robots.txt" else chunk

    memory = Memory()
    with serving(around) as served:
        obeyed = run(served.url + "/", memory, tmp_path)
        assert "GET /closed?x=1" not in served.asked
        run(served.url + "/", Memory(), tmp_path, book=Book(mandate(served.url, robots="ignore")))
        assert "GET /closed?x=1" in served.asked
    assert (obeyed.pages, obeyed.refused) == (1, 1)
    assert "robots.txt" in memory.fetches[-1].reason


@pytest.mark.parametrize("target", ["/login?next=/robots.txt", "http://127.0.0.1:{other}/robots.txt"])
def test_a_robots_txt_that_leads_out_of_scope_is_none_and_not_followed(tmp_path: Path, target: str) -> None:
    memory = Memory()
    with serving(forum) as other:
        away = page(b"", "text/html", "302 Found", "Location: " + target.format(other=port_of(other.url)))

        async def leading(path: str) -> AsyncIterator[bytes]:
            async for chunk in forum(path):
                yield away if path == "/robots.txt" else chunk

        with serving(leading) as served:
            assert run(served.url + "/", memory, tmp_path).posts == 1
        assert other.heads == []
    assert memory.fetches[0].outcome == "refused"
    assert not [line for line in served.asked if "login" in line]


def test_a_mandate_that_ends_over_robots_txt_ends_the_crawl(tmp_path: Path) -> None:
    class Ending(Book):
        def live(self, source_id: str, now: Any) -> Any:
            if self.asked == 2:
                self.mandate = None
            return super().live(source_id, now)

    with serving(forum) as served, pytest.raises(MandateRefused, match="revoked"):
        run(served.url + "/", Memory(), tmp_path, book=Ending(mandate(served.url)))
    assert served.heads == []


async def header_bomb(path: str) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    for number in range(20_000):
        yield f"X-{number}: {'a' * 1000}\r\n".encode()


def test_a_flood_of_headers_is_cut(tmp_path: Path) -> None:
    with serving(header_bomb) as served, pytest.raises(Unavailable, match="be reached"):
        run(served.url + "/", Memory(), tmp_path)
    assert sum(served.sent.values()) < 6 * 1024 * 1024


async def dripping(path: str) -> AsyncIterator[bytes]:
    if path == "/robots.txt":
        yield page(b"", "text/plain")
    elif path == "/":
        yield page(INDEX)
    else:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n"
        for _ in range(300):
            await asyncio.sleep(0.1)
            yield b"a"


def test_a_page_that_drips_ends_at_the_deadline(tmp_path: Path) -> None:
    memory = Memory()
    with serving(dripping) as served:
        before = time.monotonic()
        outcome = run(served.url + "/", memory, tmp_path, deadline_s=1.0)
        took = time.monotonic() - before
    assert served.asked.count("GET /viewforum.php?f=1") == 2, "one retry"
    assert (outcome.pages, outcome.failed) == (1, 1)
    assert 2.0 <= took < 8.0


def test_requests_keep_the_distance_of_the_mandate(tmp_path: Path) -> None:
    times: list[float] = []

    async def timed(path: str) -> AsyncIterator[bytes]:
        times.append(time.monotonic())
        async for chunk in forum(path):
            yield chunk

    with serving(timed) as served:
        run(served.url + "/", Memory(), tmp_path, book=Book(mandate(served.url, delay_s=0.4)))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 3
    assert all(0.35 <= gap < 3 for gap in gaps)


def test_the_budget_of_a_day_ends_a_crawl_and_leaves_the_rest_due(tmp_path: Path) -> None:
    memory = Memory()
    with serving(forum) as served:
        outcome = run(served.url + "/", memory, tmp_path, book=Book(mandate(served.url, pages_per_day=2)))
        assert len(served.heads) == 2, "robots.txt and the index"
        assert "budget" in outcome.stopped
        assert memory.due("forum", 10)
        with pytest.raises(Refused, match="budget"):
            run(served.url + "/", memory, tmp_path, book=Book(mandate(served.url, pages_per_day=2)))


def test_a_list_without_an_end_does_not_keep_threads_from_being_read(tmp_path: Path) -> None:
    lists: list[str] = []

    async def growing(path: str) -> AsyncIterator[bytes]:
        if not path.startswith("/viewforum"):
            async for chunk in forum(path):
                yield chunk
            return
        lists.append(path)
        more = f'<a href="./viewforum.php?f=1&amp;start={10 * len(lists)}">next</a>'
        yield page(BOARD.replace(b"t=7", b"t=%d" % (100 + len(lists))) + more.encode())

    with serving(growing) as served:
        outcome = run(served.url + "/", Memory(), tmp_path, book=Book(mandate(served.url, pages_per_day=40)))
    assert "budget" in outcome.stopped
    assert len(lists) >= 15
    assert outcome.posts >= 15


def test_pages_outside_the_paths_of_the_mandate_are_not_even_planned(tmp_path: Path) -> None:
    memory = Memory()
    with serving(forum) as served:
        book = Book(mandate(served.url, exclude=["/viewtopic.php"]))
        outcome = run(served.url + "/", memory, tmp_path, book=book)
        assert not [line for line in served.asked if "viewtopic" in line]
    assert (outcome.pages, outcome.refused) == (2, 0)


def test_a_source_that_is_down_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="can't be reached"):
        run(f"http://127.0.0.1:{port}/", Memory(), tmp_path)


def test_a_revoked_mandate_refuses_before_anything(tmp_path: Path) -> None:
    with serving(forum) as served:
        with pytest.raises(MandateRefused, match="revoked"):
            run(served.url + "/", Memory(), tmp_path, book=Book(None))
        assert served.heads == []


class Told(logging.Handler):
    """What reaches the root's handlers (pytest's own would also listen at loggers that pass nothing on)."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def test_no_library_tells_the_log_an_address(tmp_path: Path) -> None:
    told = Told()
    logging.getLogger().addHandler(told)
    try:
        logging.getLogger("of-the-test").error("the log is read: http://seen.example/")
        with serving(lambda path: led_away(path, "javascript:1")) as served:
            run(served.url + "/", Memory(), tmp_path)
        with pytest.raises(Unavailable):
            run(served.url + "/", Memory(), tmp_path)
    finally:
        logging.getLogger().removeHandler(told)
    assert [message for message in told.messages if "http" in message] == ["the log is read: http://seen.example/"]


async def endless(path: str) -> AsyncIterator[bytes]:
    if path in ("/", "/robots.txt"):
        yield page(INDEX if path == "/" else b"", "text/html")
    else:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        for _ in range(16 * 1024):
            yield b"10000\r\n" + b"a" * 65536 + b"\r\n"


def test_a_page_without_an_end_is_cut_at_the_limit(tmp_path: Path) -> None:
    memory = Memory()
    with serving(endless) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    assert "longer than" in memory.fetches[-1].reason
    assert (outcome.pages, outcome.refused) == (1, 1)
    assert served.sent["/viewforum.php?f=1"] < 12 * 1024 * 1024


def test_a_connection_that_breaks_in_the_middle_fails_that_page_only(tmp_path: Path) -> None:
    tries: list[str] = []

    async def broken(path: str) -> AsyncIterator[bytes]:
        tries.append(path)
        if tries.count(path) == 1 and path not in ("/", "/robots.txt"):
            yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>half"
        else:
            async for chunk in forum(path):
                yield chunk

    memory = Memory()
    with serving(broken) as served:
        outcome = run(served.url + "/", memory, tmp_path)
    assert (outcome.posts, outcome.failed) == (1, 0)
    assert tries.count("/viewforum.php?f=1") == 2


def test_a_source_that_keeps_failing_ends_the_crawl_and_keeps_what_is_due(tmp_path: Path) -> None:
    many = INDEX + b"".join(b'<a class="forumtitle" href="./viewforum.php?f=%d">B</a>' % n for n in range(2, 9))

    async def failing(path: str) -> AsyncIterator[bytes]:
        if path in ("/", "/robots.txt"):
            yield page(many if path == "/" else b"", "text/html")
        else:
            yield page(b"", "text/html", "503 Busy")

    memory = Memory()
    with serving(failing) as served:
        with pytest.raises(Unavailable, match="tried again later"):
            run(served.url + "/", memory, tmp_path)
        assert len([line for line in served.asked if "viewforum" in line]) == 3
    assert len(memory.due("forum", 99)) == 5


def test_a_fault_in_asking_for_the_mandate_lets_nothing_out(tmp_path: Path) -> None:
    class Broken(Book):
        def live(self, source_id: str, now: Any) -> Any:
            super().live(source_id, now)
            if self.asked > 1:
                raise KeyError("a bug")
            return self.mandate

    with serving(forum) as served:
        with pytest.raises((KeyError, CrawlerError)):
            run(served.url + "/", Memory(), tmp_path, book=Broken(mandate(served.url)))
        assert served.heads == []


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    certificate = self_signed(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(forum, certificate) as served:
        if trusted:
            assert run(served.url + "/", Memory(), tmp_path).posts == 1
            return
        with pytest.raises(Unavailable, match="certificate"):
            run(served.url + "/", Memory(), tmp_path)
        assert served.heads == []


def self_signed(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that it signed itself."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = now()
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), at, at + timedelta(1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = built.add_extension(here, critical=False).sign(key, None)
    path = folder / "both.pem"
    path.write_bytes(private_pem(key) + certificate.public_bytes(Encoding.PEM))
    return path
