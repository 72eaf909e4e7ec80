"""Stored revisions, what was said of them, and their end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from crawler.ports import Capture
from crawler.post import Post
from nlp.assessment import Assessment
from pipeline.adapters.record import crawl
from pipeline.adapters.record.base import Family, chunks
from pipeline.adapters.record.rows import assessment_values, post_values, storable_post, stored_post
from pipeline.adapters.record.statements import keep_first, keeping_first, upsert
from pipeline.adapters.record.tables import (
    alert_posts,
    alerts,
    assessments,
    opinions,
    pages,
    revisions,
    samples,
    shadow_scores,
    threads,
    tombstones,
    work,
)
from pipeline.domain.work import WorkKind, WorkState
from pipeline.ports import StoredPost

_newer = assessments.alias()
LATEST = (
    select(func.max(_newer.c.n)).where(_newer.c.revision_id == revisions.c.id).correlate(revisions).scalar_subquery()
)
"""The number of a revision's latest assessment."""

_JOINED = (
    revisions.outerjoin(
        threads, (threads.c.source_id == revisions.c.source_id) & (threads.c.thread_id == revisions.c.thread_id)
    )
    .outerjoin(alert_posts, alert_posts.c.revision_id == revisions.c.id)
    .outerjoin(assessments, assessments.c.n == func.coalesce(alert_posts.c.assessment, LATEST))
)
SELECT: Select[Any] = select(
    revisions,
    threads.c.title.label("thread_title"),
    *(
        assessments.c[n]
        for n in ("score", "flagged", "kinds", "spans", "language", "child_safety_context", "explanation", "model")
    ),
    alert_posts.c.alert_id,
).select_from(_JOINED)
"""A revision with its thread's title, its alert, and the assessment that put it there; on no alert, its latest one."""


class SqlPosts(Family):
    """ports.Posts."""

    def post(self, revision_id: str) -> StoredPost | None:
        """By id."""
        row = self._connection.execute(SELECT.where(revisions.c.id == revision_id)).first()
        return stored_post(row) if row else None

    def posts(self, revision_ids: Sequence[str]) -> Sequence[StoredPost]:
        """Those that exist, in the order asked for."""
        found = {}
        for ids in chunks(revision_ids):
            for row in self._connection.execute(SELECT.where(revisions.c.id.in_(ids))):
                found[row.id] = stored_post(row)
        return [found[revision_id] for revision_id in revision_ids if revision_id in found]

    def thread(self, source_id: str, thread_id: str) -> Sequence[StoredPost]:
        """Every revision of the thread, in reading order."""
        here = (revisions.c.source_id == source_id) & (revisions.c.thread_id == thread_id)
        order = func.coalesce(revisions.c.published_at, revisions.c.first_seen), revisions.c.seq
        return [stored_post(row) for row in self._connection.execute(SELECT.where(here).order_by(*order))]

    def thread_title(self, source_id: str, thread_id: str) -> str:
        """The latest."""
        here = (threads.c.source_id == source_id) & (threads.c.thread_id == thread_id)
        return self._connection.scalar(select(threads.c.title).where(here)) or ""

    def all_posts(self, after_seq: int, limit: int) -> Sequence[StoredPost]:
        """By running number."""
        query = SELECT.where(revisions.c.seq > after_seq).order_by(revisions.c.seq).limit(limit)
        return [stored_post(row) for row in self._connection.execute(query)]

    def save_capture(self, capture: Capture, at: datetime) -> Sequence[str]:
        """Everything one visited page changes."""
        page = capture.page
        posts = {post.revision_id: post for post in map(storable_post, page.posts)}
        title = page.thread_title or capture.visited.title
        for thread_id in sorted({post.thread_id for post in posts.values()} | ({page.thread_id} - {""})):
            self._title(capture.source_id, thread_id, title)
        for revision_id in self._unwanted(posts):
            del posts[revision_id]
        new = self._keep(posts, at)
        crawl.capture(self._connection, capture, at)
        return new

    def _title(self, source_id: str, thread_id: str, title: str) -> None:
        row = {"source_id": source_id, "thread_id": thread_id, "title": title, "mark": "", "last_page_url": ""}
        if title:
            upsert(self._connection, threads, row, "title")
        else:
            keep_first(self._connection, threads, row)

    def _unwanted(self, posts: Mapping[str, Post]) -> list[str]:
        """Those that were erased, and that no alert needs as context now."""
        erased: list[str] = []
        for ids in chunks(posts):
            query = select(tombstones.c.revision_id).where(tombstones.c.revision_id.in_(ids))
            erased += self._connection.scalars(query)
        return [revision_id for revision_id in erased if not self._has_alert(posts[revision_id])]

    def _has_alert(self, post: Post) -> bool:
        here = (alerts.c.source_id == post.source_id) & (alerts.c.thread_id == post.thread_id)
        return bool(self._connection.scalar(select(exists().where(here))))

    def _keep(self, posts: Mapping[str, Post], at: datetime) -> list[str]:
        """The ids that are new, in the order of the page."""
        if not posts:
            return []
        rows = [post_values(post, at) for post in posts.values()]
        new = set(self._connection.scalars(_storing(self._connection.dialect.name), rows))
        for ids in chunks(posts.keys() - new):
            again = (revisions.c.id.in_(ids)) & (revisions.c.last_seen < at)
            self._connection.execute(update(revisions).where(again).values(last_seen=at))
        return [revision_id for revision_id in posts if revision_id in new]

    def save_assessments(self, assessments_by_id: Mapping[str, Assessment], at: datetime) -> None:
        """One for each revision and model."""
        rows = [assessment_values(revision_id, a, at) for revision_id, a in assessments_by_id.items()]
        keep_first(self._connection, assessments, rows)

    def expired_posts(self, before: datetime, limit: int) -> Sequence[str]:
        """Past their time, assessed or set aside, never flagged, and on no alert's thread."""
        query = (
            select(revisions.c.id)
            .where(revisions.c.first_seen < before, or_(judged_ever(), _given_up()))
            .where(~judged_ever(assessments.c.flagged), ~_alerted())
            .order_by(revisions.c.seq)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def erase_posts(self, revision_ids: Sequence[str], at: datetime) -> None:
        """The revisions and everything that was said of them; titles of threads that are left without a post."""
        self.erased = True
        for ids in chunks(revision_ids):
            touched = self._connection.execute(
                select(revisions.c.source_id, revisions.c.thread_id).distinct().where(revisions.c.id.in_(ids))
            ).all()
            steps = (WorkKind.ASSESS, WorkKind.INDEX_POST, WorkKind.SHADOW)
            self._connection.execute(delete(work).where(work.c.kind.in_(steps), work.c.key.in_(ids)))
            for table in (alert_posts, assessments, opinions, samples, shadow_scores):
                self._connection.execute(delete(table).where(table.c.revision_id.in_(ids)))
            self._connection.execute(delete(revisions).where(revisions.c.id.in_(ids)))
            keep_first(self._connection, tombstones, [{"revision_id": revision_id, "at": at} for revision_id in ids])
            for source_id, thread_id in touched:
                self._forget_title(source_id, thread_id)

    def _forget_title(self, source_id: str, thread_id: str) -> None:
        left = exists().where(revisions.c.source_id == source_id, revisions.c.thread_id == thread_id)
        for table in (threads, pages):
            here = (table.c.source_id == source_id) & (table.c.thread_id == thread_id)
            self._connection.execute(update(table).where(here, ~left).values(title=""))


@cache
def _storing(dialect: str) -> ReturningInsert[str]:
    """Stores revisions and says which were new."""
    return keeping_first(dialect, revisions).returning(revisions.c.id)


def judged_ever(*also: ColumnElement[bool]) -> ColumnElement[bool]:
    """Some model assessed the revision, and said so of it."""
    return exists().where(assessments.c.revision_id == revisions.c.id, *also)


def _given_up() -> ColumnElement[bool]:
    """The model failed at it again and again."""
    here = (work.c.kind == WorkKind.ASSESS) & (work.c.key == revisions.c.id)
    return exists().where(here, work.c.state == WorkState.SET_ASIDE)


def _alerted() -> ColumnElement[bool]:
    return exists().where(alerts.c.source_id == revisions.c.source_id, alerts.c.thread_id == revisions.c.thread_id)
