"""How soon a person should look at an alert: points with reasons, so that nobody has to take the band on trust."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from pipeline.domain.alert import Ground, Severity, likely

BANDS: Mapping[Severity, int] = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 4}
"""The points from which each band begins."""

OFFERS = frozenset({"sharing", "trading"})
LASTING = frozenset({"model-uncensoring", "filter-removal"})
SEALED = "sealed"
"""The id of the ground for a term of the agency's own lists."""

AUTHORS_POSTS = 1_000
"""Of an author, as many of the latest posts are looked at: what lies far back says little of today."""

LEAST_JUDGED = 3
LEAST_FLAGGED = 2
CHANCE = 0.02
"""The share of harmless posts that a model may flag at most; what a history must rise above."""

_Z = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A post on an alert that nobody dismissed. confirmed: a person decided that the alert leaves the house."""

    post_id: str
    author: str
    alert_id: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a thread, or of an author on one source, in posts; an edited post counts once.

    flagged: of those judged, on alerts that nobody dismissed. confirmed: of these, on alerts that a person confirmed.
    authors: of the flagged ones.
    """

    judged: int = 0
    flagged: int = 0
    confirmed: int = 0
    authors: int = 1

    @property
    def counts(self) -> bool:
        """Is there enough of it, and more than chance?

        Enough: LEAST_JUDGED and LEAST_FLAGGED posts. More than chance: people confirmed as many, or the low end of the
        flagged share (Wilson 1927, one-sided 99 %) lies above CHANCE, so that nobody is marked for writing a lot.
        """
        if self.judged < LEAST_JUDGED or self.flagged < LEAST_FLAGGED:
            return False
        return self.confirmed >= LEAST_FLAGGED or _low_end(self.flagged, self.judged) > CHANCE


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the band of an alert follows from.

    score, threshold: of its highest post and the model that judged it, [0, 1]. kinds: highest probability per kind.
    thread: its history with this alert. author: the history before this alert of the one author with most of it.
    sealed: a term of the agency's own lists stands in a post.
    """

    score: float
    threshold: float
    kinds: Mapping[str, float]
    child_safety_context: bool
    thread: History = History()
    author: History = History()
    sealed: bool = False


def severity_of(of: Circumstances) -> tuple[Severity, tuple[Ground, ...]]:
    """The band, and the grounds whose points add up to it, the score first.

    An offer counts for more than a question or a boast: one post can serve many people. What changes a model or its
    filter for good counts for more than a prompt or an account: no provider can close that way. Child-safety context
    adds what is missing to the next band: it asks for eyes sooner and is never grounds by itself.

    Raises: ValueError if score or threshold is outside [0, 1].
    """
    if not 0 <= of.score <= 1 or not 0 <= of.threshold <= 1:
        raise ValueError("score and threshold must lie in [0, 1]")
    grounds = [_score(of.score, of.threshold)]
    kinds = likely(of.kinds)
    if kinds & OFFERS:
        grounds.append(Ground("offer", 1, "A way round is offered: one post can serve many people"))
    if kinds & LASTING:
        grounds.append(
            Ground("lasting", 1, "A model or its filter is changed for good: no provider can close that way")
        )
    if of.thread.counts and of.thread.authors > 1:
        grounds.append(Ground("thread", 1, _thread(of.thread)))
    if of.author.counts:
        grounds.append(Ground("author", 1, _author(of.author)))
    if of.sealed:
        grounds.append(Ground(SEALED, 1, "A term of the agency's own lists stands in a post"))
    if of.child_safety_context:
        missing = _to_next_band(sum(ground.points for ground in grounds))
        grounds.append(Ground("child-safety", missing, "Terms of child protection: one band up, to be seen sooner"))
    return _band(sum(ground.points for ground in grounds)), tuple(grounds)


def gravest(histories: Iterable[History]) -> History:
    """The one that counts with most posts confirmed, then flagged; an empty one where none counts."""
    counting = (history for history in histories if history.counts)
    return max(counting, key=lambda history: (history.confirmed, history.flagged), default=History())


def _score(score: float, threshold: float) -> Ground:
    if score < threshold:
        return Ground("score", 0, f"The score {score:.2f} lies below {threshold:.2f}, from where the model flags")
    above = (score - threshold) / (1 - threshold) if threshold < 1 else 1.0
    points = min(2, int(3 * above))
    third = ("lowest", "middle", "highest")[points]
    return Ground("score", points, f"The score {score:.2f} lies in the {third} third from {threshold:.2f} to 1")


def _thread(history: History) -> str:
    return f"In the thread, {_of_judged(history)} are flagged, by {history.authors} authors{_confirmed(history)}"


def _author(history: History) -> str:
    return f"Of an author, {_of_judged(history)} were flagged before{_confirmed(history)}"


def _of_judged(history: History) -> str:
    return f"{history.flagged} of {history.judged} posts"


def _confirmed(history: History) -> str:
    return f"; people confirmed {history.confirmed}" if history.confirmed else ""


def _band(points: int) -> Severity:
    return max((band for band, least in BANDS.items() if points >= least), key=lambda band: band.rank)


def _to_next_band(points: int) -> int:
    return min((least - points for least in BANDS.values() if least > points), default=0)


def _low_end(hits: int, total: int) -> float:
    """Lower end of the Wilson score interval of a share."""
    share, square = hits / total, _Z * _Z
    middle = share + square / (2 * total)
    half = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return (middle - half) / (1 + square / total)
