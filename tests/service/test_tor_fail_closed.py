"""Without Tor no onion source is asked for anything, by no other way, and one sentence says what to do."""

import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from crawler.errors import CrawlerError, Misconfigured, Refused, Unavailable
from crawler.keys import new_private_key, public_pem
from crawler.mandate import sign, to_json
from crawler.post import Source
from pipeline.cli.main import run_command
from pipeline.compose import compose
from pipeline.desk.mandates import record_mandate
from pipeline.desk.sources import add_source
from pipeline.domain.accounts import operator
from pipeline.home import init_home
from pipeline.settings import FILE
from tests.fakes.crawl import Memory, document, now
from tests.fakes.crawling import INDEX
from tests.fakes.onion import ONION, URL, run_onion
from tests.fakes.raw_server import page, port_of, serving
from tests.fakes.socks import socks

Talk = Callable[[socket.socket], None]


async def forum(path: str) -> AsyncIterator[bytes]:
    yield page(INDEX if path == "/" else b"", "text/html")


def url_of(port: int) -> str:
    return f"socks5h://127.0.0.1:{port}"


@contextmanager
def answering(talk: Talk) -> Iterator[int]:
    """A port where each connection is treated so, then closed."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                with suppress(OSError), near:
                    talk(near)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def a_web_server(near: socket.socket) -> None:
    near.recv(100)
    near.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def noise(near: socket.socket) -> None:
    near.recv(100)
    near.sendall(b"\xf0" * 100)


def half_an_answer(near: socket.socket) -> None:
    near.recv(100)
    near.sendall(b"\x05")


def hanging_up(near: socket.socket) -> None:
    near.recv(100)


def resetting(near: socket.socket) -> None:
    near.recv(100)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wanting_other_credentials(near: socket.socket) -> None:
    near.recv(100)
    near.sendall(b"\x05\xff")


def refusing_the_password(near: socket.socket) -> None:
    near.recv(100)
    near.sendall(b"\x05\x02")
    near.recv(100)
    near.sendall(b"\x01\x01")


def silent(near: socket.socket) -> None:
    while near.recv(100):
        pass


NOT_TOR, HANGS_UP = (Misconfigured, "isn't Tor's SOCKS port"), (Unavailable, "hangs up")
BROKEN: dict[Talk, tuple[type[CrawlerError], str]] = {
    a_web_server: NOT_TOR,
    noise: NOT_TOR,
    wanting_other_credentials: NOT_TOR,
    refusing_the_password: NOT_TOR,
    half_an_answer: HANGS_UP,
    hanging_up: HANGS_UP,
    resetting: (Unavailable, "didn't answer properly"),
    silent: (Unavailable, "no complete answer"),
}


@pytest.mark.parametrize("talk", BROKEN)
def test_a_socks_port_that_is_none_ends_the_crawl_with_a_sentence(tmp_path: Path, talk: Talk) -> None:
    error, words = BROKEN[talk]
    with answering(talk) as port, pytest.raises(error, match=words):
        run_onion(Memory(), tmp_path, url_of(port), deadline_s=1.0)


def test_a_closed_port_is_tried_once_and_the_crawl_goes_on_when_tor_is_back(tmp_path: Path) -> None:
    memory = Memory()
    with serving(forum) as served:
        with socks(port_of(served.url)) as proxy:
            url = url_of(proxy.port)
        with pytest.raises(Unavailable, match=r"SOCKS port doesn't answer; start Tor .*tried again later"):
            run_onion(memory, tmp_path, url)
        assert served.heads == []
        assert [fetched.outcome for fetched in memory.fetches] == ["failed"]
        with socks(port_of(served.url)) as proxy:
            assert run_onion(memory, tmp_path, url_of(proxy.port)).pages == 2
        assert served.asked[:2] == ["GET /robots.txt", "GET /"]


@pytest.mark.parametrize("url", ["", "socks4://127.0.0.1:9050", "http://127.0.0.1:9050", "127.0.0.1:9050"])
def test_without_a_socks_url_or_with_a_wrong_one_nothing_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="socks_url"):
        run_onion(Memory(), tmp_path, url)


def mistyped() -> Iterator[str]:
    right = ONION
    yield right[:20] + ("b" if right[20] != "b" else "c") + right[21:]
    yield right[1:]
    yield "a" + right
    yield right[:54] + "b" + right[55:]  # it ends in the version
    yield "expyuzz4wqqyqhjn.onion"  # version 2, which Tor no longer serves
    yield "onion"


@pytest.mark.parametrize("host", list(mistyped()))
def test_a_mistyped_address_opens_not_even_a_connection_to_tor(tmp_path: Path, host: str) -> None:
    with serving(forum) as served, socks(port_of(served.url)) as proxy:
        with pytest.raises(Refused):
            run_onion(Memory(), tmp_path, url_of(proxy.port), url=f"http://{host}/")
        assert (proxy.connections, served.heads) == (0, [])
        run_onion(Memory(), tmp_path, url_of(proxy.port), url=f"http://{ONION}/")
        assert proxy.connections > 0, "the probe sees connections when the address holds"


def home_with_an_onion_source(home: Path) -> Path:
    """A home whose mandate covers the onion source "forum"; socks_url isn't set."""
    init_home(home)
    key = new_private_key()
    (home / "keys/officer.pub").write_bytes(public_pem(key.public_key()))
    (home / FILE).write_text('[officers.k1]\nname = "Officer Two"\npublic_key_file = "keys/officer.pub"\n')
    app = compose(home)
    try:
        signed = sign(document(URL.rstrip("/"), route="tor", private_network=False), key, "k1")
        record_mandate(app.record, operator("test"), to_json(signed), app.officers, now())
        add_source(app.record, operator("test"), Source("forum", "Forum", URL, "M-1"), now())
    finally:
        app.close()
    return home


def test_the_command_says_it_in_one_sentence_and_crawls_once_tor_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = home_with_an_onion_source(tmp_path / "home")

    def crawled(socks_url: str) -> tuple[int, str]:
        monkeypatch.setenv("NIGHTLIGHT_SOCKS_URL", socks_url)
        capfd.readouterr()
        code = run_command(["--home", str(home), "crawl", "forum"])
        said = capfd.readouterr().err
        assert ONION not in said
        return code, " ".join(line for line in said.splitlines() if not line.startswith("{"))

    with serving(forum) as served:
        code, said = crawled("")
        assert (code, served.heads) == (1, [])
        assert said.startswith("This source goes over Tor, but socks_url isn't set; set it")
        with socks(port_of(served.url)) as gone:
            url = url_of(gone.port)
        code, said = crawled(url)
        assert (code, served.heads) == (1, [])
        assert said.startswith("Source 'forum' can't be reached: Tor's SOCKS port doesn't answer; start Tor")
        with socks(port_of(served.url)) as proxy:
            code, said = crawled(url_of(proxy.port))
        assert served.asked[:2] == ["GET /robots.txt", "GET /"]
        assert code == 0
