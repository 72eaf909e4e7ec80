"""The seeded world and browsers without a screen for these tests."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from tests.browser.fixtures import people, seeded, world
from tests.browser.seeding import PASSWORD, URL, World

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


@pytest.fixture
def browse(world: World) -> Browse:
    """`browse("ines")` is a browser in which ines is signed in; `browse()` one in which nobody is."""
    app = create_app(world.record, world.index, ConsoleOptions(URL, officers=world.officers), world.clock)

    def start(name: str = "") -> Browser:
        browser = Browser(TestClient(app, base_url=URL, raise_server_exceptions=False))
        if name:
            answer = browser.post("/login", follow=False, user=name, **{"pass": PASSWORD})
            assert answer.status_code == 303
            browser.get("/")
        return browser

    return start
