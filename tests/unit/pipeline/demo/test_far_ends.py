"""The demo's forum, answers and receiver are what the summary relies on, so they are tested like the product."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from crawler.engines.engine import Context
from crawler.keys import new_private_key
from crawler.mandate import Officer, load, sign
from crawler.post import Page, Source
from crawler.reading import read_page
from nlp.corpus.dataset import load as load_corpus
from pipeline.demo.answers import expected, precision_recall
from pipeline.demo.forum import DemoForum
from pipeline.demo.mandate import OFFICER, demo_document
from pipeline.demo.posts.loader import INTENTS, METHODS, DemoPost
from pipeline.demo.posts.loader import load as load_posts
from pipeline.demo.receiver import Receiver
from pipeline.demo.scan import media_bytes_in
from pipeline.domain.signing import new_secret

NEAR = 0.5
"""Share of three-word runs from which two texts count as one."""


def all_posts() -> list[DemoPost]:
    return [post for board in load_posts() for thread in board.threads for post in thread.posts]


@pytest.fixture
def forum() -> Iterator[tuple[DemoForum, str]]:
    served = DemoForum()
    yield served, served.start()
    served.stop()


def read(client: httpx.Client, url: str) -> Page:
    answer = client.get(url)
    assert answer.status_code == 200, url
    context = Context(url, datetime.now(UTC), "demo")
    return read_page(answer.content, answer.headers["content-type"], context)


def test_there_are_enough_threads_posts_and_languages_and_ids_are_unique() -> None:
    boards = load_posts()
    threads = [thread for board in boards for thread in board.threads]
    posts = all_posts()
    assert len(threads) >= 40
    assert len(posts) >= 400
    assert {"en", "de", "ru", "es", "fr"} <= {thread.language for thread in threads}
    assert len({post.post_id for post in posts}) == len(posts)
    assert len({thread.thread_id for thread in threads}) == len(threads)


def test_answers_are_in_known_words_and_about_one_post_in_seven_is_to_be_found() -> None:
    posts = all_posts()
    assert {post.intent for post in posts if post.intent} == INTENTS
    assert {post.method for post in posts if post.method} <= METHODS
    assert 0.08 <= len(expected()) / len(posts) <= 0.2


def test_precision_and_recall_say_undefined_instead_of_dividing_by_zero() -> None:
    known = sorted(expected())
    assert precision_recall([]) == (None, 0.0)
    assert precision_recall(known) == (1.0, 1.0)
    assert precision_recall([*known[:1], "no such post"]) == (0.5, 1 / len(known))


def test_demo_posts_share_no_frame_with_the_corpus() -> None:
    index: dict[tuple[str, ...], set[int]] = {}
    corpus = [runs(example.text) for example in load_corpus()]
    for number, found in enumerate(corpus):
        for run in found:
            index.setdefault(run, set()).add(number)

    def nearest(text: str) -> float:
        mine = runs(text)
        shared = Counter(number for run in mine for number in index.get(run, ()))
        return max((count / len(mine | corpus[number]) for number, count in shared.items()), default=0.0)

    assert {post.post_id: near for post in all_posts() if (near := nearest(post.text)) >= NEAR} == {}
    planted = next(example.text for example in load_corpus() if len(runs(example.text)) >= 12)
    assert nearest(f"{planted} Said by another hand.") >= NEAR


def runs(text: str) -> frozenset[tuple[str, ...]]:
    words = text.lower().split()
    return frozenset(zip(words, words[1:], words[2:], strict=False)) if len(words) >= 6 else frozenset()


def test_the_engine_reads_every_post_on_exactly_one_page(forum: tuple[DemoForum, str]) -> None:
    _, url = forum
    written = {post.post_id: post for post in all_posts()}
    seen: Counter[str] = Counter()
    with httpx.Client() as client:
        index = read(client, url + "index.php")
        assert len(index.boards) == len(load_posts())
        waiting = [board.url for board in index.boards]
        visited = set(waiting)
        while waiting:
            page = read(client, waiting.pop())
            assert not page.degraded
            for post in page.posts:
                seen[post.post_id] += 1
                original = written[post.post_id]
                assert post.author == original.author
                assert "".join(post.text.split()) == "".join(original.text.split())
                assert len(post.quotes) == len(original.quotes)
            fresh = {ref.url for ref in page.threads} | set(page.next_urls)
            waiting += sorted(fresh - visited)
            visited |= fresh
    assert seen == Counter(dict.fromkeys(written, 1))


def test_media_are_really_served_and_counted(forum: tuple[DemoForum, str]) -> None:
    served, url = forum
    with httpx.Client() as client:
        page = client.get(url + "index.php")
        assert served.counts().media_bytes_sent == 0
        assert "<img" in page.text
        picture = client.get(url + "download/file.php?id=1")
    assert media_bytes_in(picture.content) == len(picture.content) > 0
    assert served.counts().media_requests == 1
    assert served.counts().media_bytes_sent == len(picture.content)


def test_the_mandate_is_one_that_the_crawler_believes(forum: tuple[DemoForum, str]) -> None:
    _, url = forum
    key, now = new_private_key(), datetime.now(UTC)
    signed = sign(demo_document(url, "demo", now), key, "k")
    mandate = load(signed, {"k": Officer(OFFICER, key.public_key())}, now)
    assert mandate.applicant != mandate.officer
    assert Source("demo", "Demo", url, mandate.id).id == mandate.sources[0].source_id


def post_event(url: str, secret: str, body: bytes, at: datetime, message_id: str = "m1") -> int:
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }
    return httpx.post(url, content=body, headers=headers).status_code


def test_the_receiver_takes_what_verifies_and_refuses_tampered_and_stale_events() -> None:
    secret, now, body = new_secret(), datetime.now(UTC), json.dumps({"type": "t"}).encode()
    receiver = Receiver(secret, fail_first=1)
    url = receiver.start()
    try:
        assert post_event(url, secret, body, now) == 503
        assert post_event(url, secret, body, now) == 204
        assert post_event(url, secret, body, now) == 204
        assert post_event(url, new_secret(), body, now) == 400
        assert post_event(url, secret, body, now - timedelta(hours=1)) == 400
        assert httpx.post(url, content=body).status_code == 400
    finally:
        receiver.stop()
    assert [(e.verified, e.duplicate) for e in receiver.events()] == [
        (True, False), (True, True), (False, True), (False, True), (False, False),
    ]  # fmt: skip
