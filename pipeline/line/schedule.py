"""Schedule: crawls fall due by rows in the record; two schedulers at once queue one crawl."""

from dataclasses import replace
from datetime import timedelta

from pipeline.domain.work import WorkKind
from pipeline.observe import log
from pipeline.ports import Clock, Record


def tick(record: Record, clock: Clock) -> int:
    """Queue a crawl for every schedule that is due and move it on; returns how many.

    Times missed while nothing ran aren't made up: the next one counts from now.
    """
    with record.read() as tx:
        if not tx.due_schedules(clock.now()):
            return 0
    now = clock.now()
    with record.write() as tx:
        due = tx.due_schedules(now)
        tx.add_work(WorkKind.CRAWL, [schedule.source_id for schedule in due], now)
        for schedule in due:
            tx.save_schedule(replace(schedule, next_at=now + timedelta(seconds=schedule.every_s)))
    log("crawls.due", count=len(due))
    return len(due)
