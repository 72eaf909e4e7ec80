"""Each engine on a saved page of its software: authors, words, quotes, times, pages; nothing of the frame."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.engines.engine import Context
from crawler.post import Page, PageKind, Precision, Quote
from crawler.reading import read_page

PAGES = Path(__file__).resolve().parents[3] / "data" / "pages"
NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)


def saved(name: str, url: str, engine: str = "auto", timezone: str = "UTC") -> Page:
    body = (PAGES / f"{name}.html").read_bytes()
    return read_page(body, "text/html; charset=utf-8", Context(url, NOW, "forum", timezone), engine)


@pytest.mark.parametrize(
    ("name", "url", "engine"),
    [
        ("phpbb_prosilver_thread", "http://forum.test/viewtopic.php?t=12", "phpbb"),
        ("phpbb_prosilver_board", "http://forum.test/viewforum.php?f=3", "phpbb"),
        ("phpbb_subsilver_thread", "http://forum.test/viewtopic.php?t=21", "phpbb"),
        ("machina_thread", "http://forum.test/forum/workshop-1/topic/chain-lube-7/", "machina"),
        ("spirit_thread", "http://forum.test/topic/7/chain-lube/", "spirit"),
    ],
)
def test_a_page_is_recognized_by_its_software_and_read_whole(name: str, url: str, engine: str) -> None:
    page = saved(name, url)
    assert (page.engine, page.degraded, page.login_required) == (engine, "", False)


@pytest.mark.parametrize(
    ("name", "url", "post_id", "body"),
    [
        ("phpbb_prosilver_thread", "http://forum.test/viewtopic.php?t=12", "101", '<div class="content">'),
        (
            "machina_thread",
            "http://forum.test/forum/workshop-1/topic/chain-lube-7/",
            "41",
            '<div class="post-content">',
        ),
        (
            "spirit_thread",
            "http://forum.test/topic/7/chain-lube/",
            "905",
            '<div class="comment__text js-comment-text">',
        ),
    ],
)
def test_a_post_that_is_never_closed_takes_no_words_of_the_next(name: str, url: str, post_id: str, body: str) -> None:
    html = (PAGES / f"{name}.html").read_text()
    before, opening = re.split(rf'(?=<div [^>]*="p?{post_id}")', html, maxsplit=1)
    broken = opening.partition(body)[0].replace(post_id, "7") + body + "never closed"
    page = read_page((before + broken + opening).encode(), "text/html; charset=utf-8", Context(url, NOW), "auto")
    assert [post.post_id for post in page.posts][:2] == ["7", post_id]
    assert page.posts[0].text == "never closed"
    assert page.posts[1:] == read_page(html.encode(), "text/html; charset=utf-8", Context(url, NOW), "auto").posts


def test_phpbb_posts_are_the_authors_words_without_quote_signature_and_notice() -> None:
    first, second = saved("phpbb_prosilver_thread", "http://forum.test/viewtopic.php?t=12&sid=" + "a" * 32).posts
    assert (first.post_id, first.author, first.edited) == ("101", "marlow", True)
    assert first.text == "Which lube survives a wet autumn?\n5 < 10 & cheap"
    assert first.published_at == datetime(2026, 8, 3, 7, 41, 9, tzinfo=UTC)
    assert first.time_shown == "Mon Aug 03, 2026 9:41 am"
    assert (second.post_id, second.author, second.edited) == ("102", "Юлия", False)
    assert second.text == "The blue bottle."
    assert second.quotes == (Quote("marlow", "Which lube survives a wet autumn?", "101"),)
    assert second.url == "http://forum.test/viewtopic.php?p=102#p102"


def test_phpbb_thread_says_its_board_pages_and_replies_without_session_ids() -> None:
    page = saved("phpbb_prosilver_thread", "http://forum.test/viewtopic.php?t=12")
    assert (page.kind, page.thread_id, page.thread_title) == (PageKind.THREAD, "12", "Chain lube")
    assert (page.board_id, page.board_title, page.replies) == ("3", "Workshop", 13)
    assert (page.page_number, page.page_count) == (1, 2)
    assert page.next_urls == ("http://forum.test/viewtopic.php?t=12&start=10",)
    assert page.counts == {"images": 2, "data_uris": 1}


def test_phpbb_board_lists_threads_with_marks_that_dont_change_by_themselves() -> None:
    page = saved("phpbb_prosilver_board", "http://forum.test/viewforum.php?f=3")
    assert (page.kind, page.board_id, page.page_count) == (PageKind.BOARD, "3", 3)
    assert [board.board_id for board in page.boards] == ["9"]
    lube, spokes = page.threads
    assert (lube.thread_id, lube.url) == ("12", "http://forum.test/viewtopic.php?t=12")
    assert (lube.replies, lube.mark) == (1013, "1013/998")
    assert (spokes.title, spokes.mark) == ("Speichen – geht das?", "0/77")


def test_phpbb_table_theme_reads_the_same_fields_in_the_sources_zone() -> None:
    page = saved("phpbb_subsilver_thread", "http://forum.test/viewtopic.php?t=21", timezone="Europe/Berlin")
    first, second = page.posts
    assert (first.post_id, first.author, first.text) == ("301", "tomoko", "The pads are worn.")
    assert first.published_at == datetime(2026, 8, 3, 10, 56, tzinfo=UTC)
    assert (second.author, second.text) == ("old heron", "Replace the cable too.")
    assert second.quotes == (Quote("tomoko", "The pads are worn."),)
    assert second.published_at == datetime(2026, 8, 3, 21, 5, tzinfo=UTC)


def test_machina_takes_the_first_name_and_time_of_an_edited_post() -> None:
    page = saved("machina_thread", "http://forum.test/forum/workshop-1/topic/chain-lube-7/")
    (post,) = page.posts
    assert (page.thread_id, page.board_id, page.board_title) == ("7", "1", "Workshop")
    assert (post.post_id, post.author, post.edited) == ("41", "marlow", True)
    assert post.published_at == datetime(2026, 8, 3, 12, tzinfo=UTC)
    assert (post.text, post.quotes) == ("Thanks & goodbye.", (Quote("kite_42", "Try a drop."),))


def test_spirit_posts_carry_the_id_and_not_the_position_and_the_exact_time() -> None:
    page = saved("spirit_thread", "http://forum.test/topic/7/chain-lube/")
    (post,) = page.posts
    assert (post.post_id, post.author, post.text) == ("905", "marlow", "Quiet as a cat now.")
    assert (post.published_at, post.time_precision) == (datetime(2026, 8, 3, tzinfo=UTC), Precision.MINUTE)
    assert (post.time_shown, page.board_id, page.thread_title) == ("3 Aug", "4", "Chain lube")


def test_the_fallback_reads_what_the_engine_reads() -> None:
    url = "http://forum.test/viewtopic.php?t=12"
    known, guessed = saved("phpbb_prosilver_thread", url).posts, saved("phpbb_prosilver_thread", url, "generic").posts
    assert len(known) == 2
    assert [post.author for post in guessed] == [post.author for post in known]
    assert ["".join(post.text.split()) for post in guessed] == ["".join(post.text.split()) for post in known]


def test_relative_links_start_where_the_page_says_on_the_host_it_came_from() -> None:
    body = b'<base href="http://elsewhere.test/board/"><a class="forumtitle" href="./viewforum.php?f=3">Workshop</a>'
    page = read_page(body, "text/html", Context("http://mirror.test/somewhere/deep/", NOW), "phpbb")
    assert [board.url for board in page.boards] == ["http://mirror.test/board/viewforum.php?f=3"]


def test_a_phpbb_page_found_by_a_post_knows_its_number() -> None:
    body = (PAGES.parent / "engines" / "phpbb" / "prosilver33_thread_de_page2.html").read_bytes()
    page = read_page(body, "text/html", Context("http://forum.test/viewtopic.php?p=123", NOW), "phpbb")
    assert (page.thread_id, page.page_number, page.page_count, page.next_urls) == ("12", 2, 2, ())


@pytest.mark.parametrize(
    ("name", "plain", "friendly", "url", "following"),
    [
        (
            "smf/smf20_thread",
            r"index\.php\?(topic|board)=([\w.]+)",
            r"index.php/\1,\2.html",
            "index.php/topic,12.0.html",
            "index.php/topic,12.20.html",
        ),
        (
            "vbulletin/vb42_thread",
            r"showthread\.php\?(\d+-[\w-]+(?:/page\d+)?)",
            r"threads/\1",
            "threads/12-Chain-lube",
            "threads/12-Chain-lube/page2",
        ),
        (
            "vbulletin/vb42_thread",
            r"showthread\.php\?(\d+-[\w-]+(?:/page\d+)?)",
            r"showthread.php/\1",
            "showthread.php/12-Chain-lube",
            "showthread.php/12-Chain-lube/page2",
        ),
    ],
)
def test_friendly_addresses_lead_to_the_same_posts(
    name: str, plain: str, friendly: str, url: str, following: str
) -> None:
    path = PAGES.parent / "engines" / f"{name}.html"
    html = path.read_text()
    friendlier, changed = re.subn(plain, friendly, html)
    assert changed > 5
    page = read_page(friendlier.encode(), "text/html; charset=utf-8", Context(f"http://forum.test/{url}", NOW), "auto")
    known = json.loads(path.with_suffix(".json").read_text())
    assert (page.engine, page.thread_id, page.page_number, page.page_count) == (known["engine"], "12", 1, 2)
    assert page.next_urls == (f"http://forum.test/{following}",)
    assert [(post.post_id, post.text) for post in page.posts] == [(post["id"], post["text"]) for post in known["posts"]]
