"""One page has one address, and two pages never share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.links import canonical

HERE = "http://forum.example"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("/viewtopic.php?t=1&sid=0123&start=0#p2", "/viewtopic.php?t=1"),
        ("/viewtopic.php?t=1&view=unread&st=0&sk=t&sd=a", "/viewtopic.php?t=1"),
        ("/viewtopic.php?t=1;start=20", "/viewtopic.php?t=1&start=20"),
        ("/topic/5;jsessionid=1F?page=1", "/topic/5"),
        ("/showthread.php?s=0123456789abcdef0123456789abcdef&t=5", "/showthread.php?t=5"),
        (":80/topic/%d1%8f", "/topic/%D1%8F"),
        ("/showthread.php?12-Chain-lube/page1&s=0123456789abcdef0123456789abcdef", "/showthread.php?12-Chain-lube"),
        ("/showthread.php?12-Chain-lube&p=113&viewfull=1#post113", "/showthread.php?12-Chain-lube&p=113"),
        ("/showthread.php?tid=12&action=lastpost", "/showthread.php?tid=12"),
        ("/thread-12-page-1.html", "/thread-12.html"),
        ("/threads/chain-lube.12/page-1", "/threads/chain-lube.12"),
        ("/printthread.php?t=12", "/showthread.php?t=12"),
        ("/board/archive/index.php/t-12-p-2.html", "/board/showthread.php?t=12"),
        ("/archive/index.php?thread-12.html", "/showthread.php?tid=12"),
        ("/archive/index.php?forum-3-2.html", "/forumdisplay.php?fid=3"),
        ("/index.php?PHPSESSID=0a1b&topic=12.0;topicseen", "/index.php?topic=12.0"),
        ("/index.php?action=printpage;topic=12.0", "/index.php?topic=12.0"),
    ],
)
def test_what_does_not_name_the_page_is_left_out(written: str, plain: str) -> None:
    assert canonical(HERE + written) == HERE + plain


@pytest.mark.parametrize(
    "url",
    [
        "/index.php?showtopic=5&st=20",
        "/?view=thread&id=5",
        "/?view=member&id=5",
        "/thread?s=3",
        "/list?page=2",
        "/find?tag=%F4%EE%F0%F3%EC",
        "/showthread.php?12-Chain-lube/page2",
        "/showthread.php?12-Chain-lube/page11",
        "/index.php?topic=12.0&prev_next=next",
        "/index.php?action=profile&u=2",
        "/thread-12-page-10.html",
    ],
)
def test_what_names_the_page_stays(url: str) -> None:
    assert canonical(HERE + url) == HERE + url


_PIECES = [
    "/page1",
    "/page-1",
    "-page-1",
    ".html",
    "/",
    "?",
    "&",
    ";",
    "=",
    "a",
    "sid",
    "t-1",
    "/archive/index.php",
    "%2f",
]


@given(st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_any_address_has_one_spelling(tail: str) -> None:
    once = canonical(f"{HERE}/{tail}")
    assert canonical(once) == once


def test_page_1_of_a_discourse_list_is_the_second_and_stays() -> None:
    assert canonical("http://forum.test/c/workshop/3?page=0") == "http://forum.test/c/workshop/3"
    assert canonical("http://forum.test/c/workshop/3?page=1") == "http://forum.test/c/workshop/3?page=1"
    assert canonical("http://forum.test/t/chain/3?page=1") == "http://forum.test/t/chain/3"
