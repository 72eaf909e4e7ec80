"""Every answer of Tor's SOCKS port has its sentence and its rule: again at once, with the next crawl, by a person."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp_socks import ProxyConnector, ProxyError

from crawler.errors import CrawlerError, Misconfigured, Unavailable
from crawler.socks import REPLIES, failure
from tests.fakes.crawl import Memory
from tests.fakes.crawling import forum
from tests.fakes.onion import ONION, URL, run_onion
from tests.fakes.raw_server import port_of, serving
from tests.fakes.socks import socks

AT_ONCE = {
    0x06: "too long to answer",
    0xF2: "be introduced",
    0xF3: "couldn't meet",
    0xF7: "introduction to the service timed out",
}
LATER = {
    0x01: "own server is down",
    0x03: "no network",
    0x04: "no such host",
    0x05: "refuses this port",
    0x09: "reply 0x09",
    0xF0: "down or gone",
    0xF1: "descriptor is invalid",
    0xFF: "reply 0xff",
}
BY_A_PERSON = {
    0x02: "correct torrc",
    0x07: "correct socks_url",
    0x08: "correct socks_url",
    0xF4: "add it to torrc",
    0xF5: "correct it in torrc",
    0xF6: "correct it in the mandate",
}
ALL = AT_ONCE | LATER | BY_A_PERSON
BOARD_URL = URL + "viewforum.php?f=1"


def url_of(port: int) -> str:
    return f"socks5h://127.0.0.1:{port}"


@pytest.mark.parametrize("code", ALL)
def test_an_answer_is_tried_again_as_its_rule_says_and_said_in_a_sentence(tmp_path: Path, code: int) -> None:
    memory = Memory()
    with socks(1, code) as proxy, pytest.raises(CrawlerError) as ended:
        run_onion(memory, tmp_path, url_of(proxy.port))
    assert ALL[code] in str(ended.value)
    assert len(proxy.asked) == (2 if code in AT_ONCE else 1)
    assert isinstance(ended.value, Misconfigured if code in BY_A_PERSON else Unavailable)
    assert ("tried again later" in str(ended.value)) == (code not in BY_A_PERSON)
    assert [(fetched.url, fetched.outcome) for fetched in memory.fetches] == [(URL + "robots.txt", "failed")]
    assert ALL[code] in memory.fetches[0].reason


@pytest.mark.parametrize("code", [0xF3, 0xF0, 0xF6])
def test_in_the_middle_of_a_crawl_no_page_is_to_blame_and_the_next_crawl_goes_on(tmp_path: Path, code: int) -> None:
    memory = Memory()
    with serving(forum) as served:
        with socks(port_of(served.url), 0, 0, code) as proxy, pytest.raises(CrawlerError, match=ALL[code]):
            run_onion(memory, tmp_path, url_of(proxy.port))
        assert served.asked == ["GET /robots.txt", "GET /"]
        assert [page.url for page in memory.due("forum", 9)] == [BOARD_URL]
        assert (memory.fetches[-1].url, memory.fetches[-1].outcome) == (BOARD_URL, "failed")
        with socks(port_of(served.url)) as proxy:
            assert run_onion(memory, tmp_path, url_of(proxy.port)).posts == 1
    assert memory.due("forum", 9) == []


@pytest.mark.parametrize("code", AT_ONCE)
def test_what_is_tried_again_at_once_may_succeed(tmp_path: Path, code: int) -> None:
    with serving(forum) as served, socks(port_of(served.url), code, 0) as proxy:
        assert run_onion(Memory(), tmp_path, url_of(proxy.port)).posts == 1
    assert len(proxy.asked) == 5


def test_the_library_still_tells_every_code_in_the_way_it_is_read() -> None:
    async def answered(code: int) -> CrawlerError:
        with socks(1, code) as proxy:
            async with aiohttp.ClientSession(connector=ProxyConnector("127.0.0.1", proxy.port, rdns=True)) as session:
                with pytest.raises(ProxyError) as told:
                    await session.get(f"http://{ONION}/")
        return failure(told.value)

    for code in range(1, 256):
        words = REPLIES[code].words if code in REPLIES else f"SOCKS reply {code:#04x}"
        assert words[1:] in str(asyncio.run(answered(code)))
