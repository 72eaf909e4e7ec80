"""Shadow: a challenger judges what the model in force judged; nothing is raised, nothing is shown."""

from datetime import timedelta

from pipeline.domain.work import WorkKind
from pipeline.line.assess import BATCH, RETRY_S, judge
from pipeline.observe import log
from pipeline.ports import Assessor, Clock, Record


def shadow(record: Record, assessor: Assessor | None, clock: Clock, owner: str) -> int:
    """Judge up to BATCH posts; returns how many left the queue. assessor: None when no model is in shadow any more."""
    with record.write() as tx:
        items = tx.claim(WorkKind.SHADOW, owner, BATCH, clock.now())
    if not items:
        return 0
    with record.read() as tx:
        posts = {p.post.revision_id: p for p in tx.posts([item.key for item in items])}
    judged, failed = judge(assessor, posts) if assessor else ({}, {})
    now = clock.now()
    with record.write() as tx:
        still = {p.post.revision_id for p in tx.posts(list(judged))}  # one may have been erased while we judged
        tx.save_shadow({rev: a for rev, a in judged.items() if rev in still}, now)
        tx.done([item for item in items if item.key not in failed])
        for item in items:
            if item.key in failed:
                tx.fail([item], failed[item.key], now + timedelta(seconds=RETRY_S))
    log("posts.shadowed", posts=len(judged), failed=len(failed))
    return len(items)
