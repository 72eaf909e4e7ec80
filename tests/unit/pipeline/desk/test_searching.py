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


def test_the_log_holds_the_ids_of_what_was_shown(world: World, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def logged(limit: int, offset: int = 0) -> tuple[list[str], Any]:
        salt = f"{limit} {offset}"
        asked = Ask("lumen wording", offset=offset)
        found = search(world.record, world.index, people.ines, asked, NOW, salt=salt, limit=limit)
        with world.record.read() as tx:
            [event] = tx.audit_of(hashlib.sha256(f"{salt}\nlumen wording".encode()).hexdigest(), 10)
        return [hit.document.id for hit in found.page.hits], event.details["documents"]

    first, second = logged(1), logged(1, 1)
    assert len(first[0]) == len(second[0]) == 1
    assert first[0] == first[1] != second[0] == second[1]
    monkeypatch.setattr("pipeline.desk.searching.LOGGED", 1)
    shown, kept = logged(2)
    assert (len(shown), kept) == (2, shown[:1])


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
