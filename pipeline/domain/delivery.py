"""Deliveries: one event owed to one endpoint, with its attempts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

TRIES: tuple[timedelta, ...] = tuple(
    timedelta(seconds=s) for s in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 86_400)
)
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
    """

    id: str
    name: str
    url: str
    secret_file: str
    machine_events: bool = False
    disabled: bool = False


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
