"""Ingest: one visited page becomes stored revisions and pending work, in one commit."""

from crawler.ports import Capture
from pipeline.domain.work import WorkKind
from pipeline.ports import Clock, Record


class Ingest:
    """The crawler's PostSink on the record: when `accept` returns, nothing of the page can be lost."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def accept(self, capture: Capture) -> int:
        """Store the page's revisions and frontier, and queue the new ones for assessment.

        Returns: how many revisions were new; the same page again changes nothing and returns 0.
        Raises: Unavailable: nothing was stored and the page stays due.
        """
        now = self._clock.now()
        with self._record.write() as tx:
            new = tx.save_capture(capture, now)
            tx.add_work(WorkKind.ASSESS, new, now)
        return len(new)
