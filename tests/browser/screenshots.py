"""Pictures of the console for the documentation: `python -m tests.browser.screenshots [FOLDER]`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from pipeline.desk import review
from pipeline.domain.accounts import actor_of
from pipeline.domain.alert import Status
from pipeline.ports import Answer
from tests.browser.seeding import NOW, PASSWORD, URL, CountingSender, World, seed
from tests.browser.serving import chromium, serving

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def work_a_little(world: World) -> None:
    """A day in which one alert was handed over, one delivery failed, and one alert is in hand."""
    with world.record.read() as tx:
        users = {user.name: actor_of(user) for user in tx.users()}
        by_thread = {alert.thread_id: alert for alert in tx.alerts([Status.NEW], 50)}
    for thread, status, reason in (("19", Status.NOT_RELEVANT, "opinion"), ("12", Status.RELEVANT, "offers")):
        alert = by_thread[thread]
        review.decide(
            world.record, users["okafor"], alert.id, alert.revision, status, reason, "", world.clock.now(), URL
        )
    world.deliver(CountingSender({"night-watch": Answer(0, "no answer (ConnectError); check that it is running")}))
    alert = by_thread["4182"]
    review.add_note(world.record, users["okafor"], alert.id, "Same offer in Gravel Market last week.", NOW)
    review.extend(world.record, users["ines"], alert.id, NOW)
    world.settle()


def shoot(page: Page, url: str, folder: Path, name: str) -> None:
    """The two pages that must work on a small screen."""
    page.goto(f"{url}/queue")
    page.screenshot(path=folder / f"queue-{name}.png")
    page.get_by_role("link", name="Open", exact=True).click()
    page.screenshot(path=folder / f"alert-{name}.png")


def shoot_wide(page: Page, url: str, folder: Path, name: str) -> None:
    """The pages of a desk."""
    for picture in ("sources", "deliveries"):
        page.goto(f"{url}/{picture}")
        page.screenshot(path=folder / f"{picture}-{name}.png")
    page.goto(f"{url}/search")
    page.get_by_label("Search posts").fill("lumen -price")
    page.get_by_role("button", name="Search").click()
    page.screenshot(path=folder / f"search-{name}.png")


def main(folder: Path) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        world = seed(Path(home))
        work_a_little(world)
        with serving(world) as url:
            for theme in ("light", "dark"):
                for size, width in ((WIDE, 1280), (NARROW, 390)):
                    context = browser.new_context(viewport=size, color_scheme=theme, java_script_enabled=False)
                    page = context.new_page()
                    page.goto(url)
                    if size is WIDE:
                        page.screenshot(path=folder / f"login-{theme}-{width}.png")
                    page.get_by_label("Name").fill("ines")
                    page.get_by_label("Password").fill(PASSWORD)
                    page.get_by_role("button", name="Sign in").click()
                    shoot(page, url, folder, f"{theme}-{width}")
                    if size is WIDE:
                        shoot_wide(page, url, folder, f"{theme}-{width}")
                    context.close()
        world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
