"""Assess: pending revisions are judged in batches, and flagged ones become alerts, in one commit."""

from collections.abc import Sequence
from datetime import timedelta

from nlp.assessment import Assessment
from pipeline.domain.learning import ModelState
from pipeline.domain.work import WorkKind
from pipeline.line.alerting import names_sealed, raise_alerts
from pipeline.observe import log
from pipeline.ports import Assessor, Clock, Record, StoredPost

BATCH = 200
RETRY_S = 60


def assess(
    record: Record, assessor: Assessor, clock: Clock, owner: str, console_url: str, *, sealed_alerts: bool = False
) -> int:
    """Judge up to BATCH pending revisions; returns how many left the queue.

    sealed_alerts: a term of a sealed list puts its post on an alert, as a flag does.
    A text that makes the model fail is retried and then set aside alone: one bad post can't stop others.
    """
    with record.write() as tx:
        items = tx.claim(WorkKind.ASSESS, owner, BATCH, clock.now())
    if not items:
        return 0
    with record.read() as tx:
        posts = {p.post.revision_id: p for p in tx.posts([item.key for item in items])}
    judged, failed = judge(assessor, posts)
    now = clock.now()
    with record.write() as tx:
        # as they are now: while we judged, one may have been erased, or put on an alert by who took our lease over
        posts = {p.post.revision_id: p for p in tx.posts(list(posts))}
        judged = {rev: a for rev, a in judged.items() if rev in posts}
        tx.save_assessments(judged, now)
        if tx.model_in(ModelState.SHADOW):
            tx.add_work(WorkKind.SHADOW, judged, now)
        flagged = [(posts[rev], a) for rev, a in judged.items() if a.flagged or (sealed_alerts and names_sealed(a))]
        alerts = raise_alerts(tx, flagged, assessor.threshold, now, console_url)
        threads = {(p.post.source_id, p.post.thread_id) for p in posts.values()}
        alerted = {thread for thread in threads if tx.latest_alert(*thread)}
        context = [rev for rev in judged if (posts[rev].post.source_id, posts[rev].post.thread_id) in alerted]
        tx.add_work(WorkKind.INDEX_POST, context, now)
        bad = [item for item in items if item.key in failed]
        tx.done([item for item in items if item.key not in failed])
        for item in bad:
            tx.fail([item], failed[item.key], now + timedelta(seconds=RETRY_S))
    log("posts.assessed", posts=len(judged), flagged=len(flagged), alerts=len(alerts), failed=len(bad))
    return len(items)


def judge(assessor: Assessor, posts: dict[str, StoredPost]) -> tuple[dict[str, Assessment], dict[str, str]]:
    """Assessments by revision id, and reasons by revision id for those the model choked on."""
    keys = list(posts)
    try:
        results = assessor.assess([posts[key].as_text() for key in keys])
    except Exception:
        return _judge_singly(assessor, posts, keys)
    return dict(zip(keys, results, strict=True)), {}


def _judge_singly(
    assessor: Assessor, posts: dict[str, StoredPost], keys: Sequence[str]
) -> tuple[dict[str, Assessment], dict[str, str]]:
    judged: dict[str, Assessment] = {}
    failed: dict[str, str] = {}
    for key in keys:
        try:
            judged[key] = assessor.assess([posts[key].as_text()])[0]
        except Exception as error:
            failed[key] = f"the model failed with {type(error).__name__}"
    return judged, failed
