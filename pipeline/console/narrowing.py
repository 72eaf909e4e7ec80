"""The state of a results page in its address: codes only, never the words of the search."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from pipeline.console import words
from pipeline.desk.searching import PAGE, Ask, Results
from pipeline.domain.alert import Severity, Status
from pipeline.errors import BadInput

FACETS = {"band": "Band", "source": "Source", "kind": "Kind", "language": "Language", "status": "Status"}
"""Query field → heading."""

SORTS = {"relevance": "Best match", "newest": "Newest", "score": "Band"}
MIN_BARS, MAX_BARS = 14, 120


@dataclass(frozen=True, slots=True)
class State:
    """What the address says: facet values chosen, a day, the order, the page from 1."""

    chosen: tuple[tuple[str, str], ...] = ()
    day: str = ""
    sort: str = "relevance"
    number: int = 1

    def href(self, base: str) -> str:
        """The address of this state; defaults are left out."""
        pairs = [*self.chosen]
        pairs += [("day", self.day)] if self.day else []
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("page", str(self.number))] if self.number > 1 else []
        return f"{base}?{urlencode(pairs)}" if pairs else base

    def toggled(self, field: str, value: str) -> "State":
        """With this facet value added, or taken away; on the first page."""
        pair = (field, value)
        chosen = tuple(p for p in self.chosen if p != pair) if pair in self.chosen else (*self.chosen, pair)
        return replace(self, chosen=chosen, number=1)

    def asked(self, text: str) -> Ask:
        """What to ask the desk. Raises: BadInput for a day that is none."""
        try:
            day = date.fromisoformat(self.day).isoformat() if self.day else ""
        except ValueError as error:
            raise BadInput("A day is written as 2026-11-18") from error
        return Ask(text, self.chosen, day, self.sort, (self.number - 1) * PAGE)


@dataclass(frozen=True, slots=True)
class Link:
    """A choice with its address."""

    label: str
    href: str
    count: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A list of choices."""

    label: str
    entries: list[Link]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the histogram; all and hit: heights in percent."""

    label: str
    href: str
    posts: int
    hits: int
    all: float
    hit: float


def facets(results: Results, state: State, base: str) -> list[Facet]:
    """Every facet that has values, with the address each value leads to."""
    shown = []
    for field, heading in FACETS.items():
        counts = {value: n for value, n in results.page.facets.get(field, {}).items() if value}
        entries = [
            Link(
                label(field, value, results), state.toggled(field, value).href(base), n, (field, value) in state.chosen
            )
            for value, n in sorted(counts.items(), key=lambda pair: _order(field, *pair))
        ]
        if entries:
            shown.append(Facet(heading, entries))
    return shown


def chips(results: Results | None, state: State, base: str) -> list[Link]:
    """The filters in force, each with the address without it."""
    found = [
        Link(f"{FACETS[field]}: {label(field, value, results)}", state.toggled(field, value).href(base))
        for field, value in state.chosen
    ]
    if state.day:
        found.append(Link(day_label(state.day), replace(state, day="", number=1).href(base)))
    return found


def bars(results: Results, state: State, base: str) -> list[Bar]:
    """One bar for every day up to the last match: from the first one, but MIN_BARS to MAX_BARS days."""
    days = {date.fromisoformat(day): counts for day, counts in results.page.days.items() if day}
    if not days:
        return []
    last, top = max(days), max(posts for posts, _ in days.values())
    first = max(min(*days, last - timedelta(days=MIN_BARS - 1)), last - timedelta(days=MAX_BARS - 1))
    shown = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        posts, hits = days.get(day, (0, 0))
        href = replace(state, day=day.isoformat(), number=1).href(base)
        shown.append(
            Bar(day_label(day.isoformat()), href, posts, hits, round(99 * posts / top, 1), round(99 * hits / top, 1))
        )
    return shown


def day_label(day: str) -> str:
    """`18 Nov 2026`."""
    moment = date.fromisoformat(day)
    return f"{moment.day} {moment:%b %Y}"


def label(field: str, value: str, results: Results | None) -> str:
    """The words for a facet value."""
    if field == "band" and value in set(Severity):
        return words.BANDS[Severity(value)]
    if field == "status" and value in set(Status):
        return words.STATUSES[Status(value)].capitalize()
    if field == "language":
        return words.language(value).capitalize()
    return results.source_names.get(value, value) if field == "source" and results else value


def _order(field: str, value: str, number: int) -> tuple[int, str]:
    """Bands from the gravest down; everything else by count."""
    rank = Severity(value).rank if field == "band" and value in set(Severity) else number
    return -rank, value
