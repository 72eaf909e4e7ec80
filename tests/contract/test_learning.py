"""ports.Learning: opinions, samples, models and what a model in shadow said; what every database promises."""

from dataclasses import replace
from datetime import timedelta

from pipeline.domain.alert import Status
from pipeline.domain.learning import ModelRow, ModelState, Opinion, Sample, Shadowed
from pipeline.domain.work import WorkKind
from pipeline.ports import Record
from tests.contract.conftest import NOON
from tests.contract.making import alert, capture, judged, post

LATER = NOON + timedelta(hours=1)


def keep(record: Record, *texts: str) -> list[str]:
    """Store posts of thread t1."""
    with record.write() as tx:
        return list(tx.save_capture(capture(*(post(n, text) for n, text in enumerate(texts, 1))), NOON))


def model(model_id: str = "m2", **changes: object) -> ModelRow:
    """A challenger."""
    row = ModelRow(model_id, ModelState.CHALLENGER, True, {"against": "m1", "gates": [{"old": 0.5}]}, "ines", NOON)
    return replace(row, **changes)  # type: ignore[arg-type]


def test_a_person_says_one_thing_of_a_post_and_may_correct_it(record: Record) -> None:
    one, two = keep(record, "one", "two")
    first, other = Opinion(one, "ines", "offers", NOON), Opinion(one, "sten", "news", NOON)
    with record.write() as tx:
        for opinion in (first, other, Opinion(two, "ines", "news", NOON)):
            tx.save_opinion(opinion)
        tx.save_opinion(replace(first, reason="opinion", at=LATER))
    with record.read() as tx:
        found = [opinion for opinion in tx.opinions() if opinion.revision_id == one]
    assert found == [replace(first, reason="opinion", at=LATER), other]


def test_a_decision_is_an_opinion_on_each_of_its_posts_until_it_is_taken_back(record: Record) -> None:
    flagged, other = keep(record, "one", "two")
    decided = alert(status=Status.NOT_RELEVANT, reason="news", decided_by="ines", decided_at=LATER)
    with record.write() as tx:
        tx.save_alert(decided)
        tx.add_to_alert(decided.id, [flagged])
        tx.save_opinion(Opinion(other, "sten", "seeks", NOON))
        assert set(tx.opinions()) == {
            Opinion(flagged, "ines", "news", LATER),
            Opinion(other, "sten", "seeks", NOON),
        }
        tx.save_alert(replace(decided, revision=2, status=Status.NEW, reason="", decided_by="", decided_at=None))
        assert tx.opinions() == [Opinion(other, "sten", "seeks", NOON)]


def test_a_second_look_and_a_duplicate_say_nothing_of_a_post(record: Record) -> None:
    [flagged] = keep(record, "one")
    with record.write() as tx:
        tx.save_alert(alert())
        tx.add_to_alert(alert().id, [flagged])
        for revision, (status, reason) in enumerate(
            [(Status.SECOND_LOOK, "unsure"), (Status.DUPLICATE, "near-copy"), (Status.ESCALATED, "danger")], 2
        ):
            tx.save_alert(alert(status=status, reason=reason, decided_by="ines", decided_at=NOON, revision=revision))
            assert tx.opinions() == []
        tx.save_alert(alert(status=Status.RELEVANT, reason="sells", decided_by="ines", decided_at=NOON, revision=5))
        assert len(tx.opinions()) == 1, "the positive control"


def test_the_posts_a_model_is_unsure_of_are_those_nearest_below_its_threshold(record: Record) -> None:
    ids = keep(record, "low", "high", "flagged", "alerted", "of another model", "drawn before")
    low, high, flagged, alerted, others, drawn = ids
    with record.write() as tx:
        scores = {low: 0.1, high: 0.4, alerted: 0.45, drawn: 0.46}
        tx.save_assessments({rev: judged(False, "m1", score) for rev, score in scores.items()}, NOON)
        tx.save_assessments({flagged: judged(True, "m1", 0.9), others: judged(False, "m0", 0.45)}, NOON)
        tx.save_alert(alert())
        tx.add_to_alert(alert().id, [alerted])
        tx.save_samples([Sample(drawn, "m1", 0.46, NOON)])
    with record.read() as tx:
        assert [stored.post.revision_id for stored in tx.unsure("m1", 10)] == [high, low]
        assert [stored.post.revision_id for stored in tx.unsure("m1", 1)] == [high]


def test_a_sample_is_drawn_once(record: Record) -> None:
    one, two = keep(record, "one", "two")
    first, second = Sample(one, "m1", 0.4, NOON), Sample(two, "m1", 0.3, LATER)
    with record.write() as tx:
        tx.save_samples([first])
        tx.save_samples([second, replace(first, drawn_at=LATER)])
    with record.read() as tx:
        assert tx.samples() == [first, second]
        assert tx.samples(LATER) == [second]


def test_a_model_comes_back_as_it_was_kept(record: Record) -> None:
    first, second = model(), model("m3", trained_at=LATER, passed=False)
    with record.write() as tx:
        tx.save_model(first)
        tx.save_model(second)
        promoted = replace(first, state=ModelState.CURRENT, promoted_by="sten", promoted_at=LATER, replaced="m0")
        tx.save_model(promoted)
    with record.read() as tx:
        assert (tx.model("m2"), tx.model("none")) == (promoted, None)
        assert tx.models() == [second, promoted]
        assert (tx.model_in(ModelState.CURRENT), tx.model_in(ModelState.SHADOW)) == (promoted, None)


def test_what_a_model_says_in_shadow_is_never_what_is_shown(record: Record) -> None:
    one, two = keep(record, "one", "two")
    with record.write() as tx:
        tx.save_assessments({one: judged(True, "m1", 0.9)}, NOON)
        tx.save_shadow({one: judged(False, "m2", 0.2), two: judged(True, "m2", 0.8)}, LATER)
        tx.save_shadow({one: judged(True, "m2", 0.99)}, LATER)
        assert [(shown.assessment and shown.assessment.model) for shown in tx.posts([one, two])] == ["m1", None]
        assert tx.shadowed("m2") == [Shadowed(0.9, True, 0.2, False)], "two was judged by no model in force"
        assert tx.shadowed("m1") == []


def test_whatever_was_said_of_a_post_is_erased_with_it(record: Record) -> None:
    one, two = keep(record, "one", "two")
    with record.write() as tx:
        for rev in (one, two):
            tx.save_opinion(Opinion(rev, "ines", "news", NOON))
            tx.save_samples([Sample(rev, "m1", 0.4, NOON)])
            tx.save_assessments({rev: judged(False)}, NOON)
            tx.save_shadow({rev: judged(False, "m2")}, NOON)
        tx.add_work(WorkKind.SHADOW, [one, two], NOON)
        tx.erase_posts([one], NOON)
    with record.write() as tx:
        assert [opinion.revision_id for opinion in tx.opinions()] == [two]
        assert [sample.revision_id for sample in tx.samples()] == [two]
        assert len(tx.shadowed("m2")) == 1
        assert [item.key for item in tx.claim(WorkKind.SHADOW, "me", 9, NOON)] == [two]
