"""A record with a small, known world in it: three forums, a handful of alerts, people of every role, two receivers.

Everything goes through the line's own steps; only the model is replaced, by one that knows these texts.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.mandate import Officer, draft, sign
from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Page, PageKind, Post, Precision, Quote, Source
from nlp.assessment import Assessment, Clue, Exemplar, Span, Text
from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.record.record import SqlRecord
from pipeline.desk.accounts import HASHER
from pipeline.domain.accounts import Role, User
from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.line.assess import assess
from pipeline.line.dispatch import dispatch
from pipeline.line.indexing import index_pending
from pipeline.line.ingest import Ingest
from pipeline.ports import Answer, MandateRow, Schedule

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
URL = "http://127.0.0.1:8700"
PASSWORD = "a lamp left on for readers"
HASH = HASHER.hash(PASSWORD)
MODEL = "seed-1"
THRESHOLD = 0.5


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Jump."""
        self._now = now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


@dataclass(frozen=True)
class Said:
    """One post of the world. evidence: (words in the text, reason id); score at or above 0.5 flags it.

    clues: (words, weight). alike: (id of an example of the corpus, label, similarity).
    """

    author: str
    text: str
    score: float = 0.02
    kinds: dict[str, float] = field(default_factory=dict)
    evidence: tuple[tuple[str, str], ...] = ()
    quote: tuple[str, str] | None = None
    language: str = "en"
    child_safety: bool = False
    hours_ago: float = 24.0
    targets: tuple[str, ...] = ()
    clues: tuple[tuple[str, float], ...] = ()
    alike: tuple[tuple[str, int, float], ...] = ()


@dataclass(frozen=True)
class Told:
    """One thread of the world."""

    source: str
    thread: str
    title: str
    posts: tuple[Said, ...]


WORLD = (
    Told(
        "tallow-lane",
        "4182",
        "Lumen got strict again after Tuesday",
        (
            Said(
                "brackenfold",
                "Lumen went strict again with the Tuesday update. Half of what I ask comes back as "
                "“I’d rather not”. Anyone else?",
                hours_ago=130,
            ),
            *(
                Said(
                    "mossgate",
                    f"Bump number {n}. Still waiting for an answer from the people who know.",
                    hours_ago=129 - 7 * n,
                )
                for n in range(1, 14)
            ),
            Said("quillmarrow", "Same here. The one from the spring thread is dead, don’t bother.", hours_ago=29.5),
            Said(
                "pale_heron",
                "That one, yes. I have a wording that makes Lumen drop its filters for a whole session. "
                "Not posting it in the open, it would be gone in a week. I trade it for fresh accounts, two for one.\n"
                "It held through the Tuesday update.",
                0.8,
                {"sharing": 0.81, "trading": 0.7, "jailbreak-prompting": 0.66, "access-abuse": 0.55},
                (
                    ("a wording that makes Lumen drop its filters", "offers-bypass"),
                    ("I trade it for fresh accounts", "trades-bypass"),
                    ("held through the Tuesday update", "boasts-of-bypass"),
                ),
                ("quillmarrow", "The one from the spring thread is dead"),
                hours_ago=28,
                targets=("text-model",),
                clues=(
                    ("“drop” near “filters”", 1.62),
                    ("“trade” (trade)", 0.98),
                    ("the words “whole session”", 0.41),
                    ("“would be” (musing)", -0.22),
                ),
                alike=(("c0455694ec73b883", 1, 0.71), ("d4651a57ccfc87bc", 1, 0.64), ("d29e147916a718ea", 0, 0.38)),
            ),
            Said(
                "tinfinch",
                "Last time somebody said that, it was a screenshot of nothing for ten accounts.",
                hours_ago=27.6,
            ),
            Said("lane_keeper", "Trades belong in the stalls section. Moving this tomorrow.", hours_ago=27),
        ),
    ),
    Told(
        "gravel-market",
        "77",
        "Selling sessions without limits, proof in thread",
        (
            Said(
                "stallholder_9",
                "A Lumen session that never says no, bypass included, price in private. Proof below.",
                0.97,
                {"trading": 0.95, "access-abuse": 0.71},
                (("that never says no, bypass included", "names-bypass"), ("price in private", "trades-bypass")),
                hours_ago=14.6,
                targets=("text-model",),
                clues=(("“bypass” near “price”", 2.4), ("“never” (negation)", -0.3)),
            ),
            Said("ferrywake", "Price?", hours_ago=14),
            Said(
                "ashbuyer",
                "Took one. It does what he says, ask him for the second kind.",
                0.62,
                {"boasting": 0.6},
                (("does what he says", "boasts-of-bypass"),),
                hours_ago=13,
            ),
        ),
    ),
    Told(
        "tallow-lane",
        "4190",
        "which phrasing still works",
        (
            Said(
                "newlatch",
                "Is there any wording left that gets Lumen past its rules since the November update?",
                0.72,
                {"seeking": 0.77, "jailbreak-prompting": 0.6},
                (("any wording left that gets Lumen past its rules", "asks-for-bypass"),),
                hours_ago=9,
            ),
            Said("tinfinch", "Ask again in spring.", hours_ago=8.5),
        ),
    ),
    Told(
        "ashpit-board",
        "12",
        "Lumen weights, cleaned",
        (
            Said(
                "kilnboy",
                "A copy of the model was retrained to refuse nothing. Ask here for where it is kept.",
                0.78,
                {"sharing": 0.74, "model-uncensoring": 0.8},
                (("retrained to refuse nothing", "names-bypass"), ("Ask here for where it is kept", "offers-bypass")),
                hours_ago=60,
            ),
        ),
    ),
    Told(
        "gravel-market",
        "81",
        "Frage zu Lumen",
        (
            Said(
                "nebelkind",
                "Hat jemand die Sperre von Lumen schon umgangen? Bitte nur ernst gemeinte Antworten.",
                0.55,
                {"seeking": 0.58},
                (("Sperre von Lumen schon umgangen", "asks-for-bypass"),),
                language="de",
                hours_ago=80,
            ),
        ),
    ),
    Told(
        "tallow-lane",
        "4201",
        "moderators, please read",
        (
            Said(
                "lane_keeper",
                "Somebody offers a way round the minor-safety rules of Lumen in private messages. I have "
                "told the hotline; IWF and NCMEC have forms for this.",
                0.6,
                {"sharing": 0.52, "defensive": 0.4},
                (("a way round the minor-safety rules of Lumen", "evades-safeguard"), ("NCMEC", "child-safety-term")),
                child_safety=True,
                hours_ago=5,
            ),
        ),
    ),
    Told(
        "ashpit-board",
        "19",
        "Lumen без фильтров",
        (
            Said(
                "sova_17",
                "У меня получилось обойти фильтр, подробностей не будет.",
                0.58,
                {"boasting": 0.66},
                (("получилось обойти фильтр", "boasts-of-bypass"),),
                language="ru",
                hours_ago=150,
            ),
        ),
    ),
)

SOURCES = (
    Source("tallow-lane", "Tallow Lane", "http://tallowlane.example/board/", "M-2026-014", "phpbb"),
    Source("gravel-market", "Gravel Market", "http://gravelmarket.example/", "M-2026-014", "phpbb"),
    Source("ashpit-board", "Ashpit Board", "http://ashpit.example/", "M-2026-009", "machina"),
    Source("nebelforum", "Nebelforum", "http://nebelforum.example/", "M-2026-003", "generic"),
)

PEOPLE = {
    "ines": ("Ines Varga", Role.REVIEWER),
    "okafor": ("M. Okafor", Role.REVIEWER),
    "sten": ("Sten Aalto", Role.SUPERVISOR),
    "vera": ("Vera Lund", Role.VIEWER),
    "lindqvist": ("T. Lindqvist", Role.OFFICER),
    "adm": ("Ada Admin", Role.ADMIN),
    "audrey": ("Audrey Moss", Role.AUDITOR),
}

ENDPOINTS = (
    Endpoint("north-desk", "North desk cases", "https://cases.example/hooks/nightlight", "keys/north.secret"),
    Endpoint("night-watch", "Night watch", "https://watch.example/in", "keys/watch.secret", machine_events=True),
)


class KnowingAssessor:
    """Judges the texts of a world by what the world says of them."""

    model_id = MODEL
    threshold = THRESHOLD

    def __init__(self, said: Sequence[Said]) -> None:
        self._by_text = {post.text.replace("\x00", "\ufffd"): post for post in said}

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        """In the order asked."""
        return [self._judged(self._by_text[text.text]) for text in texts]

    def _judged(self, said: Said) -> Assessment:
        spans = tuple(
            Span(said.text.index(words), said.text.index(words) + len(words), reason) for words, reason in said.evidence
        )
        flagged = said.score >= THRESHOLD
        return Assessment(
            score=said.score,
            flagged=flagged,
            kinds=said.kinds,
            spans=spans,
            language=said.language,
            child_safety_context=said.child_safety,
            model=MODEL,
            targets=said.targets,
            clues=tuple(Clue(*clue) for clue in said.clues),
            exemplars=tuple(Exemplar(*exemplar) for exemplar in said.alike),
        )


class CountingSender:
    """Answers by endpoint id; an endpoint not named answers 204."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.sent: list[Delivery] = []

    def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> Answer:
        """One try."""
        self.sent.append(delivery)
        return self.answers.get(endpoint.id, Answer(204))


@dataclass
class World:
    """The seeded record with everything a console needs."""

    record: SqlRecord
    index: FtsIndex
    clock: SetClock
    officers: dict[str, Officer]
    assessor: KnowingAssessor

    def settle(self) -> None:
        """Let the index step catch up."""
        while index_pending(self.record, self.index, self.clock, "seed"):
            pass

    def deliver(self, sender: CountingSender) -> None:
        """Send everything that is due."""
        while dispatch(self.record, sender, self.clock, "seed"):
            pass

    def close(self) -> None:
        """Close files."""
        self.record.close()
        self.index.close()


def seed(home: Path, told: Sequence[Told] = WORLD, sources: Sequence[Source] = SOURCES) -> World:
    """Make the world below this folder, all times as seen at NOW."""
    clock = SetClock()
    record = SqlRecord(f"sqlite:///{home / 'record.db'}", clock=clock)
    record.migrate()
    officers, mandates = mandates_of(sources)
    with record.write() as tx:
        for source in sources:
            tx.save_source(source)
            tx.save_schedule(Schedule(source.id, 3_600, NOW + timedelta(minutes=40)))
        for row in mandates:
            tx.save_mandate(row)
        for endpoint in ENDPOINTS:
            tx.save_endpoint(endpoint)
        for name, (shown, role) in PEOPLE.items():
            tx.save_user(User(name, shown, role, HASH, NOW - timedelta(days=90)))
    assessor = KnowingAssessor([post for thread in told for post in thread.posts])
    world = World(record, FtsIndex(home / "index.db", new=True), clock, officers, assessor)
    ingest = Ingest(record, clock)
    for thread in sorted(told, key=lambda t: max(p.hours_ago for p in t.posts), reverse=True):
        clock.set(NOW - timedelta(hours=min(p.hours_ago for p in thread.posts) - 0.1))
        ingest.accept(capture_of(thread, clock.now()))
        while assess(record, assessor, clock, "seed", URL):
            pass
    clock.set(NOW)
    world.settle()
    return world


def capture_of(thread: Told, at: datetime) -> Capture:
    """The visit of a thread's only page."""
    url = f"http://{thread.source}.example/t/{thread.thread}"
    posts = tuple(_post(thread, said, number, url) for number, said in enumerate(thread.posts, 1))
    page = Page("seed", PageKind.THREAD, posts=posts, thread_id=thread.thread, thread_title=thread.title)
    fetched = Fetched(url, at, "ok", 200, "text/html", 4_000)
    return Capture(thread.source, DuePage(url, PageKind.THREAD, thread.thread, thread.title), fetched, page, (), ())


def _post(thread: Told, said: Said, number: int, url: str) -> Post:
    published = NOW - timedelta(hours=said.hours_ago)
    return Post(
        source_id=thread.source,
        thread_id=thread.thread,
        post_id=f"{thread.thread}{number:03}",
        author=said.author,
        text=said.text,
        url=f"{url}#p{number}",
        captured_at=published + timedelta(minutes=55),
        quotes=(Quote(*said.quote),) if said.quote else (),
        published_at=published,
        time_shown=f"{published:%d %b %Y %H:%M}",
        time_precision=Precision.MINUTE,
    )


def mandates_of(sources: Sequence[Source]) -> tuple[dict[str, Officer], list[MandateRow]]:
    """Officers and one mandate for each mandate id: one in good time, one that ends in six days, one that has ended."""
    key = Ed25519PrivateKey.generate()
    officers = {"lindqvist": Officer("T. Lindqvist", key.public_key())}
    times = {
        "M-2026-014": ("Trade in model bypasses", NOW - timedelta(days=115), NOW + timedelta(days=69)),
        "M-2026-009": ("Retrained models on offer", NOW - timedelta(days=174), NOW + timedelta(days=6)),
        "M-2026-003": ("German-language boards", NOW - timedelta(days=123), NOW - timedelta(days=3)),
    }
    rows = []
    for mandate_id in sorted({source.mandate_id for source in sources}):
        title, begins, ends = times.get(mandate_id, times["M-2026-014"])
        under = [source for source in sources if source.mandate_id == mandate_id]
        signed = sign(document(mandate_id, title, begins, ends, under), key, "lindqvist")
        rows.append(MandateRow(mandate_id, signed, begins))
    return officers, rows


def document(
    mandate_id: str, title: str, begins: datetime, ends: datetime, sources: Sequence[Source]
) -> dict[str, Any]:
    """A mandate's document for these sources."""
    empty = draft(begins)
    scope = empty["sources"][0]
    return empty | {
        "id": mandate_id,
        "title": title,
        "legal_basis": "Police Act, section 12 (invented)",
        "grounds": "Trade in ways round the safeguards of AI systems was reported.",
        "necessity": "The boards are the only place where it is offered.",
        "proportionality": "Public boards, text only, least rate.",
        "applicant": "North desk",
        "officer": "T. Lindqvist",
        "valid_until": ends.isoformat(timespec="seconds"),
        "review_by": (ends - timedelta(days=2)).isoformat(timespec="seconds"),
        "user_agent": "Mozilla/5.0",
        "sources": [
            scope | {"source_id": source.id, "origins": [f"http://{source.id}.example"], "paths": ["/"], "route": "tor"}
            for source in sources
        ],
    }


def copy_of(home: Path, world: World, target: Path) -> World:
    """A seeded world, closed before, opened again from a copy of its files."""
    shutil.copytree(home, target)
    clock = SetClock()
    record = SqlRecord(f"sqlite:///{target / 'record.db'}", clock=clock)
    return World(record, FtsIndex(target / "index.db", new=True), clock, world.officers, world.assessor)
