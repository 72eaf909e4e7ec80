"""Deliveries: one event owed to one endpoint, with its attempts."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.post import NAMESPACE

TRIES: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 86_400))
"""Wait before each of the 8 tries; after the last one the delivery is dead and visible."""


class EventType(StrEnum):
    """What can leave the house; `alert.created` is machine-only and goes to endpoints that opted in."""

    ALERT_CREATED = "nightlight.alert.created"
    ALERT_STATUS_CHANGED = "nightlight.alert.status_changed"
    TEST = "nightlight.endpoint.test"


class DeliveryState(StrEnum):
    """Pending until a 2xx answer, or dead after the last try."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go.

    secret_file: path below the home folder of a file with the `whsec_…` secret.
    machine_events: opted in to unreviewed `alert.created` events.
    private_network: whoever added it says that it stands on a private network.
    """

    id: str
    name: str
    url: str
    secret_file: str
    machine_events: bool = False
    disabled: bool = False
    private_network: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint; `id` is the webhook-id, the same on every try.

    payload: `type`, `timestamp`, `data`; ids and labels only, never post text.
    """

    id: str
    endpoint_id: str
    alert_id: str
    event: EventType
    payload: dict[str, object] = field(hash=False)
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    created_at: datetime
    sent_at: datetime | None = None
    last_error: str = ""


def next_try(attempts: int, now: datetime, jitter: float, retry_after_s: float | None = None) -> datetime | None:
    """When to try again after `attempts` failures, or None: dead.

    jitter: in [0, 1), lengthens the wait by up to a fifth so that a recovering endpoint isn't met by all at once.
    retry_after_s: the endpoint's own wish; honoured when it is longer, up to a day.
    """
    if attempts >= len(TRIES):
        return None
    wait = TRIES[attempts].total_seconds() * (1 + jitter / 5)
    if retry_after_s is not None:
        wait = max(wait, min(retry_after_s, 86_400))
    return now + timedelta(seconds=wait)


def delivery_id(event: EventType, alert_id: str, revision: int, endpoint_id: str) -> str:
    """UUIDv5: the same event for the same endpoint is made once, however often the step runs."""
    return str(uuid.uuid5(NAMESPACE, f"delivery\n{event}\n{alert_id}\n{revision}\n{endpoint_id}"))


def owed(
    endpoint: Endpoint, event: EventType, alert_id: str, revision: int, payload: dict[str, object], now: datetime
) -> Delivery:
    """A delivery that waits for its first try."""
    return Delivery(
        id=delivery_id(event, alert_id, revision, endpoint.id),
        endpoint_id=endpoint.id,
        alert_id=alert_id,
        event=event,
        payload=payload,
        state=DeliveryState.PENDING,
        attempts=0,
        next_at=now,
        created_at=now,
    )
