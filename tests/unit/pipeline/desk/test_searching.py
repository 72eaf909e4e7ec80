"""Searches are found again by their owner, and audited without their words."""

import hashlib
from typing import Any

import pytest

from pipeline.desk.searching import Ask, save_search, saved_text, search
from pipeline.errors import BadInput, NotFound, Refused
from tests.browser.seeding import NOW, World


def test_a_search_finds_posts_and_the_alerts_they_are_on(world: World, people: Any) -> None:
    text = "lumen wording"
    search_id = save_search(world.record, people.ines, text, NOW)
    found = search(world.record, world.index, people.ines, Ask(text), NOW, salt=search_id)
    assert found.page.total == len(found.page.hits) == 2
    assert {alert.thread_id for alert in found.alerts.values()} == {"4182", "4190"}


def test_narrowing_adds_to_the_words(world: World, people: Any) -> None:
    def total(**more: Any) -> int:
        return search(world.record, world.index, people.ines, Ask("lumen", **more), NOW, salt="s").page.total

    everything = total()
    market = total(narrowed=(("source", "gravel-market"),))
    assert 0 < market < everything
    assert 0 < total(day="2026-11-23") < everything
    assert total(narrowed=(("source", "gravel-market"), ("language", "de"))) == 1


def test_the_log_holds_a_commitment_and_no_words(world: World, people: Any) -> None:
    text = "strict heron"
    search_id = save_search(world.record, people.ines, text, NOW)
    search(world.record, world.index, people.ines, Ask(text), NOW, salt=search_id)
    commitment = hashlib.sha256(f"{search_id}\n{text}".encode()).hexdigest()
    with world.record.read() as tx:
        events = tx.audit_of(commitment, 10)
    assert [(event.actor, event.action) for event in events] == [("ines", "search.run")]
    assert "strict" not in repr(events)
    assert search_id not in repr(events)


def test_a_saved_search_is_its_owners_alone(world: World, people: Any) -> None:
    search_id = save_search(world.record, people.ines, "lumen", NOW)
    assert saved_text(world.record, people.ines, search_id) == "lumen"
    with pytest.raises(NotFound):
        saved_text(world.record, people.okafor, search_id)
    with pytest.raises(NotFound):
        saved_text(world.record, people.ines, "guessed")


def test_what_cannot_be_read_or_is_too_deep_is_refused(world: World, people: Any) -> None:
    for text in ("(lumen", "x" * 1_001):
        with pytest.raises(BadInput):
            save_search(world.record, people.ines, text, NOW)
    for ask in (Ask("lumen", sort="random"), Ask("lumen", offset=10_001), Ask("lumen", offset=-1)):
        with pytest.raises(BadInput):
            search(world.record, world.index, people.ines, ask, NOW, salt="s")
    for nobody in (people.adm, people.audrey, people.lindqvist):
        with pytest.raises(Refused):
            save_search(world.record, nobody, "lumen", NOW)
