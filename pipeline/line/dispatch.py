"""Dispatch: deliveries that are due are sent, one at a time, until a 2xx or the last try."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint, next_try
from pipeline.domain.work import WorkItem, WorkKind
from pipeline.errors import NightlightError
from pipeline.line.auditing import record_event
from pipeline.observe import log
from pipeline.ports import Answer, Clock, Record, Sender, Transaction

LEASE_S = 60
"""Longer than the sender's own deadline, so that no second worker sends what is still on its way."""

GONE = 410
REST = timedelta(seconds=30)
"""How long an endpoint that said nothing is left alone: waiting for it delays what is owed to the others."""


def dispatch(
    record: Record, sender: Sender, clock: Clock, owner: str, resting: dict[str, datetime] | None = None
) -> int:
    """Send one due delivery; returns 1, or 0 when nothing was due.

    resting: until when which endpoint is left alone; kept by a caller that goes on, and updated here.
    A crash after the endpoint's 2xx and before our commit sends the event again with the same id.
    """
    with record.write() as tx:
        items = tx.claim(WorkKind.DELIVER, owner, 1, clock.now(), LEASE_S)
    if not items:
        return 0
    item = items[0]
    with record.read() as tx:
        delivery = tx.delivery(item.key)
        endpoint = tx.endpoint(delivery.endpoint_id) if delivery else None
    if not delivery or not endpoint or delivery.state is not DeliveryState.PENDING:
        with record.write() as tx:
            tx.done([item])
        return 1
    until = resting.get(endpoint.id) if resting else None
    if until and clock.now() < until and not endpoint.disabled:
        with record.write() as tx:
            tx.postpone([item], until)
        return 1
    answer = _send(sender, endpoint, delivery, clock)
    if resting is not None and answer.status == 0:
        resting[endpoint.id] = clock.now() + REST
    with record.write() as tx:
        _settle(tx, item, endpoint, delivery, answer, clock)
    return 1


def _send(sender: Sender, endpoint: Endpoint, delivery: Delivery, clock: Clock) -> Answer:
    if endpoint.disabled:
        return Answer(GONE, "the endpoint is disabled; enable it and replay the delivery")
    try:
        return sender.send(endpoint, delivery, clock.now())
    except NightlightError as error:
        return Answer(0, str(error))
    except Exception as error:  # a fault of ours is a failed try like another, so that it ends dead and visible
        return Answer(0, f"sending failed with {type(error).__name__}")


def _settle(
    tx: Transaction, item: WorkItem, endpoint: Endpoint, delivery: Delivery, answer: Answer, clock: Clock
) -> None:
    if tx.delivery(delivery.id) != delivery:  # replayed, or settled by who took it over: theirs counts
        tx.done([item])
        return
    now = clock.now()
    attempts = delivery.attempts + 1
    if 200 <= answer.status < 300:
        after = replace(delivery, state=DeliveryState.SENT, attempts=attempts, next_at=None, sent_at=now, last_error="")
    else:
        due = None if answer.status == GONE else next_try(attempts, now, random.random(), answer.retry_after_s)
        after = replace(
            delivery,
            state=DeliveryState.PENDING if due else DeliveryState.DEAD,
            attempts=attempts,
            next_at=due,
            last_error=answer.error or f"answered {answer.status}",
        )
    if answer.status == GONE and not endpoint.disabled:
        tx.save_endpoint(replace(endpoint, disabled=True))
        record_event(tx, "line", "endpoint.disable", endpoint.id, now, answered=GONE)
    tx.save_delivery(after)
    if after.state is DeliveryState.PENDING:
        tx.postpone([item], after.next_at or now + timedelta(seconds=LEASE_S))
    else:
        tx.done([item])
        record_event(tx, "line", f"delivery.{after.state}", delivery.id, now, endpoint=endpoint.id, tries=attempts)
    log("delivery.tried", delivery=delivery.id, state=str(after.state), tries=attempts, status=answer.status)
