"""Hostile pages end within limits, cost only themselves, and say what is missing."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.detect import BY_NAME
from crawler.engines.engine import Context
from crawler.errors import Corrupt, Misconfigured, TooSlow
from crawler.extract import Extractor, extract_file
from crawler.post import MAX_TEXT, Page, Source, content_hash
from crawler.reading import read_page

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
URL = "http://forum.test/viewtopic.php?t=12"
THREAD = Path(__file__).resolve().parents[2] / "data" / "pages" / "phpbb_prosilver_thread.html"
POST = (
    '<div id="p7" class="post"><p class="author"><strong>marlow</strong></p>'
    '<div class="postbody"><div class="content">{}</div></div></div>'
)


async def read(reader: Extractor, body: bytes, engine: str = "phpbb", timezone: str = "UTC") -> Page:
    source = Source("forum", "Forum", URL, "M-1", engine, timezone)
    return await reader.extract(body, url=URL, content_type="text/html", source=source, captured_at=NOW)


def once(body: bytes, engine: str = "phpbb", timezone: str = "UTC") -> Page:
    async def run() -> Page:
        reader = Extractor()
        try:
            return await read(reader, body, engine, timezone)
        finally:
            await reader.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<div>" * 4000 + POST.format("deep words") + "</div>" * 4000, "nested 400"),
        ("<p " + " ".join(f"a{n}=1" for n in range(40_000)) + ">" + POST.format("deep words"), "40000 attributes"),
    ],
)
def test_a_page_made_to_choke_parsers_is_read_and_marked(page: str, reason: str) -> None:
    found = once(page.encode())
    assert [post.text for post in found.posts] == ["deep words"]
    assert reason in found.degraded


def test_a_plain_page_is_not_marked() -> None:
    assert once(POST.format("plain words").encode()).degraded == ""


def test_what_a_post_says_beyond_the_limit_is_not_kept_and_the_page_says_so() -> None:
    uncut = once(POST.format("x " * (MAX_TEXT // 2)).encode())
    words = "y " * MAX_TEXT
    quotes = '<blockquote class="quotebox">{}</blockquote>'.format
    page = once(POST.format(quotes("before") + quotes(words) + quotes("after") + words).encode())
    [post] = page.posts
    assert len(post.text) == MAX_TEXT
    assert sum(len(quote.text) for quote in post.quotes) == MAX_TEXT
    assert [quote.text[:6] for quote in post.quotes] == ["before", "y y y "]
    assert post.sha256 == content_hash(post.text, post.quotes)
    assert f"1 of 1 posts were cut at {MAX_TEXT} characters" in page.degraded
    assert (len(uncut.posts[0].text), uncut.degraded) == (MAX_TEXT - 1, ""), "a post within the limit is whole"


@pytest.mark.parametrize(
    "body",
    [b"<a" * 1_000_000, b"<a " * 700_000, b"<" * 2_000_000, b"<div>" * 400_000, b"<!--" * 500_000, b"&" * 2_000_000],
    ids=["<a", "<a ", "<", "<div>", "<!--", "&"],
)
@pytest.mark.parametrize("engine", ["phpbb", "generic"])
def test_two_megabytes_of_one_piece_end_within_the_limit(body: bytes, engine: str) -> None:
    began = time.monotonic()
    with contextlib.suppress(Corrupt):  # given up is an end too; what counts is when
        once(body, engine)
    assert time.monotonic() - began < 12


def test_unclosed_tags_lose_no_words() -> None:
    page = once(POST.format("<b>bold <i>words").replace("</div></div></div>", "").encode())
    assert [post.text for post in page.posts] == ["bold words"]


def test_a_reader_that_takes_too_long_is_killed_and_the_next_page_read() -> None:
    async def run() -> Page:
        slow = Extractor(wall_seconds=0.001)
        with pytest.raises(TooSlow, match="took longer than"):
            await read(slow, THREAD.read_bytes())
        slow._wall_seconds = 10.0
        try:
            return await read(slow, THREAD.read_bytes())
        finally:
            await slow.close()

    assert len(asyncio.run(run()).posts) == 2


def test_a_killed_reader_is_started_again() -> None:
    async def run() -> tuple[Page, Page]:
        reader = Extractor()
        before = await read(reader, THREAD.read_bytes())
        assert reader._child is not None
        os.kill(reader._child.pid, signal.SIGKILL)
        await reader._child.wait()
        with pytest.raises(Corrupt, match="ended the reader"):
            await read(reader, THREAD.read_bytes())
        try:
            return before, await read(reader, THREAD.read_bytes())
        finally:
            await reader.close()

    before, after = asyncio.run(run())
    assert before == after


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b'"page"',
        b'{"page": {}}',
        b'{"page": 1}',
        b'{"page": {"kind": "secret words"}}',
        b"[" * 99_999,
    ],
)
def test_an_answer_that_makes_no_sense_costs_only_its_page(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    async def taken_over(self: Extractor, asked: bytes, body: bytes) -> bytes:
        return answer

    monkeypatch.setattr(Extractor, "_exchange", taken_over)
    with pytest.raises(Corrupt) as caught:
        once(b"<p>words")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_engine_or_zone_is_the_set_ups_fault() -> None:
    with pytest.raises(Misconfigured, match="No engine"):
        once(b"", engine="ubb")
    with pytest.raises(Misconfigured, match="Mars"):
        once(POST.format("x").encode(), timezone="Mars/Base")


def test_encoded_media_are_taken_out_of_the_words_and_counted() -> None:
    run = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4).decode()
    page = once(POST.format(f"before data:image/png;base64,{run} after {run} end").encode())
    (post,) = page.posts
    assert run[:60] not in post.text
    assert "before" in post.text
    assert post.text.endswith("end")
    assert page.counts["data_runs"] == 2


def test_a_saved_page_is_reported_as_the_commands_json() -> None:
    report = extract_file(THREAD, url=URL, captured_at=NOW)
    assert list(report) == (
        ["engine", "degraded", "board", "page", "pages", "replies", "thread", "threads", "posts", "next"]
    )
    assert list(report["posts"][1]) == (
        ["id", "author", "published_at", "time_shown", "time_precision", "text", "quotes", "edited"]
    )
    assert report["thread"] == {"id": "12", "title": "Chain lube"}
    assert report["posts"][0]["published_at"] == "2026-08-03T07:41:09Z"
    quoted = {"author": "marlow", "text": "Which lube survives a wet autumn?", "ref": "101"}
    assert report["posts"][1]["quotes"] == [quoted]
    assert report["next"] == "http://forum.test/viewtopic.php?t=12&start=10"
    assert json.loads(json.dumps(report)) == report


_PIECES = st.sampled_from(
    [*"<>/\"'&= ", "<div class=post id=p1>", "</div>", "<a href=?t=1>", "<!--", "<script>", "&#xD800;", "x"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=80).map("".join) | st.text(max_size=200), st.sampled_from([*sorted(BY_NAME), "auto"]))
def test_no_page_makes_an_engine_raise(page: str, engine: str) -> None:
    found = read_page(page.encode("utf-8", "replace"), "text/html", Context(URL, NOW), engine)
    assert isinstance(found, Page)
