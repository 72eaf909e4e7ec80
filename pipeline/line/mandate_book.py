"""Mandates in force, judged afresh from the record each time the crawler asks."""

from collections.abc import Mapping
from datetime import datetime

from crawler.errors import MandateRefused
from crawler.mandate import Mandate, Officer, load
from pipeline.ports import Record


class Book:
    """The crawler's MandateBook on the record: an edited row is no mandate, a revoked one none any more."""

    def __init__(self, record: Record, officers: Mapping[str, Officer]) -> None:
        self._record = record
        self._officers = officers

    def live(self, source_id: str, now: datetime) -> Mandate:
        """The verified mandate that covers the source now.

        Raises: MandateRefused: the source is unknown or paused, or its mandate missing, edited, revoked, not in force.
        """
        with self._record.read() as tx:
            source = tx.source(source_id)
            row = tx.mandate(source.mandate_id) if source else None
        if source is None:
            raise MandateRefused(f"No source is called {source_id!r}; see: nightlight source list")
        if source.paused:
            raise MandateRefused(f"Source {source_id!r} is paused; go on with: nightlight source resume {source_id}")
        if row is None:
            raise MandateRefused(
                f"Source {source_id!r} has no mandate; record one with: nightlight mandate record FILE"
            )
        if row.revoked_at is not None:
            raise MandateRefused(f"Mandate {row.id} was revoked on {row.revoked_at:%Y-%m-%d}; a new one is needed")
        mandate = load(row.signed, self._officers, now)
        if mandate.id != row.id or source_id not in {scope.source_id for scope in mandate.sources}:
            raise MandateRefused(f"Mandate {row.id} doesn't cover source {source_id!r}; record one that names it")
        return mandate
