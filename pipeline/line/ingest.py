"""Ingest: one visited page becomes stored revisions and pending work, in one commit."""

from collections.abc import Mapping

from crawler.ports import Capture
from pipeline.domain.work import WorkKind
from pipeline.ports import Clock, Record, Transaction


class Ingest:
    """The crawler's PostSink on the record: when `accept` returns, nothing of the page can be lost."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def accept(self, capture: Capture) -> int:
        """Store the page's revisions and frontier; queue new ones for assessment, renamed threads for the index.

        Returns: how many revisions were new; the same page again changes nothing and returns 0.
        Raises: Unavailable: nothing was stored and the page stays due.
        """
        now = self._clock.now()
        with self._record.write() as tx:
            before = _titles(tx, capture)
            new = tx.save_capture(capture, now)
            tx.add_work(WorkKind.ASSESS, new, now)
            renamed = [alert_id for alert_id, title in _titles(tx, capture).items() if title != before[alert_id]]
            tx.add_work(WorkKind.INDEX_ALERT, renamed, now)
        return len(new)


def _titles(tx: Transaction, capture: Capture) -> Mapping[str, str]:
    """Of the page's threads that have an alert, by its id; the index holds them with each post."""
    threads = {post.thread_id for post in capture.page.posts} | {capture.page.thread_id}
    alerts = [tx.latest_alert(capture.source_id, thread_id) for thread_id in sorted(threads)]
    return {alert.id: tx.thread_title(alert.source_id, alert.thread_id) for alert in alerts if alert}
