"""ports.Record: posts, alerts, deliveries, registry, people; what every database promises."""

import threading
import uuid
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.mandate import SignedMandate
from crawler.ports import Capture, DuePage, ThreadState
from crawler.post import Account, Page, PageKind, Post, Quote, Source
from pipeline.domain.accounts import Role, Session, User
from pipeline.domain.alert import Note, Severity, Status
from pipeline.domain.audit import AuditEvent, event_leaf, sign
from pipeline.domain.delivery import Delivery, DeliveryState, Endpoint, EventType
from pipeline.domain.severity import Flagged, History
from pipeline.domain.work import WorkKind
from pipeline.errors import Conflict, Unavailable
from pipeline.ports import MandateRow, Record, Schedule
from tests.contract.conftest import NOON, SetClock
from tests.contract.making import SOURCE, alert, capture, fetched, judged, page_of, post

LATER = NOON + timedelta(hours=1)


def keep(record: Record, *posts: Post, thread: str = "t1") -> list[str]:
    """Store posts of one thread page."""
    with record.write() as tx:
        return list(tx.save_capture(capture(*posts, thread=thread), NOON))


# transactions


def test_a_step_that_fails_leaves_nothing(record: Record) -> None:
    def failing() -> None:
        with record.write() as tx:
            tx.save_capture(capture(post(1)), NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    with record.read() as tx:
        assert tx.all_posts(0, 10) == []
    assert keep(record, post(1)) == [post(1).revision_id]


def test_nothing_can_be_written_while_reading(record: Record) -> None:
    with pytest.raises(Unavailable), record.read() as tx:
        tx.save_capture(capture(post(1)), NOON)
    with record.read() as tx:
        assert tx.all_posts(0, 10) == []


def test_a_reader_sees_one_moment(record: Record) -> None:
    keep(record, post(1))
    with record.read() as tx:
        before = tx.all_posts(0, 10)
        keep(record, post(2))
        assert tx.all_posts(0, 10) == before
    with record.read() as tx:
        assert len(tx.all_posts(0, 10)) == 2


def test_reading_then_writing_loses_no_update(record: Record) -> None:
    """Four threads count up one value by reading and writing it: every step is seen by the next."""
    with record.write() as tx:
        tx.save_schedule(Schedule("s", 0, NOON))

    def count() -> None:
        for _ in range(25):
            with record.write() as tx:
                [schedule] = tx.schedules()
                tx.save_schedule(replace(schedule, every_s=schedule.every_s + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with record.read() as tx:
        assert tx.schedules()[0].every_s == 100


def test_bringing_the_schema_up_to_date_twice_changes_nothing(record: Record) -> None:
    keep(record, post(1))
    record.migrate()
    with record.read() as tx:
        assert len(tx.all_posts(0, 10)) == 1


# posts


def test_a_revision_comes_back_as_it_was_read(record: Record) -> None:
    [revision_id] = keep(record, post(1))
    with record.read() as tx:
        stored = tx.post(revision_id)
        assert (tx.thread_title(SOURCE, "t1"), tx.thread_title(SOURCE, "unread")) == ("Title of t1", "")
    assert stored is not None
    assert stored.post == post(1)
    assert stored.post.revision_id == revision_id
    assert (stored.thread_title, stored.assessment, stored.alert_id) == ("Title of t1", None, "")
    assert (stored.first_seen, stored.last_seen) == (NOON, NOON)


def test_the_same_capture_again_stores_nothing_but_that_it_was_seen(record: Record) -> None:
    [revision_id] = keep(record, post(1))
    with record.write() as tx:
        assert tx.save_capture(capture(post(1), at=LATER), LATER) == []
    with record.read() as tx:
        stored = tx.post(revision_id)
    assert stored
    assert (stored.first_seen, stored.last_seen, stored.post.captured_at) == (NOON, LATER, NOON)


def test_an_edit_is_a_new_revision_and_overwrites_nothing(record: Record) -> None:
    [old] = keep(record, post(1))
    [new] = keep(record, post(1, "changed words"))
    with record.read() as tx:
        first, second = tx.thread(SOURCE, "t1")
        assert [p.post.text for p in tx.posts([new, "unknown", old])] == ["changed words", "words of post 1"]
    assert (first.post.revision_id, second.post.revision_id) == (old, new)
    assert first.seq < second.seq


def test_text_no_database_takes_is_stored_with_the_bad_characters_shown(record: Record) -> None:
    [revision_id] = keep(record, post(1, "a\x00b \ud800 𝔘 😀"))
    assert keep(record, post(1, "a\x00b \ud800 𝔘 😀")) == []
    with record.read() as tx:
        stored = tx.post(revision_id)
    assert stored
    assert stored.post.text == "a\ufffdb \ufffd 𝔘 😀"
    assert stored.post.revision_id == revision_id


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_no_text_from_outside_makes_a_step_fail(record: Record, bad: str) -> None:
    """Pages, addresses, names at the sign-in, words of a case system: all of them are others' words."""
    odd = f"a{bad}z"
    page = DuePage(f"http://forum.example/{odd}", PageKind.THREAD, odd, odd)
    strange = Post(SOURCE, odd, odd, odd, odd, page.url, NOON, (Quote(odd, odd),), None, odd)
    seen = Page("phpbb", PageKind.THREAD, posts=(strange,), thread_id=odd, thread_title=odd, degraded=odd)
    state = ThreadState(odd, odd, page.url, NOON)
    at = replace(fetched(page.url), content_type=odd, reason=odd)
    with record.write() as tx:
        [revision_id] = tx.save_capture(Capture(SOURCE, page, at, seen, (replace(page, url=odd),), (state,)), NOON)
        tx.add_work(WorkKind.ASSESS, [odd], NOON)
        tx.fail(tx.claim(WorkKind.ASSESS, odd, 1, NOON), odd, NOON)
        tx.save_alert(alert(title=odd, reason=odd))
        tx.add_note(Note("n", alert().id, odd, NOON, odd))
        tx.count_sign_in(odd, NOON)
        tx.save_search("s", odd, odd, NOON)
        tx.save_delivery(
            Delivery("d", odd, "a", EventType.TEST, {"words": odd}, DeliveryState.DEAD, 1, None, NOON, None, odd)
        )
    record.crawl_state().failed(SOURCE, page, at, retry=True)
    with record.read() as tx:
        assert (tx.user(odd), tx.session(odd), tx.source(odd), tx.sign_ins_since(odd, NOON)) == (None, None, None, 1)
        [stored] = tx.thread(SOURCE, odd)
        delivery = tx.delivery("d")
    assert stored.post.revision_id == revision_id
    assert stored.post.text == stored.post.author == stored.post.post_id == "a\ufffdz"
    assert delivery
    assert (delivery.payload, delivery.last_error) == ({"words": odd}, "a\ufffdz")
    assert record.crawl_state().knows_page(SOURCE, odd)
    with record.write() as tx:
        assert tx.save_capture(Capture(SOURCE, page, at, seen, (), ()), LATER) == []


def test_names_and_ids_are_sorted_by_code_point(record: Record) -> None:
    names = ["b", "\U0001d518", "ä", "_", "B", "a", "\uffee", "A", "-", "1"]
    with record.write() as tx:
        for name in names:
            tx.save_user(User(name, name, Role.REVIEWER, "x", NOON))
        tx.add_work(WorkKind.ASSESS, names, NOON)
    with record.write() as tx:
        assert [user.name for user in tx.users()] == sorted(names)
        assert [item.key for item in tx.claim(WorkKind.ASSESS, "me", 3, NOON)] == sorted(names)[:3]


def test_numbers_are_as_large_as_they_come(record: Record) -> None:
    long = Schedule("s", 2**40, NOON)
    with record.write() as tx:
        tx.save_schedule(long)
        tx.save_alert(alert(number=2**33, posts=2**33))
    with record.read() as tx:
        assert tx.schedules() == [long]
        assert tx.latest_alert(SOURCE, "t1") == alert(number=2**33, posts=2**33)


def test_times_come_back_to_the_microsecond_in_utc(record: Record) -> None:
    there = datetime(2026, 11, 25, 13, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))
    with record.write() as tx:
        tx.save_schedule(Schedule("s", 60, there))
    with record.read() as tx:
        [schedule] = tx.schedules()
    assert schedule.next_at == there
    assert (schedule.next_at.utcoffset(), schedule.next_at.microsecond) == (timedelta(0), 1)


def test_a_thread_reads_oldest_first(record: Record) -> None:
    keep(record, post(3), post(1), replace(post(2), published_at=None, post_id="undated"))
    with record.read() as tx:
        assert [p.post.post_id for p in tx.thread(SOURCE, "t1")] == ["t1-p1", "t1-p3", "undated"]
        assert [p.post.post_id for p in tx.all_posts(0, 2)] == ["t1-p3", "t1-p1"]
        assert [p.post.post_id for p in tx.all_posts(2, 2)] == ["undated"]


def test_many_ids_at_once(record: Record) -> None:
    ids = keep(record, *(post(n) for n in range(1_100)))
    with record.read() as tx:
        assert [p.post.revision_id for p in tx.posts(ids)] == ids


def test_an_assessment_is_kept_once_for_each_model_and_the_latest_is_shown(record: Record) -> None:
    [revision_id] = keep(record, post(1))
    with record.write() as tx:
        tx.save_assessments({revision_id: judged(False)}, NOON)
        tx.save_assessments({revision_id: judged(True)}, NOON)
    with record.read() as tx:
        assert tx.posts([revision_id])[0].assessment == judged(False)
    with record.write() as tx:
        tx.save_assessments({revision_id: judged(True, "m2")}, NOON)
    with record.read() as tx:
        assert tx.posts([revision_id])[0].assessment == judged(True, "m2")


def test_a_post_on_an_alert_is_shown_as_it_was_judged_when_it_came_there(record: Record) -> None:
    on_alert, beside = keep(record, post(1), post(2))
    with record.write() as tx:
        tx.save_assessments({on_alert: judged(True), beside: judged(False)}, NOON)
        tx.save_alert(alert())
        tx.add_to_alert(alert().id, [on_alert])
        tx.save_assessments({on_alert: judged(False, "m2", 0.1), beside: judged(False, "m2", 0.1)}, LATER)
        tx.add_to_alert(alert().id, [on_alert])
    with record.read() as tx:
        shown = {stored.post.revision_id: stored.assessment for stored in tx.thread(SOURCE, "t1")}
        assert [stored.assessment for stored in tx.alert_posts(alert().id)] == [judged(True)]
    assert shown == {on_alert: judged(True), beside: judged(False, "m2", 0.1)}
    with record.write() as tx:
        tx.erase_posts([on_alert], LATER)
    with record.read() as tx:
        assert (tx.alert_posts(alert().id), tx.post(on_alert)) == ([], None)


def test_only_unflagged_assessed_posts_outside_alerted_threads_expire(record: Record) -> None:
    [old] = keep(record, post(1, thread="quiet"), thread="quiet")
    [pending] = keep(record, post(1, thread="pending"), thread="pending")
    [flagged] = keep(record, post(1, thread="flagged"), thread="flagged")
    [context, on_alert] = keep(record, post(1, thread="alerted"), post(2, thread="alerted"), thread="alerted")
    with record.write() as tx:
        tx.save_assessments({old: judged(False), context: judged(False)}, NOON)
        tx.save_assessments({flagged: judged(True, "m1"), on_alert: judged(True)}, NOON)
        tx.save_assessments({flagged: judged(False, "m2")}, NOON)
        tx.save_alert(alert("alerted"))
        tx.add_to_alert(alert("alerted").id, [on_alert])
    with record.read() as tx:
        assert tx.expired_posts(NOON, 10) == []
        assert tx.expired_posts(LATER, 10) == [old]
        assert tx.expired_posts(LATER, 0) == []
    assert pending


def test_an_erased_post_is_gone_with_all_that_was_said_of_it(record: Record) -> None:
    [old] = keep(record, post(1))
    with record.write() as tx:
        tx.save_assessments({old: judged(False)}, NOON)
        tx.add_work(WorkKind.INDEX_POST, [old], NOON)
    with record.write() as tx:
        tx.erase_posts([old, "unknown"], LATER)
        tx.erase_posts([old], LATER)
    with record.read() as tx:
        assert tx.post(old) is None
        assert tx.thread(SOURCE, "t1") == []
        assert tx.pending()[WorkKind.INDEX_POST] == 0
    [after] = keep(record, post(2))
    with record.read() as tx:
        assert tx.posts([after])[0].seq == 2, "a running number is never given twice"


def test_an_erased_post_stays_away_until_an_alert_needs_its_thread(record: Record) -> None:
    [old] = keep(record, post(1))
    with record.write() as tx:
        tx.erase_posts([old], LATER)
    assert keep(record, post(1)) == []
    assert keep(record, post(1, "edited"), post(1)) == [post(1, "edited").revision_id]
    with record.write() as tx:
        tx.save_alert(alert("t2"))
    assert keep(record, post(1)) == []
    with record.write() as tx:
        tx.save_alert(alert("t1", number=2))
    assert keep(record, post(1)) == [old]


# alerts


def test_an_alert_comes_back_as_it_was_saved(record: Record) -> None:
    full = alert(
        reason="offers", follows="x", assignee="ines", claimed_by="ines", claimed_until=LATER, decided_by="omar",
        decided_at=NOON, child_safety_context=True, severity=Severity.CRITICAL, status=Status.SECOND_LOOK,
    )  # fmt: skip
    with record.write() as tx:
        tx.save_alert(full)
    with record.read() as tx:
        assert tx.alert(full.id) == full
        assert tx.latest_alert(SOURCE, "t1") == full
        assert tx.alert("unknown") is None
        assert tx.latest_alert(SOURCE, "t2") is None


def test_a_stale_change_of_an_alert_is_a_conflict_and_changes_nothing(record: Record) -> None:
    first = alert()
    with record.write() as tx:
        tx.save_alert(first)
        tx.save_alert(replace(first, revision=2, assignee="ines"))
    for stale in (replace(first, revision=2, assignee="omar"), replace(first, revision=4, assignee="omar"), first):
        with pytest.raises(Conflict), record.write() as tx:
            tx.save_alert(stale)
    with record.read() as tx:
        found = tx.alert(first.id)
    assert found
    assert (found.revision, found.assignee) == (2, "ines")


def test_a_thread_has_one_alert_for_each_n_and_a_revision_is_on_one_alert(record: Record) -> None:
    ids = keep(record, post(1), post(2))
    second = alert(n=2, number=2, follows=alert().id)
    with record.write() as tx:
        tx.save_alert(alert())
        tx.save_alert(second)
        tx.add_to_alert(alert().id, ids[:1])
        tx.add_to_alert(second.id, ids)
    with record.read() as tx:
        assert [p.post.revision_id for p in tx.alert_posts(alert().id)] == ids[:1]
        assert [p.post.revision_id for p in tx.alert_posts(second.id)] == ids[1:]
        assert [p.alert_id for p in tx.posts(ids)] == [alert().id, second.id]
        assert tx.latest_alert(SOURCE, "t1") == second
    with pytest.raises(Conflict), record.write() as tx:
        tx.save_alert(replace(alert(n=1, number=3), id="another id for the same thread and n"))


def test_a_history_counts_posts_once_and_leaves_out_what_was_dismissed(record: Record) -> None:
    bo = [replace(post(n, thread="t2"), author="bo") for n in (1, 2)]
    mine = keep(record, post(1), post(1, "edited"), post(2), replace(post(3), author="bo"), post(4))
    theirs = keep(record, *bo, thread="t2")
    gone = keep(record, *(replace(post(n, thread="t3"), author="bo") for n in (1, 2)), thread="t3")
    first, second, dismissed = alert(), alert("t2", number=2, status=Status.RELEVANT), alert("t3", number=3)
    with record.write() as tx:
        tx.save_assessments({rev: judged(True) for rev in (*mine[:4], *theirs, *gone)}, NOON)
        for its, posts in ((first, mine[:4]), (second, theirs), (replace(dismissed, status=Status.DUPLICATE), gone)):
            tx.save_alert(its)
            tx.add_to_alert(its.id, posts)
    with record.read() as tx:
        assert tx.thread_history(SOURCE, "t1") == (
            3,
            [Flagged(f"t1-p{n}", author, first.id, False) for n, author in ((1, "ann"), (2, "ann"), (3, "bo"))],
        )
        assert tx.thread_history(SOURCE, "t2")[1][0].confirmed
        assert tx.thread_history(SOURCE, "t3") == (2, [])
        assert tx.thread_history(SOURCE, "unread") == (0, [])
        assert tx.author_history(SOURCE, "ann", first.id) == History(judged=2)
        assert tx.author_history(SOURCE, "bo", first.id) == History(judged=5, flagged=2, confirmed=2)
        assert tx.author_history(SOURCE, "bo", second.id) == History(judged=5, flagged=1)
        assert tx.author_history("elsewhere", "bo", "") == tx.author_history(SOURCE, "unknown", "") == History()


def test_of_an_author_only_the_latest_posts_are_looked_at(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.record.alerts.AUTHORS_POSTS", 2)
    old, *_ = posts = keep(record, *(post(n) for n in range(4)))
    with record.write() as tx:
        tx.save_assessments({rev: judged(True) for rev in posts[:3]}, NOON)
        tx.save_alert(alert())
        tx.add_to_alert(alert().id, [old])
    with record.read() as tx:
        assert tx.author_history(SOURCE, "ann", "") == History(judged=2)
    with record.write() as tx:
        tx.add_to_alert(alert().id, posts[2:3])
    with record.read() as tx:
        assert tx.author_history(SOURCE, "ann", "") == History(judged=2, flagged=1)


def test_the_queue_is_gravest_first_then_oldest_and_skips_what_is_held(record: Record) -> None:
    order = [
        alert("t1", number=1, severity=Severity.CRITICAL, claimed_by="ines", claimed_until=LATER),
        alert("t2", number=2, severity=Severity.HIGH, created_at=NOON - timedelta(days=1)),
        alert("t3", number=3, severity=Severity.HIGH),
        alert("t4", number=4, severity=Severity.LOW, created_at=NOON - timedelta(days=9)),
        alert("t5", number=5, severity=Severity.CRITICAL, status=Status.RELEVANT),
    ]
    with record.write() as tx:
        for one in reversed(order):
            tx.save_alert(one)
    with record.read() as tx:
        assert [a.number for a in tx.alerts([Status.NEW], 10)] == [1, 2, 3, 4]
        assert [a.number for a in tx.alerts(Status, 2, 2)] == [2, 3]
        assert tx.next_unclaimed(NOON) == order[1]
        assert tx.next_unclaimed(LATER) == order[0], "the lease has ended"
        assert tx.claimed_by("ines", NOON) == order[0]
        assert tx.claimed_by("ines", LATER) is None
        assert tx.claimed_by("omar", NOON) is None
        assert tx.count_alerts()[Status.NEW] == 4
        assert set(tx.count_alerts()) == set(Status)


def test_alert_numbers_are_never_given_twice(record: Record) -> None:
    with record.write() as tx:
        assert [tx.next_number(), tx.next_number()] == [1, 2]
    with record.write() as tx:
        assert tx.next_number() == 3


def test_notes_read_oldest_first(record: Record) -> None:
    notes = [Note("b", alert().id, "ines", NOON, "first"), Note("a", alert().id, "omar", LATER, "second")]
    with record.write() as tx:
        tx.save_alert(alert())
        for note in reversed(notes):
            tx.add_note(note)
    with record.read() as tx:
        assert tx.notes(alert().id) == notes


# deliveries


def test_endpoints_and_deliveries_come_back_and_are_found(record: Record) -> None:
    url = "https://case.example/hook"
    endpoint = Endpoint("e1", "Case system", url, "secrets/e1", machine_events=True, private_network=True)
    first = Delivery(
        "d1", "e1", "a1", EventType.ALERT_CREATED, {"data": {"n": [1, 2.5]}}, DeliveryState.PENDING, 0, NOON, NOON
    )
    second = replace(first, id="d2", alert_id="a2", created_at=LATER, event=EventType.TEST)
    sent = replace(first, state=DeliveryState.SENT, attempts=1, next_at=None, sent_at=LATER)
    with record.write() as tx:
        tx.save_endpoint(endpoint)
        tx.save_endpoint(replace(endpoint, disabled=True))
        for delivery in (first, second, sent):
            tx.save_delivery(delivery)
    with record.read() as tx:
        assert tx.endpoint("e1") == replace(endpoint, disabled=True)
        assert tx.endpoints() == [replace(endpoint, disabled=True)]
        assert (tx.endpoint("e2"), tx.delivery("d3")) == (None, None)
        assert tx.delivery("d1") == sent
        assert tx.deliveries() == [second, sent]
        assert tx.deliveries(limit=1) == [second]
        assert tx.deliveries(alert_id="a1") == [sent]
        assert tx.deliveries(state=DeliveryState.PENDING) == [second]


# registry


def test_sources_mandates_and_schedules_come_back(record: Record) -> None:
    account = Account("reader", "secrets/reader", "http://forum.example/login", ".me")
    source = Source(SOURCE, "Tallow Lane", "http://forum.example/", "m1", "phpbb", "Europe/Berlin", account)
    plain = Source("plain", "Plain", "http://plain.example/", "m1")
    row = MandateRow("m1", SignedMandate(b"\x00document", "officer", b"\xffsignature"), NOON)
    with record.write() as tx:
        tx.save_source(source)
        tx.save_source(plain)
        tx.save_mandate(row)
        tx.save_schedule(Schedule("plain", 60, NOON))
        tx.save_schedule(Schedule(SOURCE, 60, LATER))
    with record.read() as tx:
        assert tx.sources() == [plain, source]
        assert tx.source(SOURCE) == source
        assert tx.mandate("m1") == row
        assert tx.due_schedules(NOON) == [Schedule("plain", 60, NOON)]
        assert len(tx.schedules()) == 2
        assert (tx.source("x"), tx.mandate("x")) == (None, None)
    revoked = replace(row, revoked_at=LATER, revoked_why="no longer needed")
    with record.write() as tx:
        tx.save_source(replace(source, account=None, paused=True))
        tx.save_mandate(revoked)
    with record.read() as tx:
        assert tx.source(SOURCE) == replace(source, account=None, paused=True)
        assert tx.mandates() == [revoked]


def test_the_health_of_a_source_is_counted_from_the_record(record: Record, clock: SetClock) -> None:
    with record.write() as tx:
        tx.save_capture(capture(post(1), post(2), due=(page_of("t9"),)), NOON)
        tx.save_capture(capture(post(1, "edited"), degraded="too deep"), NOON)
    state = record.crawl_state()
    state.log(SOURCE, fetched("http://forum.example/x", NOON, "refused", requests=2))
    state.log(SOURCE, fetched("http://forum.example/y", NOON - timedelta(days=1), "refused"))
    state.failed(SOURCE, page_of("gone"), fetched("http://forum.example/gone", NOON, "failed"), retry=False)
    with record.read() as tx:
        health = tx.source_health(SOURCE, clock.now())
        nothing = tx.source_health("other", clock.now())
        log = tx.fetches(SOURCE, 2)
    assert (health.threads, health.posts, health.due_pages, health.failed_pages) == (1, 2, 1, 1)
    assert (health.refused_today, health.degraded_today, health.requests_today) == (1, 1, 5)
    assert (health.last_post_at, health.last_fetch_at) == (post(2).published_at, NOON)
    assert (nothing.posts, nothing.last_post_at, nothing.last_fetch_at) == (0, None, None)
    assert [entry.outcome for entry in log] == ["failed", "refused"]


def test_alerts_are_counted_where_they_are(record: Record) -> None:
    with record.write() as tx:
        assert tx.oldest_alert([Status.NEW]) is None
        for number, (severity, status, decided) in enumerate(
            [
                (Severity.HIGH, Status.RELEVANT, LATER),
                (Severity.HIGH, Status.RELEVANT, LATER),
                (Severity.LOW, Status.NOT_RELEVANT, LATER),
                (Severity.LOW, Status.RELEVANT, NOON),
                (Severity.LOW, Status.NEW, None),
                (Severity.LOW, Status.IN_REVIEW, None),
            ],
            1,
        ):
            raised = NOON - timedelta(days=10 - number)
            values = {"severity": severity, "status": status, "decided_at": decided, "created_at": raised}
            tx.save_alert(alert(f"t{number}", number=number, **values))
    with record.read() as tx:
        assert tx.oldest_alert([Status.NEW, Status.IN_REVIEW]) == NOON - timedelta(days=5)
        counts = tx.count_decisions(NOON)
    assert counts == {(Severity.HIGH, Status.RELEVANT): 2, (Severity.LOW, Status.NOT_RELEVANT): 1}


# people


def test_people_sessions_and_searches_come_back(record: Record) -> None:
    user = User("ines", "Inés", Role.REVIEWER, "$argon2id$x", NOON)
    session = Session("hash", "ines", "csrf", NOON, NOON)
    with record.write() as tx:
        tx.save_user(user)
        tx.save_user(replace(user, disabled=True))
        tx.save_session(session)
        tx.save_session(replace(session, seen_at=LATER))
        tx.save_search("s1", "ines", "lumen \ud800", NOON)
    with record.read() as tx:
        assert tx.user("ines") == replace(user, disabled=True)
        assert tx.users() == [replace(user, disabled=True)]
        assert tx.session("hash") == replace(session, seen_at=LATER)
        assert tx.saved_search("s1") == ("ines", "lumen \ufffd")
        assert (tx.user("x"), tx.session("x"), tx.saved_search("x")) == (None, None, None)
    with record.write() as tx:
        tx.end_session("hash")
        tx.end_session("hash")
        assert tx.session("hash") is None
        for token, user_name in (("one", "ines"), ("two", "ines"), ("three", "omar")):
            tx.save_session(replace(session, token_hash=token, user=user_name))
        tx.end_sessions("ines")
        assert [bool(tx.session(token)) for token in ("one", "two", "three")] == [False, False, True]


def test_attempts_to_sign_in_are_counted_by_key_and_time(record: Record) -> None:
    with record.write() as tx:
        for minutes in (0, 5, 10):
            tx.count_sign_in("ines", NOON + timedelta(minutes=minutes))
        tx.count_sign_in("10.0.0.1", NOON)
    with record.read() as tx:
        assert tx.sign_ins_since("ines", NOON) == 3
        assert tx.sign_ins_since("ines", NOON + timedelta(minutes=5)) == 2
        assert tx.sign_ins_since("omar", NOON) == 0


# audit


def event(number: int, subject: str = "a1") -> AuditEvent:
    """One event."""
    return AuditEvent(str(uuid.uuid4()), NOON, "ines", "alert.read", subject, {"n": number, "share": 0.5, "ids": ["x"]})


def test_events_get_their_places_in_the_order_of_writing(record: Record) -> None:
    events = [event(n, "a1" if n % 2 else "a2") for n in range(5)]
    with record.write() as tx:
        for one in events:
            tx.audit(one)
        assert tx.audit_size() == 0
        assert tx.audit_events(-1, 10) == []
        assert tx.audit_of("a1", 10) == [events[1], events[3]]
        assert tx.sequence(3) == 3
    with record.write() as tx:
        assert tx.sequence(3) == 2
        assert tx.sequence(3) == 0
    with record.read() as tx:
        assert tx.audit_size() == 5
        assert tx.audit_events(-1, 10) == [replace(e, seq=n) for n, e in enumerate(events)]
        assert tx.audit_events(2, 1) == [replace(events[3], seq=3)]
        assert tx.leaves(1, 3) == [event_leaf(e) for e in events[1:3]]
        assert tx.audit_of("a2", 2) == [replace(events[2], seq=2), replace(events[4], seq=4)]


def test_a_step_whose_event_cannot_be_kept_does_not_happen(record: Record) -> None:
    def unspeakable() -> None:
        with record.write() as tx:
            tx.save_alert(alert())
            tx.audit(replace(event(1), details={"when": NOON}))

    with pytest.raises(ValueError, match="aren't plain JSON"):
        unspeakable()
    with record.read() as tx:
        assert tx.alert(alert().id) is None


def test_checkpoints_come_back_by_size(record: Record) -> None:
    key = Ed25519PrivateKey.generate()
    two, one = (sign("origin", size, b"\x01" * 32, NOON, key) for size in (2, 1))
    with record.write() as tx:
        tx.save_checkpoint(two)
        tx.save_checkpoint(one)
        tx.save_checkpoint(one)
    with record.read() as tx:
        assert tx.checkpoints() == [one, two]
