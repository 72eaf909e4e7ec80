"""Whole crawls of real forum software: everything is collected once, and then only what changed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.post import Account, Source
from crawler.run import Outcome, run_crawl
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.relay import Relay, relay
from tests.service.forums.launch import Forum, start
from tests.service.servers.tor import TorNetwork


@pytest.fixture(scope="module", params=["machina", "spirit"])
def forum(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    started = start(request.param, tmp_path_factory.mktemp(request.param))
    yield started
    started.stop()


@dataclass(frozen=True, slots=True)
class Way:
    """How the crawler comes to a local server. origin: of the server on a port of this machine."""

    route: str
    origin: Callable[[int], str]
    socks_url: str = ""


@pytest.fixture(params=["direct", "tor"])
def way(request: pytest.FixtureRequest) -> Way:
    if request.param == "direct":
        return Way("direct", "http://127.0.0.1:{}".format)
    tor: TorNetwork = request.getfixturevalue("tor")
    return Way("tor", lambda port: f"http://{tor.onion(port)}", tor.url)


def crawl(forum: Forum, seen: Relay, way: Way, memory: Memory, home: Path) -> Outcome:
    """One crawl as the member, through the relay."""
    origin = way.origin(seen.port)
    login_path = urlsplit(forum.login_url).path
    (home / "password").write_text(forum.expected["password"])
    account = Account(forum.member, "password", origin + login_path, forum.logged_in)
    source = Source("forum", "Forum", origin + "/", "M-1", account=account)
    direct = way.route == "direct"
    covered = mandate(origin, login_path=login_path, account=forum.member, route=way.route, private_network=direct)
    crawling = run_crawl(
        source,
        book=Book(covered),
        state=memory,
        sink=memory,
        watcher=memory,
        home=home,
        now=now,
        socks_url=way.socks_url,
    )
    return asyncio.run(crawling)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_a_crawl_collects_every_post_once_and_the_next_only_looks_at_the_lists(
    forum: Forum, way: Way, tmp_path: Path
) -> None:
    memory = Memory()
    with relay(urlsplit(forum.url).port or 0) as seen:
        outcome = crawl(forum, seen, way, memory, tmp_path)
        first = list(seen.requests)
        seen.requests.clear()
        again = crawl(forum, seen, way, memory, tmp_path)
        second = list(seen.requests)
    written = {post["id"]: post for thread in forum.expected["threads"] for post in thread["posts"]}
    found = {post.post_id: post for post in memory.posts.values()}
    assert (outcome.stopped, outcome.failed, outcome.media_bytes) == ("", 0, 0)
    assert set(found) == set(written)
    assert len(memory.posts) == len(written) == 62
    for number, post in found.items():
        assert post.author == written[number]["author"]
        assert post.published_at == datetime.fromisoformat(written[number]["time"]).replace(second=0)
        assert squeezed(post.text) == squeezed(written[number]["text"])
        assert [squeezed(quote.text) for quote in post.quotes] == [
            squeezed(q["text"]) for q in written[number]["quotes"]
        ]
    assert {line for line, times in Counter(first).items() if times > 1} <= {"GET /"}, "machina leads there after login"
    lists = {page.url for page, _ in memory.pages.values() if page.kind != "thread" and "page=" not in page.url}
    paths = {urlsplit(url).path or "/" for url in lists}
    asked = Counter(line.split(" ", 1)[1] for line in second)
    login = {urlsplit(forum.login_url).path, "/user/"}  # where spirit leads after it
    extra = set(asked) - paths - {"/robots.txt"} - login
    assert not extra
    assert all(asked[path] == 1 for path in paths - {"/"})
    assert again.new_posts == 0
