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
    ],
)
def test_what_names_the_page_stays(url: str) -> None:
    assert canonical(HERE + url) == HERE + url


@given(st.text(max_size=60))
def test_any_address_has_one_spelling(tail: str) -> None:
    once = canonical(f"{HERE}/{tail}")
    assert canonical(once) == once
