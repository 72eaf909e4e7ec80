"""Dispatch: tries, backing off, giving up visibly, and the same id on every try."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from pipeline.desk.endpoints import replay
from pipeline.domain.accounts import operator
from pipeline.domain.delivery import TRIES, Delivery, DeliveryState, Endpoint, EventType, next_try, owed
from pipeline.domain.work import WorkKind
from pipeline.errors import Misconfigured
from pipeline.line.dispatch import dispatch
from pipeline.ports import Answer
from tests.contract.making import alert
from tests.unit.pipeline.line.conftest import House


@dataclass
class Script:
    """A sender that answers as told, then 200 for ever."""

    answers: list[Answer | Exception] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None
    """Done once, while the first delivery is on its way."""

    def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> Answer:
        """The next answer."""
        self.sent.append(delivery.id)
        if self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        answer = self.answers.pop(0) if self.answers else Answer(200)
        if isinstance(answer, Exception):
            raise answer
        return answer


def owe(house: House) -> str:
    """One delivery that waits."""
    endpoint = house.endpoint(machine_events=True)
    with house.record.write() as tx:
        tx.save_alert(alert())
        delivery = owed(endpoint, EventType.ALERT_CREATED, alert().id, 1, {"type": "t"}, house.clock.now())
        tx.save_delivery(delivery)
        tx.add_work(WorkKind.DELIVER, [delivery.id], house.clock.now())
    return delivery.id


def after(house: House, delivery_id: str) -> Delivery:
    with house.record.read() as tx:
        found = tx.delivery(delivery_id)
    assert found is not None
    return found


def run(house: House, sender: Script, waits: Sequence[timedelta] = ()) -> None:
    dispatch(house.record, sender, house.clock, "w")
    for wait in waits:
        house.clock.moment += wait
        dispatch(house.record, sender, house.clock, "w")


def test_a_2xx_answer_settles_it(house: House) -> None:
    delivery_id, sender = owe(house), Script()
    run(house, sender)
    assert after(house, delivery_id).state is DeliveryState.SENT
    assert dispatch(house.record, sender, house.clock, "w") == 0


def test_each_of_eight_tries_has_the_same_id_and_then_it_is_dead_and_visible(house: House) -> None:
    delivery_id, sender = owe(house), Script([Answer(500)] * 20)
    run(house, sender, [wait * 1.2 + timedelta(seconds=1) for wait in TRIES[1:]] + [timedelta(days=9)] * 2)
    assert sender.sent == [delivery_id] * 8
    dead = after(house, delivery_id)
    assert (dead.state, dead.attempts, dead.last_error) == (DeliveryState.DEAD, 8, "answered 500")


def test_nothing_is_sent_before_its_time(house: House) -> None:
    owe(house)
    sender = Script([Answer(503)])
    run(house, sender, [timedelta(seconds=4)])
    assert len(sender.sent) == 1
    run(house, sender, [timedelta(seconds=3)])
    assert len(sender.sent) == 2


def test_a_gone_endpoint_is_disabled_and_its_delivery_is_dead(house: House) -> None:
    delivery_id, sender = owe(house), Script([Answer(410)])
    run(house, sender)
    assert after(house, delivery_id).state is DeliveryState.DEAD
    with house.record.read() as tx:
        endpoint = tx.endpoint("cases")
        events = [event.actor for event in tx.audit_of("cases", 10) if event.action == "endpoint.disable"]
    assert endpoint is not None
    assert endpoint.disabled
    assert events == ["line"]


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
def test_anything_but_2xx_is_a_failure(house: House, status: int) -> None:
    delivery_id = owe(house)
    run(house, Script([Answer(status)]))
    assert after(house, delivery_id).state is DeliveryState.PENDING


def test_a_missing_secret_is_a_failed_try_that_says_what_to_do(house: House) -> None:
    delivery_id = owe(house)
    run(house, Script([Misconfigured("Secret file x is missing; put the secret there")]))
    assert after(house, delivery_id).last_error == "Secret file x is missing; put the secret there"


def test_an_endpoints_own_wish_to_wait_is_honoured_up_to_a_day() -> None:
    now = datetime.fromisoformat("2026-11-25T12:00:00+00:00")
    assert next_try(1, now, 0.0) == now + timedelta(seconds=5)
    assert next_try(1, now, 0.999, None) == pytest.approx(now + timedelta(seconds=6), abs=timedelta(seconds=0.01))
    assert next_try(1, now, 0.0, 120) == now + timedelta(seconds=120)
    assert next_try(1, now, 0.0, 10**9) == now + timedelta(days=1)
    assert next_try(8, now, 0.0, 1) is None


def test_a_fault_while_sending_counts_as_a_try_so_that_it_comes_to_an_end(house: House) -> None:
    delivery_id = owe(house)
    run(house, Script([RuntimeError("a bug, with words of a post")]))
    after_one = after(house, delivery_id)
    assert (after_one.attempts, after_one.last_error) == (1, "sending failed with RuntimeError")


def test_a_replay_while_the_last_try_is_on_its_way_is_not_lost(house: House) -> None:
    delivery_id = owe(house)
    run(house, Script([Answer(500)] * 7), [wait * 1.2 + timedelta(seconds=1) for wait in TRIES[1:7]])
    house.clock.go(days=2)
    sender = Script([Answer(500), Answer(200)], meanwhile=lambda: replay_now(house, delivery_id))
    run(house, sender, [timedelta(seconds=1)])
    settled = after(house, delivery_id)
    assert sender.sent == [delivery_id] * 2
    assert (settled.state, settled.attempts) == (DeliveryState.SENT, 1)


def replay_now(house: House, delivery_id: str) -> None:
    replay(house.record, operator("ines"), delivery_id, house.clock.now())


def test_who_lost_the_lease_does_not_undo_what_the_other_settled(house: House) -> None:
    """A machine that slept in the middle of a try wakes up after another worker has sent it."""
    delivery_id, other = owe(house), Script([Answer(200)])

    def taken_over() -> None:
        house.clock.go(seconds=61)
        assert dispatch(house.record, other, house.clock, "other") == 1

    run(house, Script([Answer(500)], meanwhile=taken_over))
    assert other.sent == [delivery_id]
    assert after(house, delivery_id).state is DeliveryState.SENT


def test_a_receiver_that_says_nothing_delays_what_is_owed_to_others_by_one_try_only(house: House) -> None:
    silent = house.endpoint(machine_events=True)
    well = replace(silent, id="well")
    now = house.clock.now()
    with house.record.write() as tx:
        tx.save_endpoint(well)
        for revision, endpoint in enumerate([silent] * 5 + [well]):
            delivery = owed(endpoint, EventType.ALERT_CREATED, "a", revision, {"type": "t"}, now)
            tx.save_delivery(delivery)
            tx.add_work(WorkKind.DELIVER, [delivery.id], now - timedelta(seconds=endpoint is silent))

    @dataclass
    class OneIsSilent(Script):
        def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> Answer:
            self.sent.append(endpoint.id)
            return Answer(200 if endpoint.id == "well" else 0)

    sender, resting = OneIsSilent(), dict[str, datetime]()
    while dispatch(house.record, sender, house.clock, "w", resting):
        pass
    assert sender.sent == ["cases", "well"]
    house.clock.go(seconds=31)
    while dispatch(house.record, sender, house.clock, "w", resting):
        pass
    assert sender.sent == ["cases", "well", "cases"], "then one more try shows whether it is back"
    patient = OneIsSilent()
    house.clock.go(minutes=10)
    while dispatch(house.record, patient, house.clock, "w"):
        pass
    assert patient.sent == ["cases"] * 5, "nothing was lost meanwhile"
