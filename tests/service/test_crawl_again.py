"""Later crawls ask for what changed and nothing else, and a crawl that was cut is finished by the next one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.extract import Extractor
from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page
from tests.fakes.crawl import Book, Memory, mandate, now
from tests.fakes.crawling import INDEX, run
from tests.fakes.raw_server import page, serving

LISTS = ["GET /robots.txt", "GET /", "GET /viewforum.php?f=1"]
PER_PAGE = 2


@dataclass
class Forum:
    """threads: posts of each thread by its id; the newest thread stands first."""

    threads: dict[int, list[str]]

    async def answer(self, path: str) -> AsyncIterator[bytes]:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if path == "/robots.txt":
            yield page(b"", "text/plain")
        elif "t" in asked:
            yield page(self._thread(int(asked["t"]), int(asked.get("start", "0"))))
        else:
            yield page(self._board() if "f" in asked else INDEX)

    def _board(self) -> bytes:
        rows = (
            f'<li><a class="topictitle" href="./viewtopic.php?t={number}">Thread</a><dd class="posts">{len(posts)}</dd>'
            for number, posts in sorted(self.threads.items(), reverse=True)
        )
        return f'<body id="phpbb" class="section-viewforum">{"".join(rows)}</body>'.encode()

    def _thread(self, number: int, start: int) -> bytes:
        posts = self.threads[number]
        shown = "".join(
            f'<div id="p{number}0{place}" class="post"><div class="postbody"><p class="author"><a class="username">ann'
            f'</a></p><div class="content">{posts[place]}</div></div></div>'
            for place in range(start, min(start + PER_PAGE, len(posts)))
        )
        others = "".join(
            f'<a href="./viewtopic.php?t={number}&amp;start={other}">page</a>'
            for other in range(0, len(posts), PER_PAGE)
            if other != start
        )
        return f'<body id="phpbb" class="section-viewtopic">{shown}{others}</body>'.encode()


def words(memory: Memory) -> list[str]:
    return sorted(post.text for post in memory.posts.values())


def test_only_the_thread_that_changed_is_read_again_and_only_from_its_last_known_page(tmp_path: Path) -> None:
    forum, memory = Forum({1: ["a", "b", "c"], 2: ["d"], 3: ["e", "f"]}), Memory()
    with serving(forum.answer) as served:
        run(served.url + "/", memory, tmp_path)
        assert words(memory) == ["a", "b", "c", "d", "e", "f"]
        served.heads.clear()
        forum.threads[1] += ["g", "h"]
        outcome = run(served.url + "/", memory, tmp_path)
        changed = ["GET /viewtopic.php?t=1&start=2", "GET /viewtopic.php?t=1&start=4"]
        assert served.asked == [*LISTS, *changed]
        assert outcome.new_posts == 2
        assert words(memory) == ["a", "b", "c", "d", "e", "f", "g", "h"]
        served.heads.clear()
        run(served.url + "/", memory, tmp_path)
        assert served.asked == LISTS


def test_an_edit_is_found_when_the_thread_is_due_again(tmp_path: Path) -> None:
    forum, memory = Forum({1: ["a", "b"], 2: ["d"]}), Memory()
    with serving(forum.answer) as served:
        run(served.url + "/", memory, tmp_path)
        forum.threads[2] = ["d, edited"]
        run(served.url + "/", memory, tmp_path)
        assert "d, edited" not in words(memory), "nothing announced it"
        memory.states["2"] = replace(memory.states["2"], revisit_at=now() - timedelta(seconds=1))
        served.heads.clear()
        outcome = run(served.url + "/", memory, tmp_path)
        assert served.asked == [*LISTS, "GET /viewtopic.php?t=2"]
        assert (outcome.new_posts, words(memory)) == (1, ["a", "b", "d", "d, edited"])


class Keeping(Memory):
    """Pages to try again are due at once."""

    def failed(self, source_id: str, page: DuePage, fetched: Fetched, retry: bool) -> None:
        super().failed(source_id, page, fetched, retry)
        if retry:
            self.pages[page.url] = (replace(page, attempts=page.attempts + 1), "due")


@pytest.mark.parametrize(("slow_crawls", "read"), [(1, [["a"], ["a", "b"], ["a", "b"]]), (2, [["a"], ["a"], ["a"]])])
def test_a_page_that_was_read_too_slowly_is_tried_once_more_by_the_next_crawl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_crawls: int, read: list[list[str]]
) -> None:
    forum, memory = Forum({1: ["a"], 2: ["b"]}), Keeping()

    class Busy(Extractor):
        async def extract(self, body: bytes, *, url: str, **more: Any) -> Page:
            self._wall_seconds = 0.0 if "t=2" in url and len(seen) < slow_crawls else 10.0
            return await super().extract(body, url=url, **more)

    monkeypatch.setattr("crawler.run.Extractor", Busy)
    seen: list[list[str]] = []
    asked: list[int] = []
    with serving(forum.answer) as served:
        for _ in range(3):
            run(served.url + "/", memory, tmp_path)
            seen.append(words(memory))
            asked.append(served.asked.count("GET /viewtopic.php?t=2"))
    assert asked == [1, 2, 2], "once in each crawl, and not for ever"
    assert seen == read


class Cut(Memory):
    """Ends the mandate once so many pages were accepted."""

    book: Book
    after: int

    def accept(self, capture: Capture) -> int:
        new = super().accept(capture)
        if len(self.captures) == self.after:
            self.book.mandate = None
        return new


def test_a_crawl_that_was_cut_is_finished_by_the_next_and_no_thread_page_is_read_twice(tmp_path: Path) -> None:
    forum = Forum({1: ["a", "b", "c"], 2: ["d"], 3: ["e", "f", "g", "h", "i"]})
    for after in range(1, 7):
        memory = Cut()
        with serving(forum.answer) as served:
            live = mandate(served.url)
            memory.book, memory.after = Book(live), after
            stopped = run(served.url + "/", memory, tmp_path, book=memory.book)
            assert "revoked" in stopped.stopped
            run(served.url + "/", memory, tmp_path, book=Book(live))
            threads = [line for line in served.asked if "viewtopic" in line]
        assert words(memory) == ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
        assert len(threads) == len(set(threads)) == 6
