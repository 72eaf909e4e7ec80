"""The demo's forum, home and receiver for tests of whole runs, and the end state that no fault may change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pipeline.compose import RECORD, App
from pipeline.demo.forum import DemoForum
from pipeline.demo.receiver import Receiver
from pipeline.demo.run import SOURCE, furnish
from pipeline.domain.alert import Status
from pipeline.domain.delivery import DeliveryState
from pipeline.domain.signing import new_secret
from pipeline.domain.work import WorkKind


@contextmanager
def served() -> Iterator[str]:
    """The forum; yields its address."""
    forum = DemoForum()
    url = forum.start()
    try:
        yield url
    finally:
        forum.stop()


@contextmanager
def furnished(home: Path, forum_url: str) -> Iterator[tuple[App, Receiver]]:
    """A home whose schedule is due at once, and the receiver of its events."""
    secret = new_secret()
    receiver = Receiver(secret)
    app = furnish(home, forum_url, receiver.start(), secret)
    try:
        yield app, receiver
    finally:
        app.close()
        receiver.stop()


def is_quiet(app: App) -> bool:
    """Is everything read, judged, indexed and delivered?"""
    with app.record.read() as tx:
        health = tx.source_health(SOURCE, app.clock.now())
        waiting = sum(tx.pending().values())
    return health.posts > 0 and waiting == 0 and health.due_pages == 0


def posts_read(app: App) -> int:
    """How many the record has."""
    with app.record.read() as tx:
        return tx.source_health(SOURCE, app.clock.now()).posts


def crawl_is_free(app: App) -> bool:
    """Could a worker take over the unfinished crawl now? It is left as it is."""
    with app.record.write() as tx:
        assert tx.pending()[WorkKind.CRAWL] == 1
        claimed = tx.claim(WorkKind.CRAWL, "heir", 1, app.clock.now())
        tx.postpone(claimed, app.clock.now())
    return bool(claimed)


def end_leases(app: App) -> None:
    """As half a minute does; what a dead process had in hand isn't touched until then."""
    with closing(sqlite3.connect(app.home / RECORD, timeout=30)) as record, record:
        record.execute("UPDATE work SET lease_until = NULL")


def end_state(app: App, receiver: Receiver) -> dict[str, Any]:
    """Everything that must not depend on what was killed when."""
    with app.record.read() as tx:
        posts = {(s.post.post_id, s.post.sha256) for s in tx.all_posts(0, 100_000)}
        alerts = {
            a.id: (a.thread_id, a.n, str(a.severity), round(a.score, 9), a.posts) for a in tx.alerts(Status, 10_000)
        }
        on_alerts = {a: sorted(s.post.revision_id for s in tx.alert_posts(a)) for a in alerts}
        deliveries = {d.id: d.state for d in tx.deliveries(limit=100_000)}
        aside = tx.set_aside(100)
    assert aside == []
    assert set(deliveries.values()) <= {DeliveryState.SENT}
    assert set(deliveries) == {event.id for event in receiver.events() if event.verified}
    assert all(event.verified for event in receiver.events())
    return {
        "posts": posts,
        "alerts": alerts,
        "on_alerts": on_alerts,
        "deliveries": set(deliveries),
        "indexed": set(app.index.versions()),
    }
