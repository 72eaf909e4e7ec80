"""Sampling: each day a few unflagged posts the model is least sure of are put to people (uncertainty sampling).

What people say of them teaches the model where its line lies (Lewis and Gale 1994).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nlp.assessment import Text
from pipeline.domain.learning import Sample
from pipeline.line.auditing import record_event
from pipeline.ports import Clock, Record, StoredPost

PER_AUTHOR = 1
"""Posts of one author in a day's sample: nobody can fill it."""

_POOL = 50
"""Posts looked through for each one that is drawn."""

_MOST = 2_500
"""Posts looked through in all: each is held against each other, and somebody may post many alike."""


def draw(record: Record, model: str, clock: Clock, per_day: int) -> int:
    """Fill up today's sample (UTC) to per_day; returns how many were drawn. One source gets half of it at most."""
    now = clock.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with record.read() as tx:
        before = tx.samples(today)
        missing = per_day - len(before)
        pool = tx.unsure(model, min(missing * _POOL, _MOST)) if missing > 0 else ()
        drawn = tx.posts([sample.revision_id for sample in before])
    chosen = choose(pool, drawn, missing, (per_day + 1) // 2)
    if not chosen:
        return 0
    with record.write() as tx:
        if tx.samples(today) != before:
            return 0  # another worker drew meanwhile
        still = tx.posts([post.post.revision_id for post in chosen])
        tx.save_samples([_sample(post, now) for post in still])
        record_event(tx, "line", "samples.draw", "samples", now, count=len(still), model=model)
    return len(still)


def choose(pool: Sequence[StoredPost], drawn: Sequence[StoredPost], count: int, per_source: int) -> list[StoredPost]:
    """The first of the pool, no two alike, within the caps; drawn: those chosen already."""
    from nlp.labels import copies  # heavy to import, and the command line shouldn't wait for it

    groups = copies([Text(post.post.text) for post in (*drawn, *pool)]).tolist() if pool else []
    seen = set(groups[: len(drawn)])
    authors = Counter((post.post.source_id, post.post.author) for post in drawn)
    sources = Counter(post.post.source_id for post in drawn)
    chosen: list[StoredPost] = []
    for post, group in zip(pool, groups[len(drawn) :], strict=True):
        source, author = post.post.source_id, (post.post.source_id, post.post.author)
        if len(chosen) == count:
            break
        if group in seen or authors[author] >= PER_AUTHOR or sources[source] >= per_source:
            continue
        chosen.append(post)
        seen.add(group)
        authors[author] += 1
        sources[source] += 1
    return chosen


def _sample(post: StoredPost, now: datetime) -> Sample:
    said = post.assessment
    return Sample(post.post.revision_id, said.model if said else "", said.score if said else 0.0, now)
