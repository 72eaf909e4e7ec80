"""The guard lets out only what the mandate names, however the address is spelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.errors import MandateRefused
from crawler.guard import check_request, in_scope, origin_of, plain_path
from crawler.mandate import Purpose
from tests.fakes.crawl import mandate

NOW = datetime.now(UTC)
HERE = "http://forum.example"
MANDATE = mandate(HERE, paths=["/board", "/viewtopic.php"], exclude=["/board/private"], login_path="/login")


def passes(url: str, method: str = "GET", purpose: Purpose = Purpose.PAGE, **changes: Any) -> bool:
    try:
        check_request(changes.get("mandate", MANDATE), "forum", url, method, purpose, changes.get("now", NOW))
    except MandateRefused:
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        f"{HERE}/board",
        f"{HERE}/board/7?page=2",
        f"{HERE}:80/board/",
        "http://FORUM.example/viewtopic.php?t=1#p2",
        f"{HERE}./board",
        f"{HERE}/x/../board/1",
        f"{HERE}/board/7;page=2",
    ],
)
def test_what_is_in_scope_goes_out(url: str) -> None:
    assert passes(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{HERE}/",
        f"{HERE}/boards",
        f"{HERE}/board-2",
        f"{HERE}/board/private",
        f"{HERE}/board/private/x",
        f"{HERE}/board/%70rivate",
        f"{HERE}/board/%2570rivate",
        f"{HERE}/board/../admin",
        f"{HERE}/board/%2e%2e/admin",
        f"{HERE}/board/..%2fadmin",
        f"{HERE}/board/..%5cadmin",
        f"{HERE}//board/private",
        f"{HERE}/board//private",
        f"{HERE}/board/./private",
        f"{HERE}/board/x/..//private",
        f"{HERE}/board/..;/admin",
        f"{HERE}/board/..;x=1/admin",
        f"{HERE}/board/%2e%2e%3b/admin",
        f"{HERE}/board/private;x=1",
        f"{HERE}/board/private;x=1/7",
        f"{HERE}/board;x=1/7",
        "https://forum.example/board",
        "http://forum.example:8080/board",
        "http://forum.example.evil.example/board",
        "http://evil.example/board",
        "http://forum.example@evil.example/board",
        "http://evil.example@forum.example/board",
        "http://evil.example\\@forum.example/board",
        "http://127.0.0.1/board",
        "http://forum.example:99999/board",
        "http://[::1/board",
        "file:///board",
        "//forum.example/board",
        "forum.example/board",
        "http:///board",
        f"{HERE}/board\r\nX: y",
        "",
    ],
)
def test_what_is_not_in_scope_stays(url: str) -> None:
    assert not passes(url)


def test_only_the_login_form_may_be_sent() -> None:
    assert passes(f"{HERE}/login", "POST", Purpose.LOGIN)
    assert not passes(f"{HERE}/login", "POST")
    assert not passes(f"{HERE}/login/x", "POST", Purpose.LOGIN)
    assert not passes(f"{HERE}/board", "POST", Purpose.LOGIN)
    assert not passes(f"{HERE}/", "POST", Purpose.LOGIN, mandate=mandate(HERE, paths=["/"]))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "get"])
def test_no_other_method_goes_out(method: str) -> None:
    assert not passes(f"{HERE}/board", method)


def test_the_login_page_is_no_page_of_the_forum() -> None:
    assert passes(f"{HERE}/login?next=/board", purpose=Purpose.LOGIN)
    assert passes(f"{HERE}/login?next=/board", purpose=Purpose.REDIRECT)
    assert not passes(f"{HERE}/login")


def test_robots_txt_is_asked_for_at_its_place_only() -> None:
    assert passes(f"{HERE}/robots.txt", purpose=Purpose.ROBOTS)
    assert not passes(f"{HERE}/board", purpose=Purpose.ROBOTS)
    assert not passes(f"{HERE}/robots.txt")
    assert not passes("http://evil.example/robots.txt", purpose=Purpose.ROBOTS)


def test_an_empty_scope_is_nothing() -> None:
    empty = mandate(HERE, paths=[])
    assert not passes(f"{HERE}/", mandate=empty)
    assert passes(f"{HERE}/", mandate=mandate(HERE, paths=["/"]))


def test_time_is_asked_for_every_request() -> None:
    assert not passes(f"{HERE}/board", now=MANDATE.review_by)
    assert not passes(f"{HERE}/board", now=MANDATE.valid_from - timedelta(seconds=1))


PIECES = st.lists(
    st.sampled_from(
        [
            "board",
            "private",
            "admin",
            "..",
            ".",
            "",
            "%2e%2e",
            "%2E.",
            "%252e%252e",
            "%2f",
            "%5c",
            "a b",
            "..;",
            "private;a",
        ]
    ),
    max_size=8,
).map(lambda parts: "/" + "/".join(parts).replace(" ", "%20"))


@given(PIECES)
@example("/board/%2e%2e/%2e%2e/admin")
def test_however_it_is_written_a_path_in_scope_stays_in_scope_when_resolved(path: str) -> None:
    if not passes(HERE + path):
        return
    resolved = plain_path(HERE + path)
    assert in_scope(MANDATE.scope("forum"), resolved)
    assert ".." not in resolved.split("/")
    bare = plain_path(HERE + resolved.replace("..;", "..").replace(";a", ""))
    assert bare.startswith(("/board", "/viewtopic.php"))
    assert not bare.startswith("/board/private")
    assert plain_path(HERE + resolved.replace("%", "%25").replace(" ", "%20")) == resolved


@given(st.text(max_size=60))
def test_no_text_reaches_another_host(tail: str) -> None:
    for url in (HERE + tail, "http://" + tail, tail):
        try:
            origin = origin_of(url)
        except MandateRefused:
            continue
        if passes(url):
            assert origin == ("http", "forum.example", 80)
