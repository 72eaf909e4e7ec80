"""The thread on an alert page: flagged posts lit, their neighbours around them, gaps counted."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.taxonomy import is_sealed
from pipeline.console.text import ReasonMark
from pipeline.desk.reading import Case
from pipeline.ports import StoredPost

AROUND = 4
WHOLE = 500
"""Posts shown at most when the whole thread is asked for, beside what is shown anyway."""


@dataclass(frozen=True, slots=True)
class Part:
    """One post of the thread, or a gap of `gap` posts. others: its other stored versions, newest first."""

    stored: StoredPost | None = None
    flagged: bool = False
    others: tuple[StoredPost, ...] = ()
    gap: int = 0

    @property
    def anchor(self) -> str:
        """The post's id in the page."""
        return f"p-{self.stored.post.revision_id}" if self.stored else ""

    @property
    def spans(self) -> list[ReasonMark]:
        """The evidence; in posts that aren't flagged the agency's own terms only."""
        found = spans_of(self.stored) if self.stored else []
        return [mark for mark in found if self.flagged or is_sealed(mark[2])]


def spans_of(stored: StoredPost) -> list[ReasonMark]:
    """The model's evidence in a post."""
    return [(s.start, s.end, s.reason) for s in stored.assessment.spans] if stored.assessment else []


def posts_of(case: Case) -> list[Part]:
    """Every post of the thread once: the flagged version, else the newest one; in the order of the thread."""
    versions: dict[str, list[StoredPost]] = defaultdict(list)
    for stored in case.thread:
        versions[stored.post.post_id].append(stored)
    return [_part(found, case.flagged) for found in versions.values()]


def _part(versions: Sequence[StoredPost], flagged: frozenset[str]) -> Part:
    newest_first = sorted(versions, key=lambda stored: stored.seq, reverse=True)
    lit = [stored for stored in newest_first if stored.post.revision_id in flagged]
    shown = lit[0] if lit else newest_first[0]
    return Part(shown, bool(lit), tuple(stored for stored in newest_first if stored is not shown))


def around(posts: Sequence[Part], whole: bool, wanted: str) -> list[Part]:
    """The flagged posts, and the one whose revision id is wanted, with AROUND neighbours on each side and gaps between.

    whole: the first WHOLE posts too.
    """
    middle = [i for i, part in enumerate(posts) if part.flagged or part.anchor == f"p-{wanted}"]
    near = {n for i in middle for n in range(i - AROUND, i + AROUND + 1)} | set(range(WHOLE if whole else 0))
    parts: list[Part] = []
    skipped = 0
    for i, part in enumerate(posts):
        if i not in near:
            skipped += 1
            continue
        if skipped:
            parts.append(Part(gap=skipped))
        skipped = 0
        parts.append(part)
    return [*parts, Part(gap=skipped)] if skipped else parts


def loudest_of(parts: Sequence[Part]) -> Part | None:
    """The flagged post with the highest score; the first of several."""
    judged = [(part.stored.assessment.score, part) for part in parts if part.stored and part.stored.assessment]
    return max(judged, key=lambda found: found[0])[1] if judged else None


def targets_in(parts: Sequence[Part]) -> list[str]:
    """What kinds of system the flagged posts are about, in words."""
    found = {t for part in parts if part.stored and part.stored.assessment for t in part.stored.assessment.targets}
    return sorted(target.replace("-", " ") for target in found)


def reasons_in(parts: Sequence[Part]) -> list[str]:
    """Reason ids of what is marked, most frequent first, then as they appear."""
    tally = Counter(reason for part in parts for _, _, reason in part.spans)
    return [reason for reason, _ in tally.most_common()]
