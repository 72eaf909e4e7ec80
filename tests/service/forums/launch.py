"""Starts real forum software on loopback for tests: `start("machina", tmp_path)`, `start("spirit", tmp_path)`."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.running import DIES_WITH_US

_LOGIN = {"machina": "/login/", "spirit": "/user/login/"}
_REPLY = {"machina": "{url}post/create/", "spirit": "/comment/{id}/publish/"}
_WORDS = {"machina": "content", "spirit": "comment"}
_LOGGED_IN = {"machina": 'a[href="/logout/"], a[href="/member/subscriptions/"]', "spirit": 'a[href*="/user/logout/"]'}


@dataclass(frozen=True, slots=True)
class Forum:
    """A running forum.

    url: its index. expected: {members, password, threads: [{id, url, title, board, board_id, private, posts}]}; a post
    is {id, author, time, edited, text, quotes}. login_url and logged_in: what an Account of the source needs.
    """

    name: str
    url: str
    expected: dict[str, Any] = field(repr=False)
    process: "subprocess.Popen[str]" = field(repr=False)

    @property
    def login_url(self) -> str:
        """Where members log in."""
        return self.url.rstrip("/") + _LOGIN[self.name]

    @property
    def logged_in(self) -> str:
        """A selector that matches only on pages served to a member."""
        return _LOGGED_IN[self.name]

    @property
    def member(self) -> str:
        """A member who sees everything."""
        return str(self.expected["members"][0])

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(timeout=20)

    @contextmanager
    def client(self, logged_in: bool = False) -> Iterator[httpx.Client]:
        """An HTTP client for the forum, as a guest or as the member."""
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=30, trust_env=False) as client:
            if logged_in:
                self._log_in(client)
            yield client

    def reply(self, thread: dict[str, Any], text: str) -> None:
        """Write in a thread, one of `expected`, as the member would."""
        with self.client(logged_in=True) as client:
            words = {"subject": thread["title"], _WORDS[self.name]: text}
            answer = _fill_in(client, _REPLY[self.name].format(**thread), words)
        assert text in answer.text

    def _log_in(self, client: httpx.Client) -> None:
        _fill_in(client, self.login_url, {"username": self.member, "password": self.expected["password"]})


def _fill_in(client: httpx.Client, url: str, values: dict[str, str]) -> httpx.Response:
    """Send a form of the forum; gives the page that it leads to."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(url).text)
    assert token is not None
    referer = str(client.base_url.join(url))
    values = values | {"csrfmiddlewaretoken": token[1]}
    return client.post(url, data=values, headers={"Referer": referer}).raise_for_status()


def start(name: str, folder: Path) -> Forum:
    """Make the forum in the folder (5 to 10 s; kept folders start at once) and serve it on a free port."""
    folder.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).with_name("site.py")
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*DIES_WITH_US, sys.executable, str(script), name, str(folder)],
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("{"):
        process.kill()
        log_text = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{name} did not start:\n{log_text[-2000:]}")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Forum(name, f"http://127.0.0.1:{json.loads(line)['port']}/", expected, process)
