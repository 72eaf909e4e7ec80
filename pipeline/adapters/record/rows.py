"""Between rows of posts and the types the line speaks of."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from crawler.post import Post, Precision, Quote
from nlp.assessment import Assessment, Clue, Exemplar, Span
from pipeline.adapters.record.columns import storable
from pipeline.ports import StoredPost


def storable_post(post: Post) -> Post:
    """The post as it can be stored, so that its revision id is the same before and after."""
    return replace(
        post,
        thread_id=storable(post.thread_id),
        post_id=storable(post.post_id),
        author=storable(post.author),
        text=storable(post.text),
        url=storable(post.url),
        time_shown=storable(post.time_shown),
        quotes=tuple(Quote(q.author and storable(q.author), storable(q.text), q.ref) for q in post.quotes),
    )


def post_values(post: Post, at: datetime) -> dict[str, Any]:
    """The columns of a revision first seen now."""
    return {
        "id": post.revision_id,
        "source_id": post.source_id,
        "thread_id": post.thread_id,
        "post_id": post.post_id,
        "sha256": post.sha256,
        "author": post.author,
        "text": post.text,
        "url": post.url,
        "captured_at": post.captured_at,
        "quotes": [[quote.author, quote.text, quote.ref] for quote in post.quotes],
        "published_at": post.published_at,
        "time_shown": post.time_shown,
        "time_precision": str(post.time_precision),
        "edited": post.edited,
        "first_seen": at,
        "last_seen": at,
    }


def assessment_values(revision_id: str, assessment: Assessment, at: datetime) -> dict[str, Any]:
    """The columns of an assessment."""
    values = asdict(assessment)
    values["spans"] = [[span.start, span.end, span.reason] for span in assessment.spans]
    values["explanation"] = {
        "targets": values.pop("targets"),
        "clues": [[clue["words"], clue["weight"]] for clue in values.pop("clues")],
        "exemplars": [[like["id"], like["label"], like["similarity"]] for like in values.pop("exemplars")],
    }
    return values | {"revision_id": revision_id, "at": at}


def stored_post(row: Row[Any]) -> StoredPost:
    """A row of `posts.SELECT` as the line knows it."""
    return StoredPost(
        post=_post(row),
        seq=row.seq,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        thread_title=row.thread_title or "",
        assessment=_assessment(row) if row.model is not None else None,
        alert_id=row.alert_id or "",
    )


def _post(row: Row[Any]) -> Post:
    return Post(
        source_id=row.source_id,
        thread_id=row.thread_id,
        post_id=row.post_id,
        author=row.author,
        text=row.text,
        url=row.url,
        captured_at=row.captured_at,
        quotes=tuple(Quote(*quote) for quote in row.quotes),
        published_at=row.published_at,
        time_shown=row.time_shown,
        time_precision=Precision(row.time_precision),
        edited=row.edited,
    )


def _assessment(row: Row[Any]) -> Assessment:
    return Assessment(
        score=row.score,
        flagged=row.flagged,
        kinds=row.kinds,
        spans=tuple(Span(start, end, reason) for start, end, reason in row.spans),
        language=row.language,
        child_safety_context=row.child_safety_context,
        model=row.model,
        targets=tuple(row.explanation["targets"]),
        clues=tuple(Clue(words, weight) for words, weight in row.explanation["clues"]),
        exemplars=tuple(Exemplar(key, label, alike) for key, label, alike in row.explanation["exemplars"]),
    )
