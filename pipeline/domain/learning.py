"""What people say of posts, what becomes of it, and which model is in force."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.domain.alert import REASONS, Status

LABELS: Mapping[str, int] = {
    "offers": 1,
    "seeks": 1,
    "sells": 1,
    "claims": 1,
    "provider": 1,
    "opinion": 0,
    "defence": 0,
    "news": 0,
    "other-meaning": 0,
}
"""What a reason for a decision (`alert.REASONS`) says of the posts; those left out say nothing of a bypass."""

CHOICES: Mapping[str, str] = {**REASONS[Status.RELEVANT], **REASONS[Status.NOT_RELEVANT]}
"""What a person can say of a single post: reason codes, and the words people see."""

KINDS: Mapping[str, str] = {
    "offers": "sharing",
    "seeks": "seeking",
    "sells": "trading",
    "claims": "boasting",
    "opinion": "opinion",
    "defence": "defensive",
    "news": "news",
}
"""The intent of the taxonomy that a reason stands for."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person says of one post, by deciding its alert or when asked about it. reason: of LABELS."""

    revision_id: str
    reviewer: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """A label that at least two people gave and nobody contradicted. kind: "" unless they gave the same reason."""

    label: int
    kind: str
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """An unflagged post the model is unsure of, drawn for people to label. score: what `model` said of it then."""

    revision_id: str
    model: str
    score: float
    drawn_at: datetime


class ModelState(StrEnum):
    """Where a model stands. At most one is in shadow, and one current; without a current one the shipped is used."""

    CHALLENGER = "challenger"
    SHADOW = "shadow"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model this instance trained. id: of its artifact below models/. passed: every gate let it through.

    report: what it was trained on and measured by, as JSON holds it; figures only, no text. replaced: the model that
    was current before it ("" the shipped one), once it was promoted.
    """

    id: str
    state: ModelState
    passed: bool
    report: Mapping[str, object] = field(hash=False)
    trained_by: str
    trained_at: datetime
    promoted_by: str = ""
    promoted_at: datetime | None = None
    replaced: str = ""


@dataclass(frozen=True, slots=True)
class Shadowed:
    """One post as the model in force and the one in its shadow judged it."""

    score: float
    flagged: bool
    shadow_score: float
    shadow_flagged: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would have been different. only_new: flagged by the shadow alone; only_old: by the model in force alone.

    shift: mean of shadow score - score, None where nothing was compared.
    """

    posts: int
    agree: int
    only_new: int
    only_old: int
    shift: float | None


def person(name: str) -> str:
    """Who acts, whether at the console or at the command line: two accounts of one name are one pair of eyes."""
    return name.removeprefix("cli:")


def agreed(opinions: Iterable[Opinion]) -> tuple[dict[str, Agreed], dict[str, int]]:
    """The labels that count, by revision id, and how many posts have none and why."""
    by_post: dict[str, dict[str, Opinion]] = defaultdict(dict)
    for opinion in opinions:
        by_post[opinion.revision_id][person(opinion.reviewer)] = opinion
    labels: dict[str, Agreed] = {}
    left_out = {"one opinion only": 0, "people disagree": 0}
    for revision_id, given in sorted(by_post.items()):
        answers = {LABELS[opinion.reason] for opinion in given.values()}
        kinds = {KINDS.get(opinion.reason, "") for opinion in given.values()}
        if len(answers) > 1:
            left_out["people disagree"] += 1
        elif len(given) < 2:
            left_out["one opinion only"] += 1
        else:
            kind = kinds.pop() if len(kinds) == 1 else ""
            labels[revision_id] = Agreed(answers.pop(), kind, tuple(sorted(given)))
    return labels, left_out


def compared(pairs: Iterable[Shadowed]) -> Comparison:
    """Counts over every post both judged."""
    seen = list(pairs)
    only_new = sum(pair.shadow_flagged and not pair.flagged for pair in seen)
    only_old = sum(pair.flagged and not pair.shadow_flagged for pair in seen)
    shift = sum(pair.shadow_score - pair.score for pair in seen) / len(seen) if seen else None
    return Comparison(len(seen), len(seen) - only_new - only_old, only_new, only_old, shift)
