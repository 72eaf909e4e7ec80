"""Endpoints and what is owed to them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from pipeline.adapters.record.base import Family
from pipeline.adapters.record.statements import upsert
from pipeline.adapters.record.tables import deliveries, endpoints
from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint, EventType


class SqlDeliveries(Family):
    """ports.Deliveries."""

    def save_endpoint(self, endpoint: Endpoint) -> None:
        """Insert or replace."""
        upsert(self._connection, endpoints, asdict(endpoint))

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """By id."""
        row = self._connection.execute(select(endpoints).where(endpoints.c.id == endpoint_id)).first()
        return Endpoint(**row._mapping) if row else None

    def endpoints(self) -> Sequence[Endpoint]:
        """By id."""
        return [Endpoint(**row._mapping) for row in self._connection.execute(select(endpoints).order_by("id"))]

    def save_delivery(self, delivery: Delivery) -> None:
        """Insert or replace."""
        values = asdict(delivery) | {"event": str(delivery.event), "state": str(delivery.state)}
        upsert(self._connection, deliveries, values)

    def delivery(self, delivery_id: str) -> Delivery | None:
        """By id."""
        row = self._connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).first()
        return _delivery(row) if row else None

    def deliveries(
        self, alert_id: str = "", state: DeliveryState | None = None, limit: int = 100
    ) -> Sequence[Delivery]:
        """Newest first."""
        query = select(deliveries).order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(limit)
        if alert_id:
            query = query.where(deliveries.c.alert_id == alert_id)
        if state:
            query = query.where(deliveries.c.state == state)
        return [_delivery(row) for row in self._connection.execute(query)]


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    return Delivery(**values | {"event": EventType(values["event"]), "state": DeliveryState(values["state"])})
