"""Drift: do posts score otherwise than in the weeks before, and do they use words the model never learned?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.desk.acting import require
from pipeline.domain.accounts import Actor, Permission
from pipeline.ports import Record, StoredPost

if TYPE_CHECKING:  # heavy to import
    from nlp.drift import Unknown

WEEK = timedelta(days=7)
REFERENCE = 4
"""Weeks before, against which a week is held."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Drift:
    """One source in the last 7 days against the 4 weeks before; figures only.

    scores: population stability index, None with too few posts (`nlp.drift.LEAST`) or without any before.
    unknown, unknown_before: share of words that the corpus doesn't have, None without a word.
    """

    source_id: str
    posts: int
    posts_before: int
    scores: float | None
    unknown: float | None
    unknown_before: float | None


@dataclass(slots=True)
class _Seen:
    unknown: "Unknown"
    scores: list[float] = field(default_factory=list)


def drift(record: Record, actor: Actor, model: str, now: datetime) -> Sequence[Drift]:
    """Of every source with posts that this model judged and that were first seen since. Raises: Refused."""
    require(actor, Permission.MANAGE_MODELS)
    from nlp.drift import Unknown, corpus_words, stability_index

    known = corpus_words()
    seen: dict[str, tuple[_Seen, _Seen]] = defaultdict(lambda: (_Seen(Unknown()), _Seen(Unknown())))
    for post in _judged(record, model, now - (REFERENCE + 1) * WEEK):
        part = seen[post.post.source_id][post.first_seen >= now - WEEK]
        part.scores.append(post.assessment.score if post.assessment else 0.0)
        part.unknown.count(post.post.text, known)
    return [
        Drift(
            source_id,
            len(recent.scores),
            len(before.scores),
            stability_index(before.scores, recent.scores),
            recent.unknown.share,
            before.unknown.share,
        )
        for source_id, (before, recent) in sorted(seen.items())
    ]


def _judged(record: Record, model: str, since: datetime) -> Iterator[StoredPost]:
    last = 0
    while True:
        with record.read() as tx:
            posts = tx.all_posts(last, _BATCH)
        if not posts:
            return
        for post in posts:
            if post.first_seen >= since and post.assessment and post.assessment.model == model:
                yield post
        last = posts[-1].seq
