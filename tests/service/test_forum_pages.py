"""Real forum software, served on loopback, read page by page: every post equals what its author wrote."""

from datetime import UTC, datetime

import httpx
import pytest

from crawler.engines.engine import Context
from crawler.post import Page, PageKind, Post
from crawler.reading import read_page
from tests.service.forums.launch import Forum

NAMES = ("machina", "spirit")


@pytest.fixture
def forums(machina: Forum, spirit: Forum) -> dict[str, Forum]:
    return {forum.name: forum for forum in (machina, spirit)}


def squeezed(text: str) -> str:
    return "".join(text.split())


def read(client: httpx.Client, url: str, engine: str = "auto") -> Page:
    response = client.get(url)
    context = Context(str(response.url), datetime.now(UTC), "forum")
    return read_page(response.content, response.headers["content-type"], context, engine)


def posts_of(client: httpx.Client, url: str, engine: str = "auto") -> list[Post]:
    """All posts of a thread, following its pages one after another."""
    found: list[Post] = []
    following: str | None = url
    while following:
        page = read(client, following, engine)
        assert page.kind is PageKind.THREAD
        assert page.degraded == ""
        found += page.posts
        following = page.next_urls[0] if page.next_urls else None
    return found


@pytest.mark.parametrize("engine", ["auto", "generic"])
@pytest.mark.parametrize("name", NAMES)
def test_authors_texts_quotes_and_times_equal_what_was_written(
    forums: dict[str, Forum], name: str, engine: str
) -> None:
    forum = forums[name]
    compared = 0
    with forum.client(logged_in=True) as client:
        for thread in forum.expected["threads"]:
            found = posts_of(client, thread["url"], engine)
            assert [post.post_id for post in found] == [post["id"] for post in thread["posts"]]
            for post, written in zip(found, thread["posts"], strict=True):
                assert post.thread_id == thread["id"]
                assert post.author == written["author"]
                assert squeezed(post.text) == squeezed(written["text"])
                told = [(quote.author, squeezed(quote.text)) for quote in post.quotes]
                assert told == [(quote["author"], squeezed(quote["text"])) for quote in written["quotes"]]
                assert post.published_at == datetime.fromisoformat(written["time"]).replace(second=0)
                compared += 1
    assert compared == 62


@pytest.mark.parametrize("name", NAMES)
def test_edits_are_seen(forums: dict[str, Forum], name: str) -> None:
    with forums[name].client(logged_in=True) as client:
        for thread in forums[name].expected["threads"]:
            found = posts_of(client, thread["url"])
            assert [post.edited for post in found] == [post["edited"] for post in thread["posts"]]


@pytest.mark.parametrize("name", NAMES)
def test_the_index_leads_to_every_thread_of_a_member(forums: dict[str, Forum], name: str) -> None:
    forum = forums[name]
    with forum.client(logged_in=True) as client:
        index = read(client, forum.url)
        assert (index.engine, index.kind) == (name, PageKind.INDEX)
        boards = [read(client, board.url) for board in index.boards]
        threads = [thread for board in boards for thread in board.threads]
        expected = {thread["id"]: thread for thread in forum.expected["threads"]}
        assert {thread.thread_id for thread in threads} == set(expected)
        for thread in threads:
            known = expected[thread.thread_id]
            assert thread.title == known["title"]
            assert thread.replies == len(known["posts"]) - 1
            assert read(client, thread.url).posts[0].post_id == known["posts"][0]["id"]


@pytest.mark.parametrize("name", NAMES)
def test_a_thread_says_its_pages(forums: dict[str, Forum], name: str) -> None:
    forum = forums[name]
    url = forum.expected["threads"][0]["url"]
    with forum.client() as client:
        first = read(client, url)
        second = read(client, f"{url}?page=2")
        last = read(client, f"{url}?page=3")
    assert [(page.page_number, page.page_count) for page in (first, second, last)] == [(1, 3), (2, 3), (3, 3)]
    assert last.next_urls == ()
    assert first.next_urls[0] == second_url(forum, url)
    assert first.thread_title == forum.expected["threads"][0]["title"]


def second_url(forum: Forum, url: str) -> str:
    return f"{forum.url.rstrip('/')}{url}?page=2"


@pytest.mark.parametrize("name", NAMES)
def test_marks_stay_while_nothing_happens(forums: dict[str, Forum], name: str) -> None:
    forum = forums[name]
    marks = []
    with forum.client(logged_in=True) as client:
        for _ in range(2):
            boards = [read(client, board.url) for board in read(client, forum.url).boards]
            marks.append({(thread.thread_id, thread.url, thread.mark) for board in boards for thread in board.threads})
            posts_of(client, forum.expected["threads"][1]["url"])  # our own visit counts as a view
    assert marks[0] == marks[1]
    assert all(mark for _, _, mark in marks[0])
    assert len(marks[0]) == len(forum.expected["threads"])


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_at_a_private_thread_is_asked_to_log_in(forums: dict[str, Forum], name: str) -> None:
    forum = forums[name]
    private = next(thread for thread in forum.expected["threads"] if thread["private"])
    with forum.client() as guest, forum.client(logged_in=True) as member:
        assert read(guest, private["url"]).login_required
        assert read(guest, forum.url).login_required is False
        assert read(member, private["url"]).login_required is False
        assert len(read(member, private["url"]).posts) == len(private["posts"])
