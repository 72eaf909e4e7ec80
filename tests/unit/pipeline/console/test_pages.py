"""The pages, as somebody without JavaScript meets them."""

import html
import logging
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from nlp.corpus.dataset import load
from pipeline.console.app import create_app
from pipeline.console.options import ConsoleOptions
from pipeline.console.text import excerpt
from pipeline.desk import review
from pipeline.domain.alert import Status
from pipeline.errors import Unavailable
from pipeline.observe import log
from tests.browser.seeding import NOW, PASSWORD, URL, CountingSender, Said, Told, World, seed
from tests.unit.pipeline.console.conftest import Browse, Browser


def open_next(browser: Browser) -> tuple[str, str, str]:
    """Take the next alert; returns its path, its revision and the page."""
    answer = browser.post("/next")
    assert answer.status_code == 200
    browser.get(answer.url.path)
    revision = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert revision
    return answer.url.path, revision[1], answer.text


def test_the_start_page_is_the_first_one_a_role_may_open(browse: Browse) -> None:
    found = {name: browse(name).get("/").url.path for name in ("ines", "vera", "lindqvist", "adm", "audrey")}
    assert found == {"ines": "/queue", "vera": "/queue", "lindqvist": "/sources", "adm": "/deliveries", "audrey": "/"}
    assert "Nothing here for your role" in browse("audrey").get("/").text


def test_the_menu_shows_what_may_be_opened(browse: Browse) -> None:
    def tabs(name: str) -> list[str]:
        menu = browse(name).get("/sources").text.partition('aria-label="Main"')[2].partition("</nav>")[0]
        return re.findall(r'href="(/\w+)"', menu)

    assert tabs("ines") == ["/queue", "/search", "/deliveries", "/sources"]
    assert tabs("lindqvist") == ["/sources"]


def test_the_queue_shows_what_waits_and_what_is_in_hand(browse: Browse) -> None:
    browser = browse("ines")
    page = browser.get("/queue").text
    assert "7 alerts open" in page
    assert "Nothing in your hands" in page
    open_next(browser)
    page = browser.get("/queue").text
    assert "In your hands" in page
    assert "Yours until <time" in page
    assert "14:35" in page
    assert '<mark class="reason">that never says no, bypass included</mark>' in page
    assert "ines, until 14:35" not in page
    assert "ines, until 14:35" in browse("okafor").get("/queue").text


def test_a_viewer_reads_and_has_no_button_to_decide(browse: Browse, world: World) -> None:
    with world.record.read() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
    browser = browse("vera")
    assert "Open next" not in browser.get("/queue").text
    page = browser.get(f"/alerts/{alert.id}").text
    assert alert.title in page
    assert 'name="decision"' not in page
    assert 'name="decision"' in browse("ines").get(f"/alerts/{alert.id}").text


def test_an_alert_page_shows_thread_reasons_capture_and_band_in_words(browse: Browse, world: World) -> None:
    with world.record.read() as tx:
        alert = next(a for a in tx.alerts([Status.NEW], 10) if a.thread_id == "4182")
    page = browse("ines").get(f"/alerts/{alert.id}").text
    assert '<span class="band high">High</span>' in page
    assert page.count('class="post flagged"') == 1
    assert "<blockquote><p>quillmarrow: The one from the spring thread is dead</p></blockquote>" in page
    for sentence in ("Offers a bypass", "Offers a bypass in trade", "Tells of a bypass that worked"):
        assert sentence in page
    assert len(re.findall(r'<li id="reason-[123]">', page)) == 3
    assert "M-2026-014" in page
    assert "hxxp://tallow-lane[.]example/t/4182#p16" in page
    assert "about 80 are what Nightlight looks for" in page
    assert "It flags where at least 50 are." in page
    assert "posts not shown here" in page
    assert "Bump number 2." not in page
    assert "Bump number 2." in browse("ines").get(f"/alerts/{alert.id}?all=1").text


def test_an_alert_page_says_in_words_what_weighed_and_what_makes_the_band(browse: Browse, world: World) -> None:
    with world.record.read() as tx:
        alert = next(a for a in tx.alerts([Status.NEW], 10) if a.thread_id == "4182")
    page = browse("ines").get(f"/alerts/{alert.id}").text
    for ground in alert.grounds:
        assert f'<b class="num">+{ground.points}</b> <span>{ground.sentence}.</span>' in page
    rows = re.findall(r'<th scope="row" dir="auto">(.*?)</th><td>(.*?)</td>.*?<span class="nowrap">(.*?)</span>', page)
    assert rows == [
        ("“drop” near “filters”", "for", "odds × 5.1"),
        ("“trade” (trade)", "for", "odds × 2.7"),
        ("the words “whole session”", "for", "odds × 1.5"),
        ("“would be” (musing)", "against", "odds ÷ 1.2"),
    ]
    assert '<b>Alerts</b>, 71 % alike, <span class="id">c0455694ec73b883</span>' in page
    assert "<b>Does not alert</b>, 38 % alike" in page
    assert "<dd>text model</dd>" in page
    assert page.count("<summary>Why this post</summary>") == 1


def test_examples_of_the_corpus_are_shown_and_those_a_user_added_only_named(tmp_path: Path) -> None:
    known = load()[0]
    said = Said("ann", "a lantern", 0.9, alike=((known.id, known.label, 0.5), ("of-a-user", 0, 0.4)))
    world = seed(tmp_path, [Told("tallow-lane", "1", "lanterns", (said,))])
    browser = Browser(TestClient(create_app(world.record, world.index, ConsoleOptions(URL), world.clock), base_url=URL))
    browser.post("/login", user="ines", **{"pass": PASSWORD})
    browser.get("/queue")
    _, _, page = open_next(browser)
    shown = page.partition('<ul class="alike">')[2].partition("</ul>")[0]
    assert str(excerpt(known.text)) in shown
    assert re.findall(r'<span class="id">(.*?)</span>', shown) == [known.id, "of-a-user"]
    assert shown.count("<p ") == 1
    world.close()


def test_of_several_flagged_posts_the_loudest_ones_explanation_is_open(tmp_path: Path) -> None:
    clues = (("“lantern”", 1.0),)
    said = (Said("ann", "quiet lantern", 0.6, clues=clues), Said("bo", "loud lantern", 0.9, clues=clues, hours_ago=23))
    world = seed(tmp_path, [Told("tallow-lane", "1", "lanterns", said)])
    browser = Browser(TestClient(create_app(world.record, world.index, ConsoleOptions(URL), world.clock), base_url=URL))
    browser.post("/login", user="ines", **{"pass": PASSWORD})
    browser.get("/queue")
    _, _, page = open_next(browser)
    quiet, loud = re.findall(r'<article class="post flagged".*?</article>', page, re.DOTALL)
    assert '<details class="fold small">' in quiet
    assert '<details class="fold small" open>' in loud
    world.close()


def test_an_alert_of_an_older_version_says_only_what_is_known(browse: Browse, world: World) -> None:
    with world.record.write() as tx:
        alert = tx.alerts([Status.NEW], 1)[0]
        tx.save_alert(replace(alert, threshold=None, grounds=(), revision=alert.revision + 1))
    page = browse("ines").get(f"/alerts/{alert.id}").text
    assert "are what Nightlight looks for" in page
    assert "It flags where" not in page
    assert "What makes the band" not in page


def test_decide_goes_on_to_the_next_and_the_delivery_is_seen(browse: Browse, world: World) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)
    answer = browser.post(
        f"{path}/decide",
        revision=revision,
        decision="relevant",
        reason_relevant="sells",
        reason_escalated="danger",
        note="Twice this week.",
    )
    assert answer.url.path.startswith("/alerts/")
    assert answer.url.path != path
    assert "is decided: relevant, sells access" in answer.text
    decided = browser.get(path).text
    assert "Twice this week." in decided
    assert "Waiting to be sent" in decided
    world.deliver(CountingSender())
    assert "Received" in browser.get(path).text
    assert "Alert decided" in browser.get("/deliveries").text


def test_after_the_last_decision_the_queue_says_so(browse: Browse) -> None:
    browser = browse("ines")
    answer = browser.post("/next")
    for _ in range(7):
        path = answer.url.path
        revision = re.search(r'name="revision" value="(\d+)"', answer.text)
        assert revision
        answer = browser.post(
            f"{path}/decide", revision=revision[1], decision="not_relevant", reason_not_relevant="news"
        )
    assert answer.url.path == "/queue"
    assert "Nothing waits" in answer.text
    assert "is decided: not relevant, news" in answer.text


def test_a_stale_decision_gets_both_versions_and_keeps_what_was_written(
    browse: Browse, world: World, people: Any
) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)
    review.extend(world.record, people.ines, path.rpartition("/")[2], NOW)
    answer = browser.post(
        f"{path}/decide", revision=revision, decision="escalated", reason_escalated="provider", note="Do not lose this."
    )
    assert answer.status_code == 409
    assert "The alert changed after you opened it" in answer.text
    clash = answer.text.partition("Both versions")[2].partition("</table>")[0]
    assert "<td>escalated</td><td>in review</td>" in clash
    assert "Provider should act today" in clash
    assert f"<td>{revision}</td><td>{int(revision) + 1}</td>" in clash
    assert ">Do not lose this.</textarea>" in answer.text
    assert f'name="revision" value="{int(revision) + 1}"' in answer.text
    assert 'value="escalated" required checked' in answer.text


def test_what_was_decided_by_another_meanwhile_is_not_overwritten(browse: Browse, world: World, people: Any) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)
    world.clock.forward(timedelta(minutes=14, seconds=30))
    browser.get("/queue")
    world.clock.forward(timedelta(minutes=1))
    alert = review.next_alert(world.record, people.okafor, world.clock.now())
    assert alert is not None
    assert alert.id == path.rpartition("/")[2]
    review.decide(
        world.record,
        people.okafor,
        alert.id,
        alert.revision,
        Status.NOT_RELEVANT,
        "news",
        "",
        world.clock.now(),
        "http://x",
    )
    answer = browser.post(f"{path}/decide", revision=revision, decision="relevant", reason_relevant="sells")
    assert answer.status_code == 409
    assert "was decided by okafor meanwhile" in answer.text


def test_keeping_longer_keeps_the_draft(browse: Browse, world: World) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)
    world.clock.forward(timedelta(minutes=5))
    answer = browser.post(f"{path}/extend", revision=revision, decision="relevant", note="half a thought")
    assert "14:40" in answer.text
    assert ">half a thought</textarea>" in answer.text
    assert browser.post(f"{path}/extend?back=queue").url.path == "/queue"


def test_a_decision_without_choice_is_asked_for(browse: Browse) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)
    for decision in ("", "new", "<script>"):
        answer = browser.post(f"{path}/decide", revision=revision, decision=decision)
        assert answer.status_code == 422
        assert "Choose a decision" in answer.text


def test_giving_back_notes_and_reopening(browse: Browse) -> None:
    browser = browse("sten")
    path, _, _ = open_next(browser)
    browser.post(f"{path}/give-back", reason="language")
    assert "Nothing in your hands" in browser.get("/queue").text
    assert "nightjar seen" in browser.post(f"{path}/notes", text="nightjar seen").text
    page = browser.get(path).text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision
    browser.post(f"{path}/decide", revision=revision[1], decision="duplicate", reason_duplicate="same-thread")
    assert "Reopen" in browser.get(path).text
    page = browser.post(f"{path}/reopen", why="wrong thread").text
    assert 'name="decision"' in page
    assert "Reopened by sten" in page


def test_a_search_is_posted_and_its_words_are_in_no_address(browse: Browse) -> None:
    browser = browse("ines")
    browser.get("/search")
    answer = browser.post("/search", q="lumen wording")
    assert answer.url.path.startswith("/s/")
    addresses = [str(r.url) for r in [*answer.history, answer]] + re.findall(r'(?:href|action)="([^"]*)"', answer.text)
    assert not [a for a in addresses if "wording" in a]
    assert [a for a in addresses if "band=high" in a]
    assert '<span class="num">2</span> posts, 2 on alerts' in answer.text
    assert '<mark class="term">Lumen</mark>' in answer.text
    assert 'class="reason"' in answer.text
    assert "1–2 of 2, exact count" in answer.text
    assert '<rect class="all"' in answer.text
    assert "The same as a table" in answer.text


def test_facets_narrow_and_chips_widen_again(browse: Browse) -> None:
    browser = browse("ines")
    browser.get("/search")
    base = browser.post("/search", q="lumen").url.path
    narrowed = browser.get(f"{base}?source=gravel-market&language=de&sort=newest").text
    assert '<span class="num">1</span> post,' in narrowed
    chips = narrowed.partition('aria-label="Filters in force"')[2].partition("</div>")[0]
    assert re.findall(r'class="chip" href="([^"]+)"', chips) == [
        f"{base}?language=de&amp;sort=newest",
        f"{base}?source=gravel-market&amp;sort=newest",
    ]
    assert "Source: Gravel Market" in chips
    nothing = browser.get(f"{base}?source=gravel-market&language=ru").text
    assert "Nothing matches." in nothing
    assert "without “Language: Russian”" in nothing
    day = browser.get(f"{base}?day=2026-11-23").text
    assert "23 Nov 2026" in day
    assert browser.get(f"{base}?day=yesterday").status_code == 422


def test_a_search_that_cannot_be_read_or_answered_is_an_error_and_no_empty_list(
    browse: Browse, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse("ines")
    browser.get("/search")
    bad = browser.post("/search", q="(lumen")
    assert bad.status_code == 422
    assert 'value="(lumen"' in bad.text
    base = browser.post("/search", q="lumen").url.path

    def down(*_: object) -> None:
        raise Unavailable("The index can't be read; rebuild it with: nightlight index rebuild")

    monkeypatch.setattr(world.index, "search", down, raising=True)
    answer = browser.get(base)
    assert answer.status_code == 503
    assert "rebuild it with" in answer.text
    assert "Nothing matches" not in answer.text


def test_deliveries_can_be_sent_again(browse: Browse, world: World) -> None:
    world.deliver(CountingSender())
    browser = browse("ines")
    page = browser.get("/deliveries").text
    assert page.count("Delivered</span>") == 7
    assert "machine only" in page
    action = re.search(r'action="(/deliveries/[^"]+/replay)"', page)
    assert action
    page = browser.post(action[1]).text
    assert "Waiting to be sent" in page
    assert "No delivery is in this state" in browser.get("/deliveries?state=dead").text


def test_sources_show_their_mandates_and_what_stands_in_the_way(browse: Browse) -> None:
    browser = browse("sten")
    page = browser.get("/sources").text
    assert "69 of 184 days" in page
    assert "Ends in 6 days" in page
    assert "Ended</span>" in page
    assert "hxxp://nebelforum[.]example/" in page
    assert "Crawling is not possible now." in page
    page = browser.post("/sources/tallow-lane/pause").text
    assert "Paused by a person" in page
    assert "Paused by a person" not in browser.post("/sources/tallow-lane/resume").text
    assert browser.post("/sources/nebelforum/crawl").status_code == 403
    assert browser.post("/sources/tallow-lane/crawl").status_code == 200


def test_an_officer_revokes_on_the_page(browse: Browse) -> None:
    browser = browse("lindqvist")
    browser.get("/sources")
    page = browser.post("/mandates/M-2026-009/revoke", why="no longer needed").text
    assert "Revoked on 2026-11-23: no longer needed" in page
    assert "Revoke…" not in browse("ines").get("/sources").text


def test_the_theme_is_remembered_and_leads_to_own_pages_only(browse: Browse) -> None:
    browser = browse("ines")
    page = browser.post("/theme", theme="dark", back="/sources")
    assert page.url.path == "/sources"
    assert 'data-theme="dark"' in page.text
    for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert browser.post("/theme", follow=False, theme="light", back=back).headers["location"] == "/"


def test_pages_link_only_to_what_answers(browse: Browse, world: World) -> None:
    browser = browse("sten")
    path, _, _ = open_next(browser)
    browser.get("/search")
    results = browser.post("/search", q="lumen").url.path
    links = set()
    for page in ("/queue", path, f"{path}?all=1", "/search", results, "/deliveries", "/sources"):
        text = browser.get(page).text
        links |= {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', text)}
        anchors = set(re.findall(r'href="#([^"]+)"', text))
        assert anchors <= set(re.findall(r'id="([^"]+)"', text)), page
    assert len(links) > 20
    broken = {link for link in links if browser.client.get(link).status_code != 200}
    assert broken == set()


def test_a_record_that_is_down_is_said_and_nothing_is_pretended(
    browse: Browse, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse("ines")
    path, revision, _ = open_next(browser)

    def down(*_: object) -> None:
        raise Unavailable("The disk is full; free some space, then try again")

    monkeypatch.setattr(world.record, "write", down)
    answer = browser.post(f"{path}/decide", revision=revision, decision="relevant", reason_relevant="sells")
    assert answer.status_code == 503
    assert "The disk is full; free some space, then try again." in answer.text
    assert browser.json("POST", "/alerts/next").status_code == 503


def test_nobodys_words_reach_the_log(browse: Browse, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        browser = browse("ines")
        path, revision, _ = open_next(browser)
        browser.get("/search")
        browser.post("/search", q="lumen nightjar")
        browser.post("/search", q="(lumen nightjar")
        browser.get("/queue")
        browser.post(f"{path}/decide", revision="0", decision="relevant", reason_relevant="sells", note="nightjar")
        browser.post(f"{path}/decide", revision=revision, decision="relevant", reason_relevant="sells", note="nightjar")
        browse("vera").post("/next")

        def logged() -> str:
            return "\n".join(repr(vars(record)) for record in caplog.records if "httpx" not in record.name)

        assert "permission.refused" in logged()
        assert "nightjar" not in logged()
        assert "never says no" not in logged()
        log("planted", text="nightjar never says no")
        assert "nightjar never says no" in logged()


def test_a_theme_chosen_on_the_answer_to_a_form_leads_to_a_page_that_can_be_opened(browse: Browse) -> None:
    browser = browse("ines")
    path = browser.post("/next", follow=False).headers["location"]
    for answer in (browser.get(path), browser.post(f"{path}/extend")):
        back = re.findall(r'name="back" value="([^"]+)"', answer.text)[0]
        chosen = browser.post("/theme", theme="dark", back=back)
        assert (chosen.status_code, 'data-theme="dark"' in chosen.text) == (200, True)


def test_in_a_thread_of_any_length_the_flagged_post_and_the_one_that_was_found_are_shown(tmp_path: Path) -> None:
    posts = [Said("ann", f"Lamp number {n}.", hours_ago=100 - n / 10) for n in range(700)]
    posts[650] = replace(posts[650], text="I sell wording for Lumen.", score=0.9, kinds={"trading": 0.9})
    world = seed(tmp_path, [Told("tallow-lane", "9", "Lamps", tuple(posts))])
    app = create_app(world.record, world.index, ConsoleOptions(URL, officers=world.officers), world.clock)
    browser = Browser(TestClient(app, base_url=URL))
    browser.get("/login")
    browser.post("/login", user="ines", **{"pass": PASSWORD})
    browser.get("/search")
    found = browser.post("/search", q='"lamp number 600"').text
    link = html.unescape(re.findall(r'href="(/alerts/[^"]+#p-[^"]+)"', found)[0])
    path, _, anchor = link.partition("#")
    shown = browser.get(path).text
    assert f'id="{anchor}"' in shown
    assert "Lamp number 600." in shown
    assert "Lamp number 597." in shown
    assert "Lamp number 300." not in shown
    whole = browser.get(f"{path.partition('?')[0]}?all=1").text
    for words in ("Lamp number 0.", "Lamp number 499.", "I sell wording for Lumen.", "A page shows the first 500"):
        assert words in whole
    assert "Lamp number 600." not in whole
    assert "Show the whole thread" not in whole
    world.close()
