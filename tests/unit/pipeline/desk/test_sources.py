"""Sources: what stands in the way of a crawl is said, and nothing is queued against it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline.desk.mandates import revoke_mandate
from pipeline.desk.sources import add_source, crawl_now, list_sources, set_paused, set_schedule
from pipeline.domain.work import WorkKind
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from tests.browser.seeding import NOW, SOURCES, World


def obstacles(world: World, people: Any) -> dict[str, str]:
    return {v.source.id: v.obstacle for v in list_sources(world.record, people.ines, world.officers, NOW)}


def crawls(world: World) -> int:
    with world.record.read() as tx:
        return tx.pending().get(WorkKind.CRAWL, 0)


def test_a_live_mandate_lets_a_crawl_be_queued_and_an_ended_one_does_not(world: World, people: Any) -> None:
    found = obstacles(world, people)
    assert found["tallow-lane"] == ""
    assert found["nebelforum"] != ""
    with pytest.raises(Refused):
        crawl_now(world.record, people.sten, "nebelforum", world.officers, NOW)
    assert crawls(world) == 0
    crawl_now(world.record, people.sten, "tallow-lane", world.officers, NOW)
    assert crawls(world) == 1


def test_pausing_and_revoking_stand_in_the_way(world: World, people: Any) -> None:
    set_paused(world.record, people.sten, "tallow-lane", True, NOW)
    assert "Paused" in obstacles(world, people)["tallow-lane"]
    set_paused(world.record, people.sten, "tallow-lane", False, NOW)
    assert obstacles(world, people)["tallow-lane"] == ""
    revoke_mandate(world.record, people.lindqvist, "M-2026-014", "the court said so", NOW)
    assert "Revoked" in obstacles(world, people)["tallow-lane"]


def test_a_mandate_that_names_other_sources_does_not_cover_this_one(world: World, people: Any) -> None:
    add_source(world.record, people.adm, replace(SOURCES[0], id="stranger"), NOW)
    assert "doesn't cover" in obstacles(world, people)["stranger"]
    add_source(world.record, people.adm, replace(SOURCES[0], id="orphan", mandate_id="M-0"), NOW)
    assert "not recorded" in obstacles(world, people)["orphan"]


def test_a_source_needs_a_sound_id_address_and_zone(world: World, people: Any) -> None:
    good = replace(SOURCES[0], id="fresh")
    for bad in (
        replace(good, id="Not A Slug"),
        replace(good, start_url="ftp://tallowlane.example/"),
        replace(good, start_url="http://user@tallowlane.example/"),
        replace(good, start_url="http://["),
        replace(good, timezone="Mars/Olympus"),
    ):
        with pytest.raises(BadInput):
            add_source(world.record, people.adm, bad, NOW)
    add_source(world.record, people.adm, good, NOW)
    with pytest.raises(Conflict):
        add_source(world.record, people.adm, good, NOW)


def test_schedules_and_permissions(world: World, people: Any) -> None:
    set_schedule(world.record, people.sten, "tallow-lane", timedelta(hours=2), NOW)
    with world.record.read() as tx:
        assert {s.source_id: s.every_s for s in tx.schedules()}["tallow-lane"] == 7_200
    with pytest.raises(BadInput):
        set_schedule(world.record, people.sten, "tallow-lane", timedelta(seconds=59), NOW)
    with pytest.raises(NotFound):
        set_schedule(world.record, people.sten, "nowhere", timedelta(hours=2), NOW)
    with pytest.raises(Refused):
        set_paused(world.record, people.ines, "tallow-lane", True, NOW)
