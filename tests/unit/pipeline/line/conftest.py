"""A record and an index in a folder of the test's own, and a judge that flags posts with the word "lantern"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nlp.assessment import Assessment, Span, Text
from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.delivery import Endpoint
from pipeline.line.ingest import Ingest
from tests.contract.conftest import SetClock
from tests.contract.making import capture, post


@dataclass
class LanternJudge:
    """Flags what says "lantern"; fails on what says "poison", as a model with a bug would."""

    model_id: str = "lantern-1"
    threshold: float = 0.5
    calls: list[int] = field(default_factory=list)

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        """One assessment a text."""
        self.calls.append(len(texts))
        if any("poison" in text.text for text in texts):
            raise RuntimeError("the model choked")
        return [self._one(text.text) for text in texts]

    def _one(self, text: str) -> Assessment:
        flagged = "lantern" in text
        at = text.find("lantern")
        spans = (Span(at, at + 7, "says-it-works"),) if flagged else ()
        return Assessment(
            0.9 if flagged else 0.1, flagged, {"sharing": 0.9 if flagged else 0.1}, spans, "en", False, self.model_id
        )


@dataclass
class House:
    """Everything a step needs."""

    record: SqlRecord
    index: FtsIndex
    clock: SetClock
    judge: LanternJudge

    def store(self, *texts: str, thread: str = "t1", first: int = 1, author: str = "ann") -> None:
        """Ingest posts of a thread, as a visited page."""
        now = self.clock.now()
        posts = [replace(post(n, text, thread, now), author=author) for n, text in enumerate(texts, first)]
        Ingest(self.record, self.clock).accept(capture(*posts, thread=thread, at=self.clock.now()))

    def endpoint(self, machine_events: bool) -> Endpoint:
        """Add a receiver."""
        endpoint = Endpoint("cases", "Cases", "http://127.0.0.1:9/hook", "secrets/cases.whsec", machine_events)
        with self.record.write() as tx:
            tx.save_endpoint(endpoint)
        return endpoint


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = SetClock()
    record = SqlRecord(f"sqlite:///{tmp_path / 'record.db'}", clock=clock)
    record.migrate()
    index = FtsIndex(tmp_path / "index.db", new=True)
    yield House(record, index, clock, LanternJudge())
    record.close()
    index.close()
