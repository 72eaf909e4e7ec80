"""ports.Work: pending work under leases."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.work import MAX_FAILURES, WorkItem, WorkKind, WorkState
from pipeline.ports import Record
from tests.contract.conftest import NOON

ASSESS = WorkKind.ASSESS
SOON = NOON + timedelta(seconds=10)
STEPS = ("add", "claim", "done", "fail", "postpone", "wait")
AFTER_LEASE = NOON + timedelta(seconds=31)


def add(record: Record, *keys: str, kind: WorkKind = ASSESS) -> None:
    """Queue at noon."""
    with record.write() as tx:
        tx.add_work(kind, keys, NOON)


def claim(record: Record, owner: str = "me", limit: int = 10, now: object = NOON) -> list[WorkItem]:
    """Claim in a transaction of its own."""
    with record.write() as tx:
        return list(tx.claim(ASSESS, owner, limit, now))  # type: ignore[arg-type]


def test_work_is_claimed_oldest_first_and_by_kind(record: Record) -> None:
    with record.write() as tx:
        tx.add_work(ASSESS, ["b"], NOON)
        tx.add_work(ASSESS, ["a"], NOON - timedelta(seconds=1))
        tx.add_work(ASSESS, ["later"], SOON)
        tx.add_work(WorkKind.DELIVER, ["x"], NOON)
    assert [item.key for item in claim(record, limit=1)] == ["a"]
    assert [item.key for item in claim(record)] == ["b"]
    assert claim(record) == []
    assert [item.key for item in claim(record, now=SOON)] == ["later"]


def test_no_room_means_no_work(record: Record) -> None:
    add(record, "a")
    assert claim(record, limit=0) == []
    assert claim(record, limit=-1) == []
    assert len(claim(record)) == 1


def test_the_same_key_queued_twice_is_one_row_with_a_new_version(record: Record) -> None:
    add(record, "a", "a")
    add(record, "a")
    [item] = claim(record)
    assert item.version == 2
    with record.read() as tx:
        assert tx.pending()[ASSESS] == 1
        assert tx.pending()[WorkKind.DELIVER] == 0


def test_queueing_again_can_make_work_due_earlier_but_not_later(record: Record) -> None:
    with record.write() as tx:
        tx.add_work(ASSESS, ["a"], SOON)
        tx.add_work(ASSESS, ["a"], NOON)
        tx.add_work(ASSESS, ["a"], SOON)
    assert len(claim(record)) == 1


def test_a_lease_in_force_keeps_others_away_and_an_ended_one_does_not(record: Record) -> None:
    add(record, "a")
    [mine] = claim(record)
    assert claim(record, "other") == []
    [theirs] = claim(record, "other", now=AFTER_LEASE)
    assert (mine.owner, theirs.owner) == ("me", "other")
    with record.write() as tx:
        tx.done([mine])
        assert tx.pending()[ASSESS] == 1, "who lost the lease can't finish for the other"
        tx.done([theirs])
        assert tx.pending()[ASSESS] == 0


def test_an_extended_lease_lasts_and_a_lost_one_cannot_be_extended(record: Record) -> None:
    add(record, "a")
    [mine] = claim(record)
    with record.write() as tx:
        assert tx.extend([mine], NOON + timedelta(minutes=5)) == [mine]
    assert claim(record, "other", now=AFTER_LEASE) == []
    [theirs] = claim(record, "other", now=NOON + timedelta(minutes=6))
    with record.write() as tx:
        assert tx.extend([mine, theirs], NOON + timedelta(minutes=6, seconds=30)) == [theirs]
    assert len(claim(record, "third", now=theirs.lease_until)) == 1


def test_work_queued_again_while_it_is_done_stays_and_is_ready(record: Record) -> None:
    add(record, "a")
    items = claim(record)
    add(record, "a")
    assert claim(record, "other") == [], "still under its lease"
    with record.write() as tx:
        tx.done(items)
    [again] = claim(record, "other")
    assert again.version == 2


def test_the_third_failure_sets_aside_with_the_reason_and_requeue_brings_back(record: Record) -> None:
    add(record, "a", "good")
    for failures in range(MAX_FAILURES):
        bad = [item for item in claim(record) if item.key == "a"]
        assert bad[0].failures == failures
        with record.write() as tx:
            assert tx.set_aside(10) == []
            assert not tx.requeue(ASSESS, "a", NOON)
            tx.fail(bad, f"reason {failures + 1}", NOON)
    with record.read() as tx:
        [aside] = tx.set_aside(10)
        assert tx.pending()[ASSESS] == 1
    assert (aside.key, aside.state, aside.reason, aside.failures) == ("a", WorkState.SET_ASIDE, "reason 3", 3)
    assert claim(record, now=NOON + timedelta(days=1), owner="x", limit=5)[0].key == "good"
    with record.write() as tx:
        assert tx.requeue(ASSESS, "a", NOON)
        assert not tx.requeue(ASSESS, "unknown", NOON)
    [back] = claim(record)
    assert (back.key, back.failures, back.reason) == ("a", 0, "")


def test_work_without_a_time_to_try_again_is_set_aside_at_once(record: Record) -> None:
    add(record, "a")
    with record.write() as tx:
        tx.fail(tx.claim(ASSESS, "me", 1, NOON), "bad", None)
        [aside] = tx.set_aside(10)
    assert (aside.key, aside.reason, aside.failures) == ("a", "bad", 1)
    assert claim(record, now=NOON + timedelta(days=1)) == []


def test_set_aside_work_that_is_queued_again_gets_a_new_chance(record: Record) -> None:
    add(record, "a")
    for _ in range(MAX_FAILURES):
        with record.write() as tx:
            tx.fail(tx.claim(ASSESS, "me", 1, NOON), "bad", NOON)
    assert claim(record) == []
    add(record, "a")
    [item] = claim(record)
    assert (item.failures, item.state) == (0, WorkState.READY)


def test_failed_work_waits_until_its_time(record: Record) -> None:
    add(record, "a")
    with record.write() as tx:
        tx.fail(tx.claim(ASSESS, "me", 1, NOON), "bad", SOON)
    assert claim(record) == []
    assert claim(record, now=SOON)[0].failures == 1


def test_postponed_work_costs_no_failure(record: Record) -> None:
    add(record, "a")
    for _ in range(MAX_FAILURES + 1):
        with record.write() as tx:
            tx.postpone(tx.claim(ASSESS, "me", 1, SOON), SOON)
    assert claim(record) == []
    assert claim(record, now=SOON)[0].failures == 0


def test_a_claim_that_is_rolled_back_never_happened(record: Record) -> None:
    def dying() -> None:
        with record.write() as tx:
            assert len(tx.claim(ASSESS, "me", 10, NOON)) == 1
            raise RuntimeError

    add(record, "a")
    with suppress(RuntimeError):
        dying()
    assert len(claim(record, "other")) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=40))
def test_nothing_queued_is_ever_lost_or_held_twice(
    new_record: Callable[[], Record], steps: list[tuple[str, int]]
) -> None:
    """Whatever two owners do, a key goes only when it was claimed after it was last queued, and then done."""
    record = new_record()
    now, added = NOON, dict[str, int]()
    held: dict[str, list[tuple[int, WorkItem]]] = {"a": [], "b": []}
    for at, (step, number) in enumerate(steps):
        owner, other = ("a", "b") if number % 2 else ("b", "a")
        items = [item for _, item in held[owner]]
        with record.write() as tx:
            if step == "add":
                tx.add_work(ASSESS, [f"k{number}"], now)
                added[f"k{number}"] = at
            elif step == "claim":
                taken = tx.claim(ASSESS, owner, number, now)
                theirs = {item.key for _, item in held[other] if item.lease_until and item.lease_until > now}
                assert not {item.key for item in taken} & theirs
                held[owner] += [(at, item) for item in taken]
            elif step == "wait":
                now += timedelta(seconds=20)
            elif step == "done":
                tx.done(items)
                for claimed, item in held[owner]:
                    if claimed > added.get(item.key, -1):
                        added.pop(item.key, None)
                held[owner] = []
            else:
                tx.fail(items, "bad", now) if step == "fail" else tx.postpone(items, now)
                held[owner] = []
    with record.write() as tx:
        there = {item.key for item in [*tx.claim(ASSESS, "z", 99, now + timedelta(days=1)), *tx.set_aside(99)]}
    record.close()
    assert set(added) <= there
