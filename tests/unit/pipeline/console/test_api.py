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


def test_an_alert_comes_with_why_it_was_raised_and_its_webhook_without_a_word_of_it(api: Browser, world: World) -> None:
    alert = next(a for a in api.json("GET", "/alerts").json() if a["thread_id"] == "4182")
    assert (alert["score"], alert["threshold"]) == (0.8, 0.5)
    assert [(ground["id"], ground["points"]) for ground in alert["grounds"]] == [("score", 1), ("offer", 1)]
    thread = api.json("GET", f"/alerts/{alert['id']}").json()["thread"]
    [why] = [post["explanation"] for post in thread if post["flagged"]]
    assert (why["model"], why["score"], why["targets"]) == ("seed-1", 0.8, ["text-model"])
    assert why["clues"][0] == {"words": "“drop” near “filters”", "weight": 1.62}
    assert why["exemplars"][0] == {"id": "c0455694ec73b883", "label": 1, "similarity": 0.71}
    assert {len(post["explanation"]["clues"]) for post in thread if not post["flagged"]} == {0}
    with world.record.read() as tx:
        [sent] = [delivery.payload for delivery in tx.deliveries(alert_id=alert["id"])]
    assert alert["id"] in str(sent)
    assert not any(clue["words"] in str(sent) for clue in why["clues"])
    assert alert["grounds"][0]["sentence"] not in str(sent)


def test_the_thread_of_an_alert_comes_page_by_page(api: Browser) -> None:
    alert = api.json("POST", "/alerts/next").json()
    whole = api.json("GET", f"/alerts/{alert['id']}").json()
    assert whole["thread_total"] == len(whole["thread"]) == 3
    pages = [api.json("GET", f"/alerts/{alert['id']}?limit=2&offset={offset}").json() for offset in (0, 2, 4)]
    assert [post for page in pages for post in page["thread"]] == whole["thread"]
    assert [len(page["thread"]) for page in pages] == [2, 1, 0]
    assert api.json("GET", f"/alerts/{alert['id']}?limit=501").status_code == 422


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
        ("POST", "/search", {"query": "lumen", "sort": "secret-word"}, 422),
        ("POST", "/alerts/none/decision", {"revision": 1, "status": "secret-word", "reason": ""}, 422),
        ("GET", f"/alerts?offset={10**30}", None, 422),
        ("POST", "/mandates/M-2026-014/revoke", {"reason": "secret-word"}, 403),
        ("POST", "/sources/tallow-lane/crawl", None, 403),
        ("POST", "/endpoints/night-watch/test", None, 403),
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


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"text": "\\ud800"}', 422, "Correct these fields: text."),
        (b"{", 422, "Correct these fields: the body."),
        (b"[" * 60_000, 400, "The request can’t be read"),
        (b"\xff\xfe\xff", 400, "The request can’t be read"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_with_what_to_do(
    api: Browser, body: bytes, status: int, said: str
) -> None:
    headers = {"x-csrf-token": api.csrf, "content-type": "application/json"}
    answer = api.client.post("/api/v1/alerts/none/notes", content=body, headers=headers)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_what_the_pages_do_to_the_line_the_api_does_too(browse: Browse) -> None:
    admin, officer = browse("adm"), browse("lindqvist")
    assert {e["id"] for e in admin.json("GET", "/endpoints").json()} == {"night-watch", "north-desk"}
    assert admin.json("POST", "/endpoints/night-watch/test").json()["event"] == "nightlight.endpoint.test"
    assert admin.json("POST", "/sources/tallow-lane/crawl").status_code == 204
    ended = {"reason": "the operation ended"}
    assert officer.json("POST", "/mandates/M-2026-014/revoke", ended).status_code == 204
    assert {m["id"]: m["state"] for m in officer.json("GET", "/mandates").json()}["M-2026-014"] == "revoked"
    assert admin.json("POST", "/sources/tallow-lane/crawl").status_code == 403


def test_the_description_says_who_may_call_and_how_it_fails(api: Browser) -> None:
    described = api.json("GET", "/openapi.json").json()
    asked = {scheme["name"] for scheme in described["components"]["securitySchemes"].values()}
    assert asked == {"nightlight", "x-csrf-token"}
    calls = {(m, p): call for p, found in described["paths"].items() for m, call in found.items()}
    assert [key for key, call in calls.items() if not call["security"]] == [("post", "/api/v1/session")]
    for (method, _), call in calls.items():
        assert call["responses"]["4XX"]["content"].keys() == {"application/problem+json"}
        assert ("token" in str(call["security"])) == (method != "get" and bool(call["security"]))


def test_signing_out_closes_the_api(api: Browser) -> None:
    assert api.json("GET", "/session").json()["name"] == "ines"
    assert api.json("DELETE", "/session").status_code == 204
    assert api.json("GET", "/session").status_code == 401
