"""Default deny: every route, every role, with and without a session, with and without the token."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute

from pipeline.console.access import Allowed, GuardedRoute, public
from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.domain.accounts import GRANTS, Permission
from tests.browser.seeding import PASSWORD, PEOPLE, URL, World
from tests.unit.pipeline.console.conftest import Browse

PUBLIC = {("GET", "/login"), ("POST", "/login"), ("GET", "/static/{name}"), ("POST", "/api/v1/session")}


@pytest.fixture
def routes(world: World) -> list[APIRoute]:
    app = create_app(world.record, world.index, ConsoleOptions(URL), world.clock)
    return list(_flat(app.routes))


def _flat(found: Any) -> Iterator[APIRoute]:
    for route in found:
        if isinstance(route, APIRoute):
            yield route
        else:
            included = getattr(route, "original_router", None)
            assert included is not None, f"{route!r} is no guarded route"
            yield from _flat(included.routes)


def calls(route: APIRoute) -> list[Any]:
    return [dependency.call for dependency in route.dependant.dependencies]


def guard(route: APIRoute) -> Allowed | None:
    return next((call for call in calls(route) if isinstance(call, Allowed)), None)


def filled(path: str) -> str:
    for name in (
        "alert_id",
        "delivery_id",
        "endpoint_id",
        "source_id",
        "mandate_id",
        "search_id",
        "revision_id",
        "name",
    ):
        path = path.replace(f"{{{name}}}", "none-such")
    return path


def test_every_route_names_its_permission_and_the_public_ones_are_these(routes: list[APIRoute]) -> None:
    assert len(routes) > 30
    open_routes = set()
    for route in routes:
        assert isinstance(route, GuardedRoute)
        if guard(route) is None:
            assert public in calls(route)
            open_routes |= {(method, route.path) for method in route.methods or ()}
    assert open_routes == PUBLIC


def test_a_route_without_a_permission_cannot_be_made(world: World) -> None:
    app = create_app(world.record, world.index, ConsoleOptions(URL), world.clock)
    with pytest.raises(TypeError, match="names no permission"):
        app.get("/new")(lambda: "unguarded")


def test_without_a_session_every_route_asks_for_one(routes: list[APIRoute], browse: Browse) -> None:
    browser = browse()
    asked = 0
    for route in routes:
        if guard(route) is None:
            continue
        for method in route.methods or ():
            answer = browser.client.request(method, filled(route.path), follow_redirects=False)
            expected = 401 if route.path.startswith("/api/") else 303
            assert answer.status_code == expected, (method, route.path)
            asked += 1
    assert asked > 30


@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_is_refused_exactly_what_it_may_not(routes: list[APIRoute], browse: Browse, name: str) -> None:
    browser = browse(name)
    granted = GRANTS[PEOPLE[name][1]]
    refused = 0
    for route in routes:
        needed = guard(route)
        if needed is None or route.path in ("/logout", "/api/v1/session"):
            continue
        for method in route.methods or ():
            headers = {"x-csrf-token": browser.client.get("/api/v1/session").json()["csrf"]}
            answer = browser.client.request(method, filled(route.path), headers=headers, follow_redirects=False)
            may = not needed.any_of or bool(granted & set(needed.any_of))
            assert (answer.status_code != 403) == may, (method, route.path, answer.status_code)
            assert answer.status_code < 500, (method, route.path)
            refused += not may
    assert refused > 0


def test_a_change_without_the_token_is_refused(routes: list[APIRoute], browse: Browse) -> None:
    browser = browse("sten")
    tried = 0
    for route in routes:
        if guard(route) is None or "GET" in (route.methods or ()):
            continue
        for method in route.methods or ():
            for headers in ({}, {"x-csrf-token": "wrong"}):
                answer = browser.client.request(method, filled(route.path), headers=headers)
                assert answer.status_code == 403, (method, route.path)
                tried += 1
    assert tried > 20
    assert browser.post("/next").status_code == 200


def test_signing_out_ends_the_session_on_the_server(browse: Browse) -> None:
    browser = browse("ines")
    kept = dict(browser.client.cookies)
    answer = browser.post("/logout", follow=False)
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    thief = browse()
    thief.client.cookies.update(kept)
    assert thief.client.get("/queue", follow_redirects=False).status_code == 303


def test_a_wrong_password_gets_one_clear_sentence(browse: Browse) -> None:
    browser = browse()
    answer = browser.post("/login", user="ines", **{"pass": "not the right words"})
    assert answer.status_code == 403
    assert "Name or password is wrong; try again" in answer.text
    assert "not the right words" not in answer.text
    for _ in range(10):
        answer = browser.post("/login", user="ines", **{"pass": "x"})
    assert answer.status_code == 429
    assert "wait 15 minutes" in answer.text
    assert PASSWORD not in answer.text


def test_every_permission_of_a_route_is_granted_to_somebody(routes: list[APIRoute]) -> None:
    needed = {permission for route in routes if (found := guard(route)) for permission in found.any_of}
    assert Permission.REVIEW in needed
    assert all(any(permission in granted for granted in GRANTS.values()) for permission in needed)


def test_a_link_from_a_case_system_opens_its_alert_after_signing_in(browse: Browse) -> None:
    link = browse("ines").post("/next", follow=False).headers["location"]
    browser = browse()
    form = browser.get(link)
    assert form.request.url.path == "/login"
    to = re.findall(r'name="to" value="([^"]+)"', form.text)[0]
    wrong = browser.post("/login", user="okafor", to=to, **{"pass": "x"})
    assert f'name="to" value="{to}"' in wrong.text
    assert browser.post("/login", user="okafor", to=to, **{"pass": PASSWORD}).request.url.path == link


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil", ""]
)
def test_signing_in_leads_to_no_other_site(browse: Browse, to: str) -> None:
    browser = browse()
    assert "evil" not in browser.client.get("/login", params={"to": to}).text
    assert browser.post("/login", follow=False, user="ines", to=to, **{"pass": PASSWORD}).headers["location"] == "/"


def test_a_session_that_ran_out_says_so(browse: Browse, world: World) -> None:
    browser = browse("ines")
    world.clock.forward(timedelta(minutes=16))
    assert "Sessions end after 15 quiet minutes" in browser.get("/queue").text
    assert "Sessions end after 15 quiet minutes" not in browse().get("/queue").text
