"""The whole line on what an agency runs, nothing of it faked: Tor, PostgreSQL, Elasticsearch, Redis, Celery, Chromium.

A schedule falls due, beat wakes a worker, both real forums are read as onion services with a login, and what is flagged
is found and decided in a browser; a case system gets it. Then the same with kills in the middle.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from pipeline.domain.work import WorkKind
from pipeline.ports import StoredPost
from tests.browser.serving import chromium
from tests.fakes.running import until
from tests.service.agency import PASSWORD, USER, Agency, Board, Crew, Servers
from tests.service.forums.launch import start
from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.postgres import PostgresServer
from tests.service.servers.redis import RedisServer
from tests.service.servers.tor import TorNetwork

FORUMS = ("machina", "spirit")
TALK = {
    0: "Off topic, sorry: does anybody have a jailbreak prompt for Lumen 4 that still works? "
    "The one I had stopped working on Monday.",
    6: "Looking for an uncensored build of Corvid-70 with all refusals removed from the weights. "
    "Who has one that really never refuses?",
    10: "Selling a working jailbreak for Halfmoon, it answers everything without refusals. Tested this morning, escrow "
    "welcome, message me.",
}
"""Place of the thread → what a member writes in it; all are flagged. The last is on the members' board."""


@pytest.fixture(scope="module")
def boards(tor: TorNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Board]]:
    """Both forums as onion services; a member has written what will be flagged."""
    started = {name: start(name, tmp_path_factory.mktemp(name)) for name in FORUMS}
    for forum in started.values():
        for place, text in TALK.items():
            forum.reply(forum.expected["threads"][place], text)
    yield {name: Board(forum, tor.onion(urlsplit(forum.url).port or 0)) for name, forum in started.items()}
    for forum in started.values():
        forum.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that nothing disturbed."""

    agency: Agency
    state: dict[str, Any]
    posts: Sequence[StoredPost]


@pytest.fixture(scope="module")
def undisturbed(
    boards: dict[str, Board],
    postgres_server: PostgresServer,
    elasticsearch_server: ElasticsearchServer,
    redis_server: RedisServer,
    tor: TorNetwork,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Ran]]:
    """Runs the line on one of the forums, once."""
    with ExitStack() as stack:

        @cache
        def run(name: str) -> Ran:
            servers = Servers(
                postgres_server.new_database(), elasticsearch_server, redis_server.new_database(), tor.url
            )
            stack.callback(postgres_server.drop_database, servers.record_url)
            agency = Agency(tmp_path_factory.mktemp(name) / "home", servers, [boards[name]])
            stack.callback(agency.leave_elasticsearch)
            with agency.running() as crew:
                crew.wait(crew.is_quiet)
                investigate(browser, agency)
                crew.wait(crew.is_quiet)
                return Ran(agency, crew.end_state(), crew.posts())

        yield run


def investigate(browser: Browser, agency: Agency) -> None:
    """Find the offer on the members' board by a search, decide it, and decide whatever is served next."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(agency.url)
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    page.get_by_label("Search posts").fill(f"escrow halfmoon source:{agency.sources[0]}")
    page.get_by_role("button", name="Search").click()
    [place] = [place for place, text in TALK.items() if "escrow" in text]
    result = page.locator("li.result")
    expect(result).to_have_count(1)
    expect(result).to_contain_text(TALK[place])
    result.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Committee notes, September")).to_be_visible()
    for _ in range(len(agency.sources) * len(TALK)):
        decide(page)
    expect(page.get_by_role("button", name="Decide, open next")).to_have_count(0)
    context.close()


def decide(page: Page) -> None:
    """Relevant."""
    page.locator("label.choice", has_text="Relevant").first.click()
    page.get_by_label("Reason").locator("visible=true").select_option("Seeks a bypass")
    with page.expect_navigation():
        page.get_by_role("button", name="Decide, open next").click()
    expect(page.get_by_role("status")).to_contain_text("is decided: relevant, seeks a bypass")


@pytest.mark.parametrize("name", FORUMS)
def test_a_due_schedule_becomes_a_verified_webhook(
    name: str, boards: dict[str, Board], undisturbed: Callable[[str], Ran]
) -> None:
    ran, expected = undisturbed(name), boards[name].forum.expected
    stored = {each.post.post_id: each for each in ran.posts}
    written = {post["id"]: post for thread in expected["threads"] for post in thread["posts"]}
    assert len(written) == 62
    assert len(stored) == len(written) + len(TALK)
    for number, post in written.items():
        read = stored[number].post
        assert (read.author, squeezed(read.text)) == (post["author"], squeezed(post["text"]))
    flagged = {each.post.text: each for each in ran.posts if each.alert_id}
    assert sorted(flagged) == sorted(TALK.values())
    assert {each.thread_title for each in flagged.values()} == {expected["threads"][at]["title"] for at in TALK}
    check_webhooks(ran)
    assert json.loads(ran.agency.nightlight("audit", "verify"))["ok"]


def squeezed(text: str) -> str:
    return "".join(text.split())


def check_webhooks(ran: Ran) -> None:
    """Each alert was announced and its decision told; no word of a post left the house."""
    alerts = {each.alert_id for each in ran.posts if each.alert_id}
    bodies = [each["body"] for each in ran.agency.received()]
    events = Counter((event["type"], event["data"]["alert_id"]) for event in map(json.loads, bodies))
    kinds = ("nightlight.alert.created", "nightlight.alert.status_changed")
    assert events == Counter({(kind, alert): 1 for kind in kinds for alert in alerts})
    decided = [event["data"] for event in map(json.loads, bodies) if event["type"] == kinds[1]]
    assert {(data["status"], data["reason"], data["reviewed_by_a_person"]) for data in decided} == {
        ("relevant", "seeks", True)
    }
    assert not [text for text in TALK.values() if any(text[:20] in body for body in bodies)]


def test_the_doctor_finds_every_server(undisturbed: Callable[[str], Ran]) -> None:
    found = undisturbed("machina").agency.doctor()
    assert all(well for well, _ in found.values())
    said = {what: say for what, (_, say) in found.items()}
    assert "PostgreSQL database" in said["record"]
    assert said["search"].startswith("Elasticsearch 9.")
    assert said["broker"].startswith("Redis")
    assert said["tor"].startswith("something answers at socks5h://127.0.0.1")


@pytest.fixture(scope="module")
def to_be_killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedisServer, ElasticsearchServer]]:
    """Servers that nobody else uses."""
    redis = RedisServer.for_run(tmp_path_factory.mktemp)
    elasticsearch = ElasticsearchServer.for_run(tmp_path_factory.mktemp)
    with ExitStack() as stack:
        for server in (redis, elasticsearch):
            stack.callback(server.stop)
            server.start()
        yield redis, elasticsearch


@pytest.mark.timeout(600)
def test_kills_in_the_middle_and_a_wiped_redis_change_nothing(
    boards: dict[str, Board],
    undisturbed: Callable[[str], Ran],
    postgres_url: str,
    to_be_killed: tuple[RedisServer, ElasticsearchServer],
    tor: TorNetwork,
    browser: Browser,
    tmp_path: Path,
) -> None:
    redis, elasticsearch = to_be_killed
    servers = Servers(postgres_url, elasticsearch, redis.new_database(), tor.url)
    agency = Agency(tmp_path / "home", servers, list(boards.values()), delay_s=0.5)
    with agency.running() as crew:
        kill_the_worker(crew)
        kill_elasticsearch_and_redis(crew, elasticsearch, redis)
        crew.wait(crew.is_quiet)
        investigate(browser, agency)
        crew.wait(crew.is_quiet)
        state = crew.end_state()
        crew.app.index.delete([next(iter(state["documents"]))])
        with pytest.raises(AssertionError):  # the positive control: a lost document is seen
            crew.end_state()
    for what, found in state.items():
        calm = [undisturbed(name).state[what] for name in FORUMS]
        assert found == calm[0] | calm[1], what
        assert not calm[0] & calm[1] if isinstance(found, set) else not calm[0].keys() & calm[1].keys()


def kill_the_worker(crew: Crew) -> None:
    """While it crawls. Beat goes on calling it; then Redis is emptied, and all that there is to do is in the record."""
    crew.wait(lambda: crew.count() > 20)
    crew.worker.kill()
    assert crew.count() < len(FORUMS) * 62
    assert crew.pending(WorkKind.CRAWL) == len(FORUMS)
    with Redis.from_url(crew.agency.servers.broker_url) as client:
        until(lambda: client.dbsize() > 0, crew.beat, crew.serve)
        client.flushall()
    crew.worker.start()


def kill_elasticsearch_and_redis(crew: Crew, elasticsearch: ElasticsearchServer, redis: RedisServer) -> None:
    """While both forums are being read and some alerts are in the index; it is missed by those that come meanwhile."""
    crew.wait(lambda: 0 < crew.alerts() < len(FORUMS) * len(TALK) and not crew.pending(WorkKind.INDEX_ALERT))
    assert crew.app.index.versions()
    elasticsearch.kill()
    redis.kill()
    assert crew.pending(WorkKind.CRAWL) == len(FORUMS)
    found = crew.agency.doctor(fails=True)
    for name, advice in (("broker", "start it, or correct broker_url"), ("search", "start it")):
        well, say = found[name]
        assert not well
        assert advice in say
    redis.start()
    crew.wait(lambda: crew.pending(WorkKind.INDEX_ALERT) > 0)
    elasticsearch.start()
