"""Turns, silence, and what beat sends."""

import json
import logging
import threading
from typing import Any, cast

import pytest

from pipeline.errors import BadInput, Unavailable
from pipeline.observe import JsonLines
from pipeline.worker import LOOPS, STEPS, Ear, Hands, Step, Turn, loops_named, wakes

HANDS = cast(Hands, None)
"""The steps here need none."""


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was logged."""
    return [json.loads(JsonLines().format(record)) for record in caplog.records]


def test_a_step_is_never_run_twice_at_a_time() -> None:
    began, end = threading.Event(), threading.Event()
    runs = []

    def slow(_: Hands) -> int:
        runs.append(1)
        began.set()
        end.wait(10)
        return 1

    turn = Turn("slow", Step("line", slow), HANDS)
    thread = threading.Thread(target=turn)
    thread.start()
    began.wait(10)
    assert turn() == 0
    end.set()
    thread.join(10)
    assert (len(runs), turn()) == (1, 1)


def test_a_step_with_an_interval_runs_at_once_and_then_waits_for_it() -> None:
    turn = Turn("hourly", Step("line", lambda _: 7, 3_600), HANDS)
    assert [turn(), turn()] == [7, 0]


def test_a_step_without_one_runs_each_time() -> None:
    turn = Turn("always", Step("line", lambda _: 7), HANDS)
    assert [turn(), turn()] == [7, 7]


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (Unavailable("The index is down; start it"), ("step.unavailable", "The index is down; start it")),
        (KeyError("words of a post"), ("step.failed", "KeyError")),
    ],
)
def test_trouble_is_logged_without_content_and_rests_the_step(
    caplog: pytest.LogCaptureFixture, error: Exception, logged: tuple[str, str]
) -> None:
    runs = []

    def bad(_: Hands) -> int:
        runs.append(1)
        raise error

    turn = Turn("bad", Step("line", bad), HANDS)
    with caplog.at_level(logging.INFO, "nightlight"):
        assert [turn(), turn()] == [0, 0]
    assert len(runs) == 1
    assert [(event["event"], event["error"]) for event in events(caplog)] == [logged]


def test_a_message_is_worth_turns_until_nothing_is_left() -> None:
    left = [3, 2, 1, 0, 9]
    turn = Turn("drain", Step("line", lambda _: left.pop(0)), HANDS)
    Ear().task(turn)
    assert left == [9]


@pytest.mark.parametrize(("messages", "warnings"), [(0, 1), (1, 0)])
def test_silence_is_said(caplog: pytest.LogCaptureFixture, messages: int, warnings: int) -> None:
    ear = Ear()
    for _ in range(messages):
        ear.task(Turn("any", Step("line", lambda _: 0), HANDS))
    waits = iter([False, True])
    ear._end.wait = lambda _: next(waits)  # type: ignore[method-assign, assignment]
    with caplog.at_level(logging.WARNING, "nightlight"):
        ear.listen()
    assert [event["event"] for event in events(caplog)] == ["worker.unwoken"] * warnings


def test_beat_wakes_every_step_within_a_second_but_erasure_and_sampling_hourly() -> None:
    sent = {wake.task: (wake.queue, wake.every_s) for wake in wakes()}
    assert sent == {
        "nightlight.tick": ("nightlight.line", 1),
        "nightlight.assess": ("nightlight.line", 1),
        "nightlight.shadow": ("nightlight.line", 1),
        "nightlight.sample": ("nightlight.line", 3_600),
        "nightlight.index": ("nightlight.line", 1),
        "nightlight.expire": ("nightlight.line", 3_600),
        "nightlight.sequence": ("nightlight.audit", 1),
        "nightlight.dispatch": ("nightlight.dispatch", 1),
        "nightlight.crawl": ("nightlight.crawl", 1),
    }


def test_queues_are_named_one_by_one() -> None:
    assert loops_named("line, crawl") == ["line", "crawl"]
    assert set(LOOPS) == {step.loop for step in STEPS.values()}
    with pytest.raises(BadInput, match="no queue 'lines'; name some of line, audit, dispatch, crawl"):
        loops_named("line,lines")
