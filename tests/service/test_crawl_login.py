"""A declared account: one form is sent, once; whatever wants a person stops the crawl."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import MandateRefused, Misconfigured, Refused, Unavailable
from crawler.post import Account
from crawler.run import Outcome
from tests.fakes.crawl import Book, Memory, mandate
from tests.fakes.crawling import INDEX, THREAD, run
from tests.fakes.raw_server import Served, page, serving

FORM = (
    b'<form method="post" action="/login"><input name="username"><input type="password" name="password">'
    b'<input type="hidden" name="token" value="t1"></form>'
)
MEMBER = b'<a class="logout" href="/logout">Log out</a>'


def forum(
    login_page: bytes = FORM, after: bytes = INDEX + MEMBER, board: bytes = THREAD
) -> AbstractContextManager[Served]:
    """A forum whose index is public."""

    async def answer(path: str) -> AsyncIterator[bytes]:
        if path == "/login":
            yield page(login_page, "text/html", "200 OK", "Set-Cookie: session=s1; HttpOnly")
        elif path == "/robots.txt":
            yield page(b"", "text/plain")
        elif path == "/":
            yield page(after)
        else:
            yield page(board)

    return serving(answer)


def crawl(served: Served, memory: Memory, home: Path, password: str = "pw", **scope: Any) -> Outcome:
    (home / "secret").write_text(password)
    account = Account("ann", "secret", served.url + "/login", "a.logout")
    declared = {"login_path": "/login", "account": "ann"} | scope
    book = Book(mandate(served.url, **declared))
    return run(served.url + "/", memory, home, book=book, account=account)


def test_a_login_that_shows_no_member_stops_the_crawl_after_one_try(tmp_path: Path) -> None:
    with forum() as served, pytest.raises(Refused, match="needs a person"):
        crawl(served, Memory(), tmp_path)
    assert served.asked == ["GET /robots.txt", "GET /login", "POST /login"]


def test_the_form_carries_cookie_and_referer_and_nothing_else_does(tmp_path: Path) -> None:
    with forum(login_page=FORM + MEMBER) as served:
        outcome = crawl(served, Memory(), tmp_path)
    assert outcome.posts == 1
    [sent] = [head for head in served.heads if head.startswith("POST")]
    assert f"Referer: {served.url}/login\r\n" in sent
    assert "Cookie: session=s1\r\n" in sent
    others = [head for head in served.heads if head.startswith("GET")]
    assert not [head for head in others if "Referer" in head]
    assert all("Cookie: session=s1" in head for head in others[2:])


@pytest.mark.parametrize("more", [b'<img src="/captcha.png"><input name="code">', b'<iframe src="/c"></iframe>'])
def test_a_captcha_is_left_to_a_person(tmp_path: Path, more: bytes) -> None:
    with forum(login_page=FORM.replace(b"</form>", more + b"</form>")) as served:
        with pytest.raises(Refused, match="person"):
            crawl(served, Memory(), tmp_path)
        assert not [line for line in served.asked if line.startswith("POST")]


def test_a_form_that_leads_elsewhere_is_not_sent(tmp_path: Path) -> None:
    with forum() as other:
        away = FORM.replace(b'"/login"', f'"{other.url}/login"'.encode())
        with forum(login_page=away) as served, pytest.raises(MandateRefused):
            crawl(served, Memory(), tmp_path)
        assert other.heads == []


def test_an_account_the_mandate_does_not_name_is_not_used(tmp_path: Path) -> None:
    with forum() as served, pytest.raises(MandateRefused, match="account"):
        crawl(served, Memory(), tmp_path, account="bob")
    assert not [line for line in served.asked if "login" in line]


def test_a_missing_password_is_a_set_up_fault(tmp_path: Path) -> None:
    with forum() as served, pytest.raises(Misconfigured, match="password file"):
        crawl(served, Memory(), tmp_path, password="")


def test_a_page_that_still_wants_a_login_is_set_aside_and_no_second_login_follows(tmp_path: Path) -> None:
    memory = Memory()
    with forum(login_page=FORM + MEMBER, board=FORM) as served:
        outcome = crawl(served, memory, tmp_path)
    assert (outcome.pages, outcome.failed) == (1, 1)
    assert memory.fetches[-1].outcome == "login"
    assert served.asked.count("POST /login") == 1


@pytest.mark.parametrize("member", [True, False])
def test_a_session_that_ends_stops_the_crawl_and_leaves_the_rest_due(tmp_path: Path, member: bool) -> None:
    rows = b"".join(b'<a class="topictitle" href="./viewtopic.php?t=%d">Thread</a>' % number for number in range(9))

    async def forgetful(path: str) -> AsyncIterator[bytes]:
        if path == "/login":
            yield page(FORM + MEMBER)
        elif path.startswith("/viewforum"):
            yield page(b'<body id="phpbb" class="section-viewforum">' + rows)
        else:
            yield page({"/": INDEX, "/robots.txt": b""}.get(path, FORM))

    memory = Memory()
    with serving(forgetful) as served:
        outcome = crawl(served, memory, tmp_path) if member else run(served.url + "/", memory, tmp_path)
    assert ("session" in outcome.stopped, outcome.failed) == ((True, 3) if member else (False, 9))
    assert len(memory.due("forum", 99)) == (6 if member else 0), "a guest is shown what guests may see"


@pytest.mark.parametrize("status", ["503 Busy", "500 Broken"])
def test_a_source_in_trouble_is_no_login_that_failed(tmp_path: Path, status: str) -> None:
    asked: list[str] = []

    async def busy(path: str) -> AsyncIterator[bytes]:
        asked.append(path)
        if path == "/login" and asked.count(path) == 2:
            yield page(b"busy", "image/png", status)
        else:
            yield page(FORM if path == "/login" else b"")

    memory = Memory()
    with serving(busy) as served, pytest.raises(Unavailable, match="failed: the source answered 50"):
        crawl(served, memory, tmp_path)
    assert asked == ["/robots.txt", "/login", "/login"], "and it isn't sent again at once"
    assert [(fetched.outcome, fetched.requests) for fetched in memory.fetches[-2:]] == [("login", 1), ("failed", 0)]


@pytest.mark.parametrize("charset", ["idna", "no-such", "undefined", "punycode"])
def test_a_login_page_in_no_known_charset_is_read_all_the_same(tmp_path: Path, charset: str) -> None:
    async def odd(path: str) -> AsyncIterator[bytes]:
        if path == "/login":
            yield page(FORM + MEMBER, f"text/html; charset={charset}")
        else:
            yield page(INDEX if path == "/" else THREAD if "view" in path else b"")

    with serving(odd) as served:
        assert crawl(served, Memory(), tmp_path).posts == 1


def test_a_captcha_in_place_of_a_page_stops_the_crawl(tmp_path: Path) -> None:
    memory = Memory()
    with forum(board=b'<p>One moment</p><div class="g-recaptcha"></div>') as served:
        outcome = run(served.url + "/", memory, tmp_path)
    assert "captcha" in outcome.stopped
    assert outcome.pages == 1


def test_password_and_cookie_are_in_no_fetch_that_is_logged(tmp_path: Path) -> None:
    memory = Memory()
    with forum(login_page=FORM + MEMBER) as served:
        crawl(served, memory, tmp_path, password="a-very-secret-word")
    told = repr(memory.fetches) + repr(memory.captures)
    assert "/login" in told
    assert "a-very-secret-word" not in told
    assert "s1" not in repr(memory.fetches)
