"""The crawler's ports in memory, and mandates signed with a key of the test's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.errors import MandateRefused
from crawler.mandate import Mandate, Officer, draft, load, sign
from crawler.ports import Capture, DuePage, Fetched, Progress, ThreadState
from crawler.post import PageKind, Post, Source

KEY = Ed25519PrivateKey.generate()
OFFICERS = {"k1": Officer("Officer Two", KEY.public_key())}
_RANK = {kind: rank for rank, kind in enumerate(PageKind)}


def now() -> datetime:
    """The machine's clock, aware UTC."""
    return datetime.now(UTC)


def document(origin: str, source_id: str = "forum", **changes: Any) -> dict[str, Any]:
    """A filled-in mandate of a direct source on this machine. changes: fields of the mandate or of its one scope."""
    scope = {
        "source_id": source_id,
        "origins": [origin],
        "paths": ["/"],
        "exclude": [],
        "route": "direct",
        "private_network": True,
        "login_path": "",
        "account": "",
    }
    words = ("title", "legal_basis", "grounds", "necessity", "proportionality")
    whole = draft(now() - timedelta(days=1)) | dict.fromkeys(words, "for a test")
    whole |= {"id": "M-1", "applicant": "Applicant One", "officer": "Officer Two", "user_agent": "Declared/1.0"}
    whole |= {"delay_s": 0, "pages_per_day": 10_000}
    scope |= {name: value for name, value in changes.items() if name in scope}
    return whole | {name: value for name, value in changes.items() if name not in scope} | {"sources": [scope]}


def mandate(origin: str, source_id: str = "forum", **changes: Any) -> Mandate:
    """Such a mandate, signed and verified."""
    return load(sign(document(origin, source_id, **changes), KEY, "k1"), OFFICERS, now())


@dataclass
class Book:
    """MandateBook of one mandate. asked: how often it was looked up."""

    mandate: Mandate | None
    asked: int = 0

    def live(self, source_id: str, now: datetime) -> Mandate:
        self.asked += 1
        if self.mandate is None:
            raise MandateRefused("The mandate was revoked; a new one is needed")
        self.mandate.scope(source_id)
        self.mandate.check_time(now)
        return self.mandate


@dataclass
class Memory:
    """CrawlState, PostSink and ProgressSink in one, for one source. fetches: the crawl log."""

    pages: dict[str, tuple[DuePage, str]] = field(default_factory=dict)
    states: dict[str, ThreadState] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    captures: list[Capture] = field(default_factory=list)
    fetches: list[Fetched] = field(default_factory=list)
    shown: list[Progress] = field(default_factory=list)

    def begin(self, source: Source, pages: Sequence[DuePage]) -> None:
        for page in pages:
            if self.pages.get(page.url, (page, ""))[1] != "due":
                self.pages[page.url] = (page, "due")

    def due(self, source_id: str, limit: int) -> Sequence[DuePage]:
        waiting = [page for page, state in self.pages.values() if state == "due"]
        return sorted(waiting, key=lambda page: _RANK[page.kind])[:limit]

    def threads(self, source_id: str, thread_ids: Sequence[str]) -> dict[str, ThreadState]:
        return {name: self.states[name] for name in thread_ids if name in self.states}

    def overdue_threads(self, source_id: str, now: datetime) -> Sequence[ThreadState]:
        return [state for state in self.states.values() if state.revisit_at <= now]

    def knows_page(self, source_id: str, url: str) -> bool:
        return url in self.pages

    def fetched_since(self, source_id: str, since: datetime) -> int:
        return sum(fetched.requests for fetched in self.fetches if fetched.at >= since)

    def failed(self, source_id: str, page: DuePage, fetched: Fetched, retry: bool) -> None:
        """Set aside at once: a test doesn't wait."""
        self.fetches.append(fetched)
        self.pages[page.url] = (page, "set aside")
        if page.thread_id in self.states:
            later = fetched.at + timedelta(days=1)
            self.states[page.thread_id] = replace(self.states[page.thread_id], revisit_at=later)

    def log(self, source_id: str, fetched: Fetched) -> None:
        self.fetches.append(fetched)

    def accept(self, capture: Capture) -> int:
        self.captures.append(capture)
        self.fetches.append(capture.fetched)
        for page in capture.due:
            if self.pages.get(page.url, (page, ""))[1] != "due":
                self.pages[page.url] = (page, "due")
        self.pages[capture.visited.url] = (capture.visited, "done")
        self.states |= {state.thread_id: state for state in capture.threads}
        new = {post.revision_id: post for post in capture.page.posts if post.revision_id not in self.posts}
        self.posts |= new
        return len(new)

    def show(self, progress: Progress) -> None:
        self.shown.append(progress)
