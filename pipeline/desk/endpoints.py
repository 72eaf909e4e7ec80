"""Endpoints and deliveries: where events go, and sending one again."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint, EventType, owed
from pipeline.domain.peers import check_peer, is_address, is_this_machine
from pipeline.domain.work import WorkKind
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from pipeline.ports import Record, Transaction

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def add_endpoint(record: Record, actor: Actor, endpoint: Endpoint, now: datetime, *, own_machine: bool = False) -> None:
    """Name a receiver. own_machine: it may stand on this machine, as in the demo.

    Raises: Refused, BadInput (id or address), Conflict (the id is taken).
    """
    require(actor, Permission.MANAGE_ENDPOINTS)
    if not _ID.fullmatch(endpoint.id):
        raise BadInput("An endpoint id is 1 to 40 of a-z, 0-9 and hyphen, and begins with a letter or digit")
    _check_address(endpoint, own_machine)
    with record.write() as tx:
        if tx.endpoint(endpoint.id):
            raise Conflict(f"There is an endpoint called {endpoint.id} already; choose another id")
        tx.save_endpoint(endpoint)
        details = {"machine_events": endpoint.machine_events, "private_network": endpoint.private_network}
        keep_event(tx, actor, "endpoint.add", endpoint.id, now, **details)


def list_endpoints(record: Record, actor: Actor) -> Sequence[Endpoint]:
    """Every endpoint, disabled ones too. Raises: Refused."""
    require(actor, Permission.SEE_DELIVERIES, Permission.MANAGE_ENDPOINTS)
    with record.read() as tx:
        return tx.endpoints()


def set_disabled(record: Record, actor: Actor, endpoint_id: str, disabled: bool, now: datetime) -> None:
    """Stop or resume sending to an endpoint. Raises: Refused, NotFound."""
    require(actor, Permission.MANAGE_ENDPOINTS)
    with record.write() as tx:
        tx.save_endpoint(replace(_known(tx, endpoint_id), disabled=disabled))
        keep_event(tx, actor, "endpoint.disable" if disabled else "endpoint.enable", endpoint_id, now)


def rotate(record: Record, actor: Actor, endpoint_id: str, now: datetime) -> Endpoint:
    """Audit that an endpoint gets another secret; returns the endpoint, whose secret file is to be written.

    Raises: Refused, NotFound.
    """
    require(actor, Permission.MANAGE_ENDPOINTS)
    with record.write() as tx:
        endpoint = _known(tx, endpoint_id)
        keep_event(tx, actor, "endpoint.rotate", endpoint_id, now)
    return endpoint


def send_test(record: Record, actor: Actor, endpoint_id: str, now: datetime) -> Delivery:
    """Owe an endpoint a test event, sent like every other. Raises: Refused, NotFound, Conflict (it is disabled)."""
    require(actor, Permission.MANAGE_ENDPOINTS)
    with record.write() as tx:
        endpoint = _known(tx, endpoint_id)
        if endpoint.disabled:
            raise Conflict(f"Endpoint {endpoint_id} is disabled; enable it, then test it")
        payload: dict[str, object] = {
            "type": str(EventType.TEST),
            "timestamp": now.isoformat().replace("+00:00", "Z"),
            "data": {"endpoint_id": endpoint_id},
        }
        delivery = replace(owed(endpoint, EventType.TEST, "", 0, payload, now), id=str(uuid.uuid4()))
        tx.save_delivery(delivery)
        tx.add_work(WorkKind.DELIVER, [delivery.id], now)
        keep_event(tx, actor, "endpoint.test", endpoint_id, now, delivery=delivery.id)
    return delivery


def list_deliveries(
    record: Record, actor: Actor, state: DeliveryState | None = None, limit: int = 100
) -> Sequence[Delivery]:
    """The latest deliveries. Raises: Refused."""
    require(actor, Permission.SEE_DELIVERIES)
    with record.read() as tx:
        return tx.deliveries(state=state, limit=limit)


def replay(record: Record, actor: Actor, delivery_id: str, now: datetime) -> Delivery:
    """Send a delivery again from its first try, with the same id, so that the receiver can tell.

    Raises: Refused, NotFound.
    """
    require(actor, Permission.REVIEW, Permission.MANAGE_ENDPOINTS)
    with record.write() as tx:
        delivery = tx.delivery(delivery_id)
        if delivery is None:
            raise NotFound("There is no such delivery; see the list of deliveries")
        again = replace(delivery, state=DeliveryState.PENDING, attempts=0, next_at=now, sent_at=None, last_error="")
        tx.save_delivery(again)
        tx.add_work(WorkKind.DELIVER, [delivery_id], now)
        keep_event(tx, actor, "delivery.replay", delivery_id, now, before=str(delivery.state))
        if delivery.alert_id:
            keep_event(tx, actor, "alert.replay", delivery.alert_id, now, delivery=delivery_id)
    return again


def _known(tx: Transaction, endpoint_id: str) -> Endpoint:
    endpoint = tx.endpoint(endpoint_id)
    if endpoint is None:
        raise NotFound("There is no such endpoint; see: nightlight endpoint list")
    return endpoint


def _check_address(endpoint: Endpoint, own_machine: bool) -> None:
    """Events leave over TLS; plain HTTP only to this machine. The sender judges the address again as it connects."""
    try:
        parts = urlsplit(endpoint.url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise BadInput("The endpoint's address isn't a URL; write it as https://host/path") from error
    if parts.username or parts.password:
        raise BadInput("An endpoint's address carries no user name or password; remove it")
    here = own_machine and is_this_machine(host)
    if not host or parts.scheme not in (("http", "https") if here else ("https",)):
        raise BadInput("An endpoint's address begins with https://; plain http:// is only for a demo on this machine")
    if is_address(host):
        try:
            check_peer(endpoint, host, own_machine)
        except Refused as error:
            raise BadInput(str(error)) from error
