"""A sealed term stands nowhere but in its list: not in a page, an answer of the API, an event, a file or a log.

The post writes the term in disguise, so that its own words aren't the term; another word of it shows where words go.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from nlp.sealed import Sealed
from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.desk import review
from pipeline.domain.accounts import Actor, actor_of
from pipeline.domain.alert import Alert, Status
from pipeline.line.sequence import sequence
from tests.browser.seeding import PASSWORD, URL, CountingSender, Said, Told, World, seed
from tests.unit.pipeline.console.conftest import Browser

TERM = "quorvex"
CONTROL = "larkspur"
TEXT = f"Meet me at q.u.o.r.v.e.x tonight, I sell the {CONTROL} wording."
NORTH = Sealed({"north": [*[""] * 11, TERM]})
ID, WORDS = "sealed-term:north:12", "Sealed term 12 of the list north"


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[World]:
    """A world with one flagged post and an answer to it; a sealed term was found in both."""
    evidence = tuple((TEXT[span.start : span.end], span.reason) for span in NORTH.spans([TEXT])[0])
    assert evidence == (("q.u.o.r.v.e.x", ID),)
    posts = (
        Said("pale_heron", TEXT, 0.9, {"trading": 0.9}, evidence, hours_ago=2),
        Said("tinfinch", "q.u.o.r.v.e.x is too far for me", evidence=(*evidence, ("too far", "wording")), hours_ago=1),
    )
    world = seed(tmp_path, [Told("tallow-lane", "12", "Tonight", posts)])
    yield world
    world.close()


def the_alert(world: World) -> Alert:
    with world.record.read() as tx:
        return tx.alerts(Status, 1)[0]


def ines(world: World) -> Actor:
    with world.record.read() as tx:
        user = tx.user("ines")
    assert user
    return actor_of(user)


def decided(world: World) -> list[str]:
    """The alert is found relevant; returns the events that leave the house."""
    now = world.clock.now()
    held = review.next_alert(world.record, ines(world), now)
    assert held
    review.decide(world.record, ines(world), held.id, held.revision, Status.RELEVANT, "sells", "", now, URL)
    world.settle()
    sender = CountingSender()
    world.deliver(sender)
    return [json.dumps(delivery.payload) for delivery in sender.sent]


def test_pages_and_the_api_call_the_term_by_its_number(agency: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app(agency.record, agency.index, ConsoleOptions(URL, officers=agency.officers), agency.clock)
    browser = Browser(TestClient(app, base_url=URL))
    browser.get("/login")
    browser.post("/login", user="ines", **{"pass": PASSWORD})
    browser.get("/queue")
    browser.post("/next")
    alert = the_alert(agency)
    pages = [browser.get(path).text for path in ("/queue", f"/alerts/{alert.id}")]
    pages.append(browser.post("/search", q=CONTROL).text)
    answers = [browser.json("GET", path).text for path in ("/alerts", f"/alerts/{alert.id}", "/deliveries")]
    answers.append(browser.json("POST", "/search", {"query": CONTROL}).text)
    for page in pages[:2]:
        assert WORDS in page
    assert ID in answers[1]
    assert pages[1].count('<mark class="reason">q.u.o.r.v.e.x') == 2
    assert '<mark class="reason">too far' not in pages[1], "only sealed terms are marked in posts that aren't flagged"
    for shown in (*pages, answers[1], answers[3]):
        assert CONTROL in shown
    for shown in (*pages, *answers, caplog.text):
        assert TERM not in shown.casefold()


def test_no_event_audit_entry_or_file_holds_the_term(
    agency: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    events = decided(agency)
    assert events
    sequence(agency.record, agency.clock, Ed25519PrivateKey.generate(), tmp_path)
    with agency.record.read() as tx:
        audit = [repr(event) for event in tx.audit_events(0, 1_000)]
    assert audit
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"record.db", "index.db"} <= files.keys()
    everything = b"".join(files.values())
    assert CONTROL.encode() in everything
    assert ID.encode() in everything
    for kept in (everything, *(words.encode() for words in (*events, *audit, caplog.text))):
        assert TERM.encode() not in kept.lower()
