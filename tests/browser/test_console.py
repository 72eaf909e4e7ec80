"""An investigator's way through the console in a real browser: sign in, take an alert, decide it, see it delivered."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

from tests.browser.seeding import PASSWORD, CountingSender, World
from tests.browser.serving import chromium, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Watch:
    """What a browser did that a page of ours must never make it do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.policy: list[str] = []
        self.foreign: list[str] = []
        self.dialogs: list[str] = []
        self._origin = urlsplit(origin).netloc
        context.on("console", self._heard)
        context.on("request", self._asked)
        context.on("dialog", lambda dialog: (self.dialogs.append(dialog.type), dialog.dismiss()))

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.policy.append(message.text)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._origin:
            self.foreign.append(request.url)


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill("ines")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_an_alert_is_taken_decided_and_seen_delivered(browser: Browser, world: World, scripts: bool) -> None:
    sender = CountingSender()
    with serving(world) as url:
        context = browser.new_context(java_script_enabled=scripts)
        watch = Watch(context, url)
        page = context.new_page()
        sign_in(page, url)
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()

        page.get_by_role("button", name="Open next").click()
        title = "Selling sessions without limits, proof in thread"
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.get_by_text("Yours until")).to_be_visible()
        expect(page.locator("mark.reason").first).to_be_visible()
        weighed = page.get_by_role("row").filter(has_text="“bypass” near “price”")
        expect(weighed).to_contain_text("odds × 11.0")
        page.get_by_text("Why this post").click()
        expect(weighed).to_be_hidden()

        page.locator("label.choice", has_text="Relevant").first.click()
        page.get_by_label("Reason").locator("visible=true").select_option("Sells access")
        page.get_by_label("Note optional").fill("Second offer from this handle.")
        page.get_by_role("button", name="Decide, open next").click()
        expect(page.get_by_role("status")).to_contain_text("is decided: relevant, sells access")
        expect(page.get_by_role("heading", name=title)).to_have_count(0)

        world.deliver(sender)
        page.get_by_role("link", name="Deliveries").click()
        row = page.get_by_role("row").filter(has_text="Alert decided").filter(has_text="North desk cases")
        expect(row).to_contain_text("Delivered")
        told = sorted(d.endpoint_id for d in sender.sent if d.event == "nightlight.alert.status_changed")
        assert told == ["night-watch", "north-desk"]

        for tab in ("Sources", "Search", "Queue"):
            page.get_by_role("navigation", name="Main").get_by_role("link", name=tab).click()
        page.goto(f"{url}/search")
        page.get_by_label("Search posts").fill("lumen wording")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("mark.term").first).to_be_visible()
        assert "wording" not in page.url

        page.get_by_text("Ines Varga").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_contain_text("You are signed out")
        context.close()
    assert (watch.policy, watch.foreign, watch.dialogs) == ([], [], [])


def test_the_watch_sees_what_is_planted(browser: Browser, world: World) -> None:
    """Positive control: the same policy on a page that breaks it, and a page that asks another origin."""
    with serving(world) as url:
        context = browser.new_context(java_script_enabled=False)
        watch = Watch(context, url)
        page = context.new_page()
        policy = page.goto(f"{url}/login").headers["content-security-policy"]  # type: ignore[union-attr]

        def planted(route: Route) -> None:
            strict = "strict" in route.request.url
            headers = {"content-type": "text/html", **({"content-security-policy": policy} if strict else {})}
            route.fulfill(headers=headers, body="<p style='color:red'>x<img src='http://127.0.0.2:9/x.png'>")

        context.route(f"{url}/planted-*", planted)
        page.goto(f"{url}/planted-strict")
        assert watch.policy
        page.goto(f"{url}/planted-loose")
        assert watch.foreign
        context.close()
