"""Hostile text in every field of every page: shown, never run, never loaded."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.domain.accounts import Role, User
from pipeline.domain.alert import Note, Status
from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint
from pipeline.domain.learning import Sample
from tests.browser.seeding import HASH, MODEL, NOW, PASSWORD, SOURCES, URL, Said, Told, World, seed
from tests.unit.pipeline.console.conftest import Browser

POLYGLOTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+alert(1)//'>",
    "</textarea><base href=//evil.example><form action=//evil.example>",
    '<mark class="term"></mark><a href="//evil.example">x</a>',
    "{{7*7}}{% import os %}${7*7}#{7*7}",
    "a\u202egnp.exe\u2066\u200b\x00\x1b[31m\ufeff",
    "＜script＞alert(1)＜/script＞",
    "&lt;script&gt;&#60;script&#62;",
    "Z" + "\u0335\u0321" * 200,
)
HOSTILE = " ".join(POLYGLOTS)
TAGS = """
html head meta title link body a header div nav ul li details summary p form input fieldset legend button main h1 h2 h3
section span label select option ol mark strong article time b blockquote aside dl dt dd footer textarea table caption
thead tbody tr th td code svg rect meter br
"""
ALLOWED = frozenset(TAGS.split())


class Reader(HTMLParser):
    """Every tag with its attributes, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    handle_startendtag = handle_starttag


def complaints(page: str) -> Iterator[str]:
    """What in this page could run or load something, or hide something."""
    reader = Reader()
    reader.feed(page)
    for tag, attributes in reader.tags:
        if tag not in ALLOWED:
            yield f"tag {tag}"
        for name, value in attributes.items():
            if name.startswith("on") or name in ("style", "srcdoc", "src", "background"):
                yield f"attribute {name}"
            if name in ("href", "action", "formaction") and not re.match(r"(/(?!/)|#)", value):
                yield f"address in {name}"
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", page):
        yield "hidden character"
    if "49" in re.sub(r"\d{3,}|\d49|49\d", "", page) and "{{7*7}}" not in page:
        yield "template ran"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[World]:
    """A world in which everybody's words are hostile."""
    said = Said(
        HOSTILE,
        f"lumen {HOSTILE}",
        0.9,
        {"trading": 0.9},
        ((POLYGLOTS[0], "offers-bypass"),),
        (HOSTILE, HOSTILE),
        language='"><x',
        hours_ago=2,
        targets=(HOSTILE,),
        clues=((HOSTILE, 1e9), (HOSTILE[::-1], -1e-9)),
        alike=((HOSTILE, 1, 0.5),),
    )
    sources = [replace(source, name=HOSTILE) for source in SOURCES]
    world = seed(tmp_path, [Told("tallow-lane", "666", HOSTILE, (said,))], sources)
    with world.record.write() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
        tx.save_user(User("mallory", HOSTILE, Role.SUPERVISOR, HASH, NOW))
        tx.save_endpoint(Endpoint("north-desk", HOSTILE, "https://x.example/" + HOSTILE, "keys/x"))
        tx.add_note(Note("n1", alert.id, HOSTILE, NOW, HOSTILE))
        delivery = next(d for d in tx.deliveries(alert_id=alert.id))
        tx.save_delivery(_hostile(delivery))
        tx.save_alert(replace(alert, revision=alert.revision + 1, kinds={HOSTILE: 0.9}, language=HOSTILE))
        tx.save_samples([Sample(tx.all_posts(0, 1)[0].post.revision_id, MODEL, 0.4, NOW)])
    yield world
    world.close()


def _hostile(delivery: Delivery) -> Delivery:
    return replace(delivery, state=DeliveryState.DEAD, last_error=HOSTILE, attempts=8)


def test_the_checker_finds_what_is_planted() -> None:
    for text in (
        *POLYGLOTS[:2],
        POLYGLOTS[4],
        POLYGLOTS[5],
        POLYGLOTS[7],
        "<p onclick=x>",
        "<a href=javascript:x>",
        "49",
    ):
        assert list(complaints(f"<p>{text}</p>")), text


def test_hostile_words_are_inert_on_every_page(hostile: World) -> None:
    from fastapi.testclient import TestClient

    app = create_app(hostile.record, hostile.index, ConsoleOptions(URL, officers=hostile.officers), hostile.clock)
    browser = Browser(TestClient(app, base_url=URL))
    browser.post("/login", user="mallory", **{"pass": PASSWORD})
    with hostile.record.read() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
    browser.get("/search")
    results = browser.post("/search", q="lumen")
    pages = {
        "search": results.text,
        "bad search": browser.post("/search", q=f"(({HOSTILE[:600]}").text,
        "search words": browser.post("/search", q='"<script>alert(1)</script>" onerror').text,
        "bad sign-in": browser.post("/login", user=HOSTILE[:90], **{"pass": HOSTILE[:90]}).text,
        "facet": browser.get(f"{results.url.path}?kind=%22%3E%3Cscript%3E&sort=%3Cb%3E").text,
        "not found": browser.get("/%3Cscript%3E{{7*7}}").text,
        "no alert": browser.get("/alerts/%3Cscript%3Ealert(1)%3C/script%3E?decided=%3Cscript%3E").text,
        "theme": browser.post("/theme", theme=HOSTILE, back='/"><script>').text,
    }
    for path in ("/queue", f"/alerts/{alert.id}", "/labels", "/deliveries", "/sources", "/search"):
        pages[path] = browser.get(path).text
    stale = browser.post(
        f"/alerts/{alert.id}/decide", revision="1", decision="relevant", reason_relevant=HOSTILE, note=HOSTILE
    )
    assert stale.status_code == 422
    pages["draft"] = stale.text
    for name, page in pages.items():
        assert list(complaints(page)) == [], name
    for path in ("/queue", f"/alerts/{alert.id}", "/labels", "search"):
        assert "{{7*7}}" in pages[path], path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[path], path
        assert "⟨U+202E⟩" in pages[path], path


def test_the_api_tells_browsers_that_its_answers_are_no_pages(hostile: World) -> None:
    from fastapi.testclient import TestClient

    app = create_app(hostile.record, hostile.index, ConsoleOptions(URL), hostile.clock)
    client = TestClient(app, base_url=URL)
    client.post("/api/v1/session", json={"name": "mallory", "password": PASSWORD})
    for path in ("alerts", "deliveries", "sources", "mandates", "session", "none<script>"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
