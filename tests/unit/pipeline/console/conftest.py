"""The seeded world and browsers without a screen for these tests."""

import hashlib
import re
import secrets
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.domain.accounts import Session
from tests.browser.fixtures import people, seeded, world
from tests.browser.seeding import URL, World

__all__ = ["people", "seeded", "world"]

Browse = Callable[..., "Browser"]


class Browser:
    """A client that keeps cookies and sends the token of the page it last saw."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.csrf = ""

    def get(self, path: str) -> Response:
        """Open a page."""
        answer = self.client.get(path)
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer

    def post(self, path: str, follow: bool = True, **fields: str) -> Response:
        """Send a form."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=follow)

    def json(self, method: str, path: str, body: object = None) -> Response:
        """Call the API."""
        return self.client.request(method, f"/api/v1{path}", json=body, headers={"x-csrf-token": self.csrf})


def _session(world: World, name: str) -> str:
    """The cookie of a session as signing in makes it, without the time a password costs."""
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    with world.record.write() as tx:
        tx.save_session(Session(hashed, name, secrets.token_urlsafe(24), world.clock.now(), world.clock.now()))
    return token


@pytest.fixture
def browse(world: World) -> Browse:
    """`browse("ines")` is a browser in which ines is signed in; `browse()` one in which nobody is."""
    app = create_app(world.record, world.index, ConsoleOptions(URL, officers=world.officers), world.clock)

    def start(name: str = "") -> Browser:
        browser = Browser(TestClient(app, base_url=URL, raise_server_exceptions=False))
        if name:
            browser.client.cookies.set("nightlight", _session(world, name), domain="127.0.0.1", path="/")
            assert browser.get("/").status_code == 200
        return browser

    return start
