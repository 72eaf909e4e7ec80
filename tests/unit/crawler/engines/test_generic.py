"""The fallback on markup of no program we know: posts by structure, lists told from posts."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.engines.engine import Context
from crawler.post import Page, PageKind
from crawler.reading import read_page

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
NAMES = ["marlow", "kite_42", "tomoko", "marlow", "Old Heron"]
WORDS = [
    "Which lube survives a wet autumn?",
    "The blue bottle, after cleaning.",
    "I doubt it.",
    "Thanks both, I'll report back.",
    "Wipe the chain first, then oil it.",
]
TIMES = [datetime(2026, 8, day, 9, 41, tzinfo=UTC) for day in range(3, 8)]


def page_of(posts: str, url: str = "http://forum.test/x/abc", head: str = "") -> Page:
    html = f"<body><h1>Chains</h1><a href='/'>Home</a>{head}<div id=all>{posts}</div><p>Since 2026</p></body>"
    return read_page(html.encode(), "text/html; charset=utf-8", Context(url, NOW), "generic")


def cards(number: int, name: str, words: str, day: int) -> str:
    return (
        f'<div class="css-1 card" data-id="{number}"><div><a href="/@{name}">{name}</a> · '
        f'<time datetime="2026-08-0{day}T09:41:00Z">3w</time></div><div class="css-2"><p>{words}</p></div>'
        f"<div><button>Like</button></div></div>"
    )


def bare(number: int, name: str, words: str, day: int) -> str:
    return (
        f'<div id="m-{number}"><span class="who">{name}</span> <span>Aug {day}, 2026 9:41 AM</span>'
        f"<blockquote><b>tomoko</b> wrote:<br>Older words</blockquote>{words}</div>"
    )


def rows_with_spacers(number: int, name: str, words: str, day: int) -> str:
    return (
        f'<table><tr><td><a name="{number}"></a><b>{name}</b><br>Joined: 03 Jan 2026<br>Posts: 7</td><td><table>'
        f'<tr><td><span>Posted: Mon Aug 0{day}, 2026 9:41 am</span></td></tr><tr><td><span class="body">{words}</span>'
        f'</td></tr></table></td></tr><tr><td><a href="#top">Top</a></td></tr><tr><td>&nbsp;</td></tr></table>'
    )


@pytest.mark.parametrize("markup", [cards, bare, rows_with_spacers])
def test_posts_of_unknown_markup_are_found_with_author_time_and_words(
    markup: Callable[[int, str, str, int], str],
) -> None:
    page = page_of("".join(markup(70 + i, NAMES[i], WORDS[i], 3 + i) for i in range(5)))
    assert page.kind is PageKind.THREAD
    assert [(post.author, post.text) for post in page.posts] == list(zip(NAMES, WORDS, strict=True))
    assert [post.published_at for post in page.posts] == TIMES
    assert [post.post_id for post in page.posts] == ["70", "71", "72", "73", "74"]


def test_an_opening_post_of_another_shape_comes_first() -> None:
    question = (
        '<article id="question-7"><h2>Chains</h2><p class="by">Asked by <a href="/user/juno">juno</a> '
        '<time datetime="2026-08-01T08:00:00Z">Aug 1</time></p>'
        '<div class="text">My chain is dry and loud.</div></article>'
    )
    answers = "".join(cards(70 + i, NAMES[i], WORDS[i], 3 + i) for i in range(5))
    page = page_of(answers, "http://forum.test/questions/7/chains", question)
    assert [post.author for post in page.posts] == ["juno", *NAMES]
    assert page.posts[0].text == "My chain is dry and loud."


def test_rows_that_lead_to_threads_are_no_posts() -> None:
    rows = "".join(
        f'<div class="row" id="t{i}"><a href="/threads/{i}">{WORDS[i]}</a> <span>{NAMES[i]}</span> '
        f"<i>2026-08-0{3 + i} 09:41</i></div>"
        for i in range(5)
    )
    page = page_of(rows, "http://forum.test/somewhere")
    assert page.posts == ()
    assert [thread.title for thread in page.threads] == WORDS
