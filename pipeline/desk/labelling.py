"""Labelling: what people say of single posts, so that the next model learns from two of them.

A decision on an alert is the first opinion on each of its posts; the second is given here, without seeing the first.
Samples, which no alert holds, need two opinions given here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.learning import CHOICES, Opinion, person
from pipeline.errors import BadInput, Conflict
from pipeline.ports import Learning, Record, StoredPost

SECOND, SAMPLE = "second opinion", "sample"
"""Why somebody is asked about a post."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A post this person is asked about, and why: SECOND or SAMPLE."""

    post: StoredPost
    why: str


def asked(record: Record, actor: Actor, now: datetime, limit: int, skip: int = 0) -> Sequence[Asked]:
    """The next posts to label, begun ones first; what the other person said isn't shown. Raises: Refused.

    skip: so many that this person leaves to others.
    """
    require(actor, Permission.REVIEW)
    with record.write() as tx:
        waiting = dict(_waiting(tx, actor)[skip : skip + limit])
        found = tx.posts(list(waiting))
        keep_event(tx, actor, "label.read", "labels", now, posts=[post.post.revision_id for post in found])
    return [Asked(post, waiting[post.post.revision_id]) for post in found]


def label(record: Record, actor: Actor, revision_id: str, reason: str, now: datetime) -> Opinion:
    """Say what a post is; reason: a code of CHOICES. Only of posts one is asked about: nobody picks what is taught.

    Raises: Refused; BadInput: no such reason; Conflict: not asked, or not any more.
    """
    require(actor, Permission.REVIEW)
    if reason not in CHOICES:
        raise BadInput(f"Say what the post is: one of {', '.join(CHOICES)}")
    opinion = Opinion(revision_id, actor.name, reason, now)
    with record.write() as tx:
        if revision_id not in dict(_waiting(tx, actor)):
            raise Conflict(
                "You are not asked about this post, or it has its two opinions; see: nightlight model samples"
            )
        tx.save_opinion(opinion)
        keep_event(tx, actor, "label.give", revision_id, now, reason=reason)
    return opinion


def _waiting(tx: Learning, actor: Actor) -> list[tuple[str, str]]:
    """(revision id, why), begun ones first, each by age."""
    given: dict[str, set[str]] = {}
    for opinion in sorted(tx.opinions(), key=lambda opinion: opinion.at):
        given.setdefault(opinion.revision_id, set()).add(person(opinion.reviewer))
    begun = [(key, SECOND) for key, people in given.items() if len(people) == 1 and person(actor.name) not in people]
    fresh = [(sample.revision_id, SAMPLE) for sample in tx.samples() if sample.revision_id not in given]
    return begun + fresh
