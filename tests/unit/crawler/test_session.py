"""Logging in: the form as it came, filled in; never past a question for a person."""

import time
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from crawler.errors import Misconfigured, Refused, Unavailable
from crawler.post import Account
from crawler.session import filled_form, is_captcha, is_logged_in, read_password

URL = "http://forum.example/login?next=/"
ACCOUNT = Account("ann", "secret", URL, "a.logout")
PHPBB = """
<form id="search" action="/search"><input name="keywords"><input type="submit" name="go" value="Go"></form>
<form method="post" action="./ucp.php?mode=login#top">
 <input type="text" name="username"><input type="PASSWORD" name="password">
 <input type="checkbox" name="autologin"><input type="hidden" name="form_token" value="t&amp;1">
 <input type="submit" name="login" value="Login"><input type="submit" name="cancel" value="Cancel">
</form>
"""


def test_the_form_goes_back_with_its_hidden_fields_and_its_button() -> None:
    form = filled_form(PHPBB, URL, ACCOUNT, "pass word&")
    assert form.action == "http://forum.example/ucp.php?mode=login"
    assert dict(parse_qsl(form.body.decode())) == {
        "username": "ann",
        "password": "pass word&",
        "form_token": "t&1",
        "login": "Login",
    }


def test_a_form_without_an_action_goes_where_it_came_from() -> None:
    html = '<form method="post"><input name="u"><input type="password" name="p"></form>'
    assert filled_form(html, URL, ACCOUNT, "x").action == URL


@pytest.mark.parametrize(
    "more",
    ['<img src="/captcha.png"><input name="code">', '<input name="answer">', '<div class="h-captcha"></div><iframe>'],
)
def test_a_question_for_a_person_is_never_answered(more: str) -> None:
    html = f'<form><input name="u"><input type="password" name="p">{more}</form>'
    with pytest.raises(Refused, match="person"):
        filled_form(html, URL, ACCOUNT, "x")


def test_a_page_without_a_form_is_no_login_page() -> None:
    with pytest.raises(Unavailable, match="no login form"):
        filled_form("<p>soon</p>", URL, ACCOUNT, "x")


def test_a_login_page_that_would_hang_the_parser_is_refused() -> None:
    with pytest.raises(Refused, match="break readers"):
        filled_form("<div>" * 50_000 + PHPBB, URL, ACCOUNT, "x")
    assert not is_logged_in("<div>" * 50_000 + '<a class="logout">', "a.logout")


def test_a_member_is_known_by_the_marker() -> None:
    assert is_logged_in('<a class="logout">bye</a>', "a.logout")
    assert not is_logged_in("<a>hello guest</a>", "a.logout")
    with pytest.raises(Misconfigured, match="selector"):
        is_logged_in("<a>", "a[[")


@pytest.mark.parametrize(
    ("html", "asks"),
    [
        ('<div class="g-recaptcha" data-sitekey="k">', True),
        ("<form id=challenge-form action=/x>", True),
        ('<img src="/captcha.php?id=4">', True),
        ("<p>We talked about captcha and DDoS for an hour.</p>", False),
        ("", False),
    ],
)
def test_a_page_that_wants_a_person_is_recognised(html: str, asks: bool) -> None:
    assert is_captcha(html) is asks


@pytest.mark.parametrize("piece", ["id=", "id ", "id='", 'id="', "id=x ", "class=captcha"], ids=repr)
def test_two_megabytes_are_searched_in_no_time(piece: str) -> None:
    began = time.monotonic()
    assert is_captcha(piece * (2_000_000 // len(piece))) is ("captcha" in piece)
    assert not is_captcha(piece.removesuffix("captcha") + " " * 2_000_000)
    assert time.monotonic() - began < 2


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="missing or empty"):
        read_password(tmp_path, ACCOUNT)
    (tmp_path / "secret").write_text(" a b \n")
    assert read_password(tmp_path, ACCOUNT) == " a b "
