"""Crawls over a real Tor network: what sources share, what its failures mean, and what happens when it goes away."""

import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.errors import Misconfigured, Unavailable
from crawler.ports import Capture
from crawler.run import Outcome
from tests.fakes.crawl import Memory
from tests.fakes.crawling import forum
from tests.fakes.onion import URL, onion_name, run_onion
from tests.fakes.raw_server import Answer, port_of, serving
from tests.fakes.tor_control import Stream, streams
from tests.service.servers.server import free_port
from tests.service.servers.tor import TorNetwork


def meeting(barrier: threading.Barrier) -> Answer:
    """A forum that gives its index only while the other one is asked for its own."""

    async def answer(path: str) -> AsyncIterator[bytes]:
        if path == "/":
            barrier.wait(60)
        async for chunk in forum(path):
            yield chunk

    return answer


def identities(seen: list[Stream]) -> dict[tuple[str, str], set[str]]:
    """(SOCKS user, password) → the circuits that carried its streams."""
    circuits = defaultdict(set)
    for stream in seen:
        circuits[stream.user, stream.password].add(stream.circuit)
    return dict(circuits)


def test_two_sources_at_once_share_no_circuit_and_each_crawl_keeps_one(tor: TorNetwork, tmp_path: Path) -> None:
    barrier = threading.Barrier(2)

    def crawl(source_id: str, host: str) -> Outcome:
        (tmp_path / source_id).mkdir()
        return run_onion(Memory(), tmp_path / source_id, tor.url, url=f"http://{host}/", source_id=source_id)

    with serving(meeting(barrier)) as one, serving(meeting(barrier)) as other, ThreadPoolExecutor(2) as pool:
        hosts = {"left": tor.onion(port_of(one.url)), "right": tor.onion(port_of(other.url))}
        with streams(tor.control_port, tor.cookie) as seen:
            outcomes = list(pool.map(crawl, hosts.keys(), hosts.values()))
    assert [outcome.posts for outcome in outcomes] == [1, 1]
    assert {(stream.user, stream.target) for stream in seen} == {(user, f"{host}:80") for user, host in hosts.items()}
    assert len(seen) == 8
    left, right = identities(seen).values()
    assert (len(left), len(right)) == (1, 1)
    assert left != right


def test_the_next_crawl_of_a_source_has_another_circuit(tor: TorNetwork, tmp_path: Path) -> None:
    with serving(forum) as served:
        url = f"http://{tor.onion(port_of(served.url))}/"
        with streams(tor.control_port, tor.cookie) as seen:
            for _ in range(2):
                assert run_onion(Memory(), tmp_path, tor.url, url=url).posts == 1
    first, second = identities(seen)
    assert first[0] == second[0] == "forum"
    assert first[1] != second[1]
    circuits = list(identities(seen).values())
    assert not circuits[0] & circuits[1]


def test_an_address_that_nobody_serves_is_tried_again_later(tor: TorNetwork, tmp_path: Path) -> None:
    nobody = onion_name(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(Unavailable, match=r"no such service.*tried again later"):
        run_onion(Memory(), tmp_path, tor.url, url=f"http://{nobody}/")


def test_an_address_whose_checksum_holds_but_whose_key_is_none_needs_a_person(tor: TorNetwork, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="correct it in the mandate"):
        run_onion(Memory(), tmp_path, tor.url, url=URL)


def test_a_port_that_the_service_does_not_have_is_said_to_be_refused(tor: TorNetwork, tmp_path: Path) -> None:
    with serving(forum) as served:
        host = tor.onion(port_of(served.url))
        with pytest.raises(Unavailable, match=r"refuses this port.*tried again later"):
            run_onion(Memory(), tmp_path, tor.url, url=f"http://{host}:81/")
        assert served.heads == []


def test_a_service_whose_server_is_down_is_tried_again_later(tor: TorNetwork, tmp_path: Path) -> None:
    host = tor.onion(free_port())
    with pytest.raises(Unavailable, match=r"own server is down.*tried again later"):
        run_onion(Memory(), tmp_path, tor.url, url=f"http://{host}/")


def test_a_crawl_that_lost_tor_blames_no_page_and_the_next_one_goes_on(tor: TorNetwork, tmp_path: Path) -> None:
    class Killing(Memory):
        """Tor goes away with the first page."""

        def accept(self, capture: Capture) -> int:
            new = super().accept(capture)
            if len(self.captures) == 1:
                tor.kill()
            return new

    memory = Killing()
    with serving(forum) as served:
        url = f"http://{tor.onion(port_of(served.url))}/"
        try:
            with pytest.raises(Unavailable, match="SOCKS port doesn't answer; start Tor"):
                run_onion(memory, tmp_path, tor.url, url=url)
            assert served.asked == ["GET /robots.txt", "GET /"]
            assert [due.url for due in memory.due("forum", 9)] == [url + "viewforum.php?f=1"]
        finally:
            tor.start()
        assert run_onion(memory, tmp_path, tor.url, url=url).posts == 1
    assert memory.due("forum", 9) == []
