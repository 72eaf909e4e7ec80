"""The JSON API: the same desk and rights as the pages."""

from typing import Any

import pytest

from tests.browser.seeding import PASSWORD, World
from tests.unit.pipeline.console.conftest import Browse, Browser


@pytest.fixture
def api(browse: Browse) -> Browser:
    browser = browse()
    answer = browser.json("POST", "/session", {"name": "ines", "password": PASSWORD})
    assert answer.status_code == 200
    browser.csrf = answer.json()["csrf"]
    return browser


def test_a_case_system_can_work_through_the_queue(api: Browser) -> None:
    waiting = api.json("GET", "/alerts").json()
    assert len(waiting) == 7
    taken = api.json("POST", "/alerts/next").json()
    assert taken["id"] == waiting[0]["id"]
    assert taken["claimed_by"] == "ines"
    case = api.json("GET", f"/alerts/{taken['id']}").json()
    assert sum(post["flagged"] for post in case["thread"]) == taken["flagged_posts"]
    first = next(post for post in case["thread"] if post["flagged"])
    start, end, reason = first["spans"][0]
    assert (first["text"][start:end], reason) == ("that never says no, bypass included", "names-bypass")
    decision = {"revision": case["alert"]["revision"], "status": "relevant", "reason": "sells", "note": "seen"}
    assert api.json("POST", f"/alerts/{taken['id']}/decision", decision).json()["status"] == "relevant"
    again = api.json("POST", f"/alerts/{taken['id']}/decision", decision)
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    case = api.json("GET", f"/alerts/{taken['id']}").json()
    assert [note["text"] for note in case["notes"]] == ["seen"]
    assert {d["event"] for d in case["deliveries"]} == {"nightlight.alert.created", "nightlight.alert.status_changed"}
    assert len(api.json("GET", "/alerts?status=relevant").json()) == 1


def test_search_deliveries_sources_and_mandates(api: Browser, world: World) -> None:
    found = api.json("POST", "/search", {"query": "lumen wording"}).json()
    assert (found["total"], len(found["hits"])) == (2, 2)
    marks = [hit["text"][a:b].lower() for hit in found["hits"] for a, b in hit["marks"]]
    assert set(marks) == {"lumen", "wording"}
    deliveries = api.json("GET", "/deliveries?state=pending").json()
    assert len(deliveries) == 7
    assert api.json("POST", f"/deliveries/{deliveries[0]['id']}/replay").json()["id"] == deliveries[0]["id"]
    assert {s["id"]: bool(s["obstacle"]) for s in api.json("GET", "/sources").json()}["nebelforum"]
    assert {m["id"]: m["state"] for m in api.json("GET", "/mandates").json()}["M-2026-003"] == "ended"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/alerts/none", None, 404),
        ("GET", "/nowhere", None, 404),
        ("PUT", "/alerts", None, 405),
        ("POST", "/search", {"query": "(lumen"}, 422),
        ("POST", "/search", {"query": "lumen", "secret-word": 1}, 422),
        ("POST", "/search", {"query": "secret-word " * 200}, 422),
        ("POST", "/sources/tallow-lane/pause", None, 403),
        ("POST", "/alerts/none/decision", {"revision": 1, "status": "secret-word", "reason": ""}, 422),
    ],
)
def test_errors_are_problems_that_repeat_nothing(api: Browser, method: str, path: str, body: Any, status: int) -> None:
    answer = api.json(method, path, body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert "secret-word" not in answer.text


def test_the_description_names_every_path(api: Browser) -> None:
    described = api.json("GET", "/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/api/v1/alerts/{alert_id}/decision" in described["paths"]
    assert not [path for path in described["paths"] if not path.startswith("/api/v1/")]


def test_signing_out_closes_the_api(api: Browser) -> None:
    assert api.json("GET", "/session").json()["name"] == "ines"
    assert api.json("DELETE", "/session").status_code == 204
    assert api.json("GET", "/session").status_code == 401
