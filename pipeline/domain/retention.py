"""How long what is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """Days each class is kept.

    unflagged_days: posts in threads without an alert, assessed or set aside, no longer than needed (LED Art. 5).
    search_days: saved searches; whoever opens an older one writes it again.
    """

    unflagged_days: int = 30
    search_days: int = 30

    def unflagged_before(self, now: datetime) -> datetime:
        """Unflagged posts first seen before this moment have expired."""
        return now - timedelta(days=self.unflagged_days)

    def searches_before(self, now: datetime) -> datetime:
        """Searches saved before this moment have expired."""
        return now - timedelta(days=self.search_days)
