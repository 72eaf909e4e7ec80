"""Endpoints and sending again."""

from typing import Any

import pytest

from pipeline.desk import review
from pipeline.desk.endpoints import add_endpoint, list_deliveries, list_endpoints, replay, send_test, set_disabled
from pipeline.domain.alert import Status
from pipeline.domain.delivery import DeliveryState, Endpoint, EventType
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from pipeline.ports import Answer
from tests.browser.seeding import NOW, URL, CountingSender, World


def test_a_replayed_delivery_goes_out_again_with_the_same_id(world: World, people: Any) -> None:
    alert = review.next_alert(world.record, people.ines, NOW)
    assert alert is not None
    review.decide(world.record, people.ines, alert.id, alert.revision, Status.RELEVANT, "sells", "", NOW, URL)
    sender = CountingSender({"north-desk": Answer(410, "gone")})
    world.deliver(sender)
    dead = list_deliveries(world.record, people.ines, DeliveryState.DEAD)
    assert [d.endpoint_id for d in dead] == ["north-desk"]
    set_disabled(world.record, people.adm, "north-desk", False, NOW)
    replay(world.record, people.ines, dead[0].id, NOW)
    second = CountingSender()
    world.deliver(second)
    assert [d.id for d in second.sent] == [dead[0].id]
    again = next(d for d in list_deliveries(world.record, people.ines) if d.id == dead[0].id)
    assert (again.state, again.attempts) == (DeliveryState.SENT, 1)


def test_an_endpoint_can_be_tried_before_it_is_needed(world: World, people: Any) -> None:
    sender = CountingSender()
    world.deliver(sender)
    made = send_test(world.record, people.adm, "north-desk", NOW)
    sender.sent.clear()
    world.deliver(sender)
    assert [(d.id, d.event, d.endpoint_id) for d in sender.sent] == [(made.id, EventType.TEST, "north-desk")]
    set_disabled(world.record, people.adm, "north-desk", True, NOW)
    with pytest.raises(Conflict, match="disabled"):
        send_test(world.record, people.adm, "north-desk", NOW)


@pytest.mark.parametrize(
    "url",
    [
        *("http://cases.example/", "https://u:p@cases.example/", "https://", "file:///etc/passwd", "https://[", ""),
        *(
            "https://127.0.0.1/x",
            "http://localhost/x",
            "https://[::1]/",
            "https://169.254.169.254/",
            "https://10.1.2.3/",
        ),
    ],
)
def test_addresses_that_would_leak_are_refused(world: World, people: Any, url: str) -> None:
    with pytest.raises(BadInput):
        add_endpoint(world.record, people.adm, Endpoint("new", "New", url, "keys/x"), NOW)


@pytest.mark.parametrize(
    "url",
    ["https://cases.example/x", "https://10.1.2.3/x", "http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/"],
)
def test_addresses_over_tls_and_in_a_demo_on_this_machine_are_taken(world: World, people: Any, url: str) -> None:
    new = Endpoint("new", "New", url, "keys/x", private_network=True)
    add_endpoint(world.record, people.adm, new, NOW, own_machine=True)
    assert url in {endpoint.url for endpoint in list_endpoints(world.record, people.adm)}
    with pytest.raises(Conflict):
        add_endpoint(world.record, people.adm, new, NOW, own_machine=True)


def test_permissions_of_deliveries(world: World, people: Any) -> None:
    with pytest.raises(Refused):
        list_deliveries(world.record, people.audrey)
    with pytest.raises(Refused):
        replay(world.record, people.vera, "any", NOW)
    with pytest.raises(NotFound):
        replay(world.record, people.ines, "any", NOW)
    with pytest.raises(Refused):
        add_endpoint(world.record, people.ines, Endpoint("new", "New", "https://x.example/", "keys/x"), NOW)
