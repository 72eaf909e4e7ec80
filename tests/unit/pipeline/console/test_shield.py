"""What is checked before any route, and what every answer carries."""

from typing import Any

import pytest

from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.console.shield import POLICY
from pipeline.errors import Misconfigured
from tests.browser.seeding import PASSWORD, URL, World
from tests.unit.pipeline.console.conftest import Browse


def test_every_answer_carries_the_policy(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browse("ines")
    answers = [browser.get(path) for path in ("/queue", "/nowhere", "/login", "/static/console.css", "/api/v1/sources")]
    answers.append(browser.client.get("/queue", headers={"host": "evil.example"}))
    monkeypatch.setattr("pipeline.desk.reading.queue", lambda *_: 1 / 0)
    answers.append(browser.get("/queue"))
    assert [a.status_code for a in answers] == [200, 404, 200, 200, 200, 421, 500]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in POLICY} == POLICY


def test_a_crash_shows_no_cause(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browse("ines")

    def crash(*_: Any) -> None:
        raise ValueError("secret words of a post")

    monkeypatch.setattr("pipeline.desk.reading.queue", crash)
    for path in ("/queue", "/api/v1/alerts"):
        monkeypatch.setattr("pipeline.desk.reading.list_alerts", crash)
        answer = browser.get(path)
        assert answer.status_code == 500
        assert "secret words" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "evil.example:8700"])
def test_a_foreign_host_name_gets_nothing(browse: Browse, host: str) -> None:
    client = browse().client
    assert client.get("/login", headers={"host": host}).status_code == 421
    assert client.get("/login", headers={"host": "localhost:1234"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_change_from_another_site_is_refused_with_the_right_token(browse: Browse, headers: dict[str, str]) -> None:
    browser = browse("ines")
    form = {"csrf": browser.csrf}
    assert browser.client.post("/next", data=form, headers=headers).status_code == 403
    own = {"sec-fetch-site": "same-origin", "origin": "null"}
    assert browser.client.post("/next", data=form, headers=own, follow_redirects=False).status_code == 303
    own = {"origin": URL}
    assert browser.client.post("/next", data=form, headers=own, follow_redirects=False).status_code == 303


def test_a_request_too_large_is_refused_before_it_is_read(browse: Browse) -> None:
    client = browse().client
    assert client.post("/login", data={"user": "x" * 70_000}).status_code == 413
    assert client.post("/login", content=iter([b"user=x"])).status_code == 413
    assert client.post("/login", data={"user": "x" * 50}).status_code == 403


def test_the_session_cookie_is_out_of_reach(world: World, browse: Browse) -> None:
    answer = browse().post("/login", follow=False, user="ines", **{"pass": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("nightlight=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_over_tls_the_cookie_is_tied_to_the_host(world: World) -> None:
    from fastapi.testclient import TestClient

    options = ConsoleOptions("https://desk.example", ("desk.example",), secure_cookies=True)
    client = TestClient(create_app(world.record, world.index, options, world.clock), base_url="https://desk.example")
    answer = client.post("/login", data={"user": "ines", "pass": PASSWORD}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-nightlight=")
    assert "secure" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    assert "strict-transport-security" in answer.headers
    assert client.get("/queue").status_code == 200


def test_without_tls_the_console_answers_on_this_machine_only() -> None:
    with pytest.raises(Misconfigured, match="TLS"):
        ConsoleOptions("http://desk.example", ("desk.example",))
    for address in ("0.0.0.0", "::", "203.0.113.9", "desk.example"):
        with pytest.raises(Misconfigured, match="TLS"):
            ConsoleOptions("http://localhost:1", listens_on=address)
        ConsoleOptions("https://desk.example", listens_on=address, secure_cookies=True)
    ConsoleOptions("http://localhost:1", ("localhost", "127.0.0.1", "::1"), listens_on="::1")
