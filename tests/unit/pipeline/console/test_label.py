"""The page after the queue: one post at a time, without the other person's word."""

import re

from pipeline.domain.learning import Opinion, Sample
from tests.browser.seeding import MODEL, NOW, World
from tests.unit.pipeline.console.conftest import Browse


def sampled(world: World) -> str:
    """Its words."""
    with world.record.write() as tx:
        [post] = tx.unsure(MODEL, 1)
        tx.save_samples([Sample(post.post.revision_id, MODEL, 0.4, NOW)])
    return post.post.text


def test_the_end_of_the_queue_leads_to_a_post_and_a_choice_to_the_next(browse: Browse, world: World) -> None:
    words = sampled(world)
    browser = browse("ines")
    assert 'href="/labels"' in browser.get("/queue").text
    page = browser.get("/labels").text
    assert words in page
    [action] = re.findall(r'action="(/labels/[^"]+)"', page)
    answer = browser.post(action, reason="opinion")
    assert answer.url.path == "/labels"
    assert "No post waits for your label." in answer.text
    with world.record.read() as tx:
        [opinion] = tx.opinions()
    assert (opinion.reviewer, opinion.reason) == ("ines", "opinion")


def test_the_second_person_reads_the_post_and_not_the_first_label(browse: Browse, world: World) -> None:
    words = sampled(world)
    plain = browse("sten").get("/labels").text
    with world.record.write() as tx:
        [sample] = tx.samples()
        tx.save_opinion(Opinion(sample.revision_id, "ines", "sells", NOW))
    page = browse("sten").get("/labels").text
    assert words in page
    assert "one person labelled it" in page
    assert "ines" not in page
    choices = r'name="reason" value="(\w+)"'
    assert re.findall(choices, page) == re.findall(choices, plain) != []


def test_who_cannot_say_leaves_a_post_to_others_and_labels_the_next(browse: Browse, world: World) -> None:
    first, second = sampled(world), sampled(world)
    browser = browse("ines")
    page = browser.get("/labels").text
    assert first in page
    [others] = re.findall(r'href="(/labels\?skip=\d+)"', page)
    page = browser.get(others).text
    assert second in page
    assert first not in page
    [action] = re.findall(r'action="(/labels/[^"]+)"', page)
    answer = browser.post(action, reason="opinion")
    assert "No other post waits for your label." in answer.text
    assert first in browser.get("/labels").text
    with world.record.read() as tx:
        assert [tx.posts([opinion.revision_id])[0].post.text for opinion in tx.opinions()] == [second]


def test_a_label_nobody_asked_for_is_an_error_and_viewers_have_no_such_page(browse: Browse, world: World) -> None:
    with world.record.read() as tx:
        [post] = tx.unsure(MODEL, 1)
    browser = browse("ines")
    assert browser.post(f"/labels/{post.post.revision_id}", reason="news").status_code == 409
    viewer = browse("vera")
    assert viewer.get("/labels").status_code == 403
    assert "/labels" not in viewer.get("/queue").text


def test_what_the_page_does_the_api_does_too(browse: Browse, world: World) -> None:
    words = sampled(world)
    browser = browse("okafor")
    [item] = browser.json("GET", "/labels").json()
    assert (item["why"], item["text"]) == ("sample", words)
    assert not {"score", "spans", "reviewer", "reason"} & item.keys()
    assert browser.json("POST", f"/labels/{item['revision_id']}", {"reason": "danger"}).status_code == 422
    assert browser.json("POST", f"/labels/{item['revision_id']}", {"reason": "news"}).status_code == 204
    assert browser.json("POST", f"/labels/{item['revision_id']}", {"reason": "news"}).status_code == 409
    assert browser.json("GET", "/labels").json() == []
    with world.record.read() as tx:
        assert [(opinion.reviewer, opinion.reason) for opinion in tx.opinions()] == [("okafor", "news")]
