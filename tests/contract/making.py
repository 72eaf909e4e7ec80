"""Small things the suites store."""

from datetime import datetime, timedelta

from crawler.ports import Capture, DuePage, Fetched, ThreadState
from crawler.post import Page, PageKind, Post, Quote
from nlp.assessment import Assessment, Clue, Exemplar, Span
from pipeline.domain.alert import Alert, Ground, Severity, Status, alert_id
from tests.contract.conftest import NOON

SOURCE = "tallow-lane"


def post(number: int, text: str = "", thread: str = "t1", at: datetime = NOON) -> Post:
    """Post `number` of a thread."""
    return Post(
        source_id=SOURCE,
        thread_id=thread,
        post_id=f"{thread}-p{number}",
        author="ann",
        text=text or f"words of post {number}",
        url=f"http://forum.example/{thread}",
        captured_at=at,
        quotes=(Quote("bob", "his words", "p0"), Quote(None, "nobody's words")),
        published_at=at - timedelta(days=10 - number),
        time_shown="10 days ago",
    )


def page_of(thread: str = "t1") -> DuePage:
    """The first page of a thread."""
    return DuePage(f"http://forum.example/{thread}", PageKind.THREAD, thread, f"Title of {thread}")


def fetched(url: str = "http://forum.example/t1", at: datetime = NOON, outcome: str = "ok", **more: object) -> Fetched:
    """One fetch."""
    return Fetched(url, at, outcome, 200, "text/html", 1_000, **more)  # type: ignore[arg-type]


def capture(
    *posts: Post,
    thread: str = "t1",
    due: tuple[DuePage, ...] = (),
    states: tuple[ThreadState, ...] = (),
    degraded: str = "",
    at: datetime = NOON,
) -> Capture:
    """A visited thread page with these posts."""
    visited = page_of(thread)
    page = Page("phpbb", PageKind.THREAD, posts=posts, thread_id=thread, thread_title=visited.title, degraded=degraded)
    return Capture(SOURCE, visited, fetched(visited.url, at), page, due, states)


def judged(flagged: bool, model: str = "m1", score: float = 0.7) -> Assessment:
    """What a model said."""
    return Assessment(
        score,
        flagged,
        {"asking": 0.6, "offering": 0.1},
        (Span(0, 5, "asks"),),
        "en",
        False,
        model,
        targets=("chat-model",),
        clues=(Clue("“asks” beside “jailbreak”", 1.25),),
        exemplars=(Exemplar("0123456789abcdef", 1, 0.5),),
    )


def alert(thread: str = "t1", n: int = 1, number: int = 1, **changes: object) -> Alert:
    """A new alert of a thread."""
    values: dict[str, object] = {
        "severity": Severity.MEDIUM,
        "score": 0.7,
        "status": Status.NEW,
        "revision": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "posts": 1,
        "language": "en",
        "child_safety_context": False,
        "kinds": {"asking": 0.6},
        "threshold": 0.5,
        "grounds": (Ground("score", 1, "The score is in the middle"),),
    }
    ids = {"id": alert_id(SOURCE, thread, n), "number": number, "source_id": SOURCE, "thread_id": thread, "n": n}
    return Alert(**ids | {"title": f"Title of {thread}"} | values | changes)  # type: ignore[arg-type]
