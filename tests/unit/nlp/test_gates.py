"""What a challenger must not lose: half a point of recall in any slice, half a point of false positives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from nlp.assessment import Text
from nlp.gates import DISGUISED, MAX_LOSS, Gate, Golden, digest, golden, judge
from nlp.train import Row

N = 1_000


def texts(alerting: int = 500, **slices: slice) -> Golden:
    """N texts, the first so many alerting, and slices of them."""
    labels = np.zeros(N, dtype=np.int8)
    labels[:alerting] = 1
    marks = {"all": np.ones(N, dtype=bool)}
    for name, part in slices.items():
        marks[name] = np.zeros(N, dtype=bool)
        marks[name][part] = True
    return Golden(labels, marks, "d")


def flags(*ranges: tuple[int, int]) -> np.ndarray[tuple[int], np.dtype[np.bool]]:
    """Those of these ranges are flagged."""
    marks = np.zeros(N, dtype=bool)
    for start, stop in ranges:
        marks[start:stop] = True
    return marks


def failed(gates: list[Gate]) -> set[tuple[str, str]]:
    return {(gate.slice, gate.measure) for gate in gates if not gate.passed}


@pytest.mark.parametrize(
    ("new", "held_back"),
    [
        ([(0, 300), (500, 505)], set()),
        ([(0, 400), (500, 505)], set()),
        ([(0, 298), (500, 507)], set()),  # 0.4 points each way
        ([(0, 297), (500, 505)], {("all", "recall")}),  # 0.6 points
        ([(0, 300), (500, 508)], {("all", "fpr")}),
        ([(0, 200), (500, 520)], {("all", "recall"), ("all", "fpr")}),
    ],
)
def test_half_a_point_is_allowed_and_no_more(new: list[tuple[int, int]], held_back: set[tuple[str, str]]) -> None:
    assert failed(judge(texts(), flags((0, 300), (500, 505)), flags(*new))) == held_back


def test_a_loss_in_one_slice_holds_back_what_gains_overall() -> None:
    found = judge(texts(german=slice(0, 100)), flags((0, 300)), flags((5, 400)))
    assert failed(found) == {("german", "recall")}
    [gate] = [gate for gate in found if not gate.passed]
    assert (gate.texts, gate.old, gate.new) == (100, 1.0, 0.95)
    assert gate.sentence() == (
        "german: recall falls by 5.00 points, from 1.000 to 0.950 (95 % -10.0 to -1.0, 100 texts); "
        "at most 1.00 are allowed"
    )


def test_a_small_slice_may_lose_one_text_because_half_of_one_cannot_be_lost() -> None:
    small = texts(few=slice(0, 20))
    assert failed(judge(small, flags((0, 300)), flags((1, 301)))) == set()
    assert failed(judge(small, flags((0, 300)), flags((2, 302)))) == {("few", "recall")}


def test_a_slice_without_texts_of_a_label_has_no_such_gate() -> None:
    found = judge(texts(alike=slice(0, 10)), flags((0, 300)), flags((0, 300)))
    assert [(gate.slice, gate.measure) for gate in found] == [("all", "recall"), ("all", "fpr"), ("alike", "recall")]


def test_the_interval_is_of_pairs() -> None:
    """Two models that judge alike differ by little, however uncertain each share is by itself."""
    same, half = (
        judge(texts(), flags((0, 250)), flags((0, 250)))[0],
        judge(texts(), flags((0, 250)), flags((250, 500)))[0],
    )
    assert (same.low, same.high) == (0, 0)
    assert half.low < -0.05 < 0.05 < half.high
    assert half.old == half.new


@given(arrays(bool, N), arrays(bool, N))
def test_what_passes_has_lost_no_more_than_allowed(
    old: np.ndarray[tuple[int], np.dtype[np.bool]], new: np.ndarray[tuple[int], np.dtype[np.bool]]
) -> None:
    whole = texts(400)
    recall, fpr = judge(whole, old, new)
    assert recall.passed == (old[:400].sum() - new[:400].sum() <= 400 * MAX_LOSS)
    assert fpr.passed == (new[400:].sum() - old[400:].sum() <= 600 * MAX_LOSS)
    assert recall.low <= recall.new - recall.old + 1e-9 <= recall.high + 2e-9


ROWS = [
    Row(Text("one", "t"), 1, frozenset({"seeking"}), "test", "a", ("language en",)),
    Row(Text("two"), 0, None, "test", "b", ("language de",)),
]


def test_golden_texts_are_sliced_by_set_kind_and_whether_they_name_a_bypass() -> None:
    made = golden(ROWS, np.array([True, False]))
    assert {name: marks.tolist() for name, marks in made.slices.items()} == {
        "all": [True, True],
        "bypass named": [True, False],
        "bypass not named": [False, True],
        "language de": [False, True],
        "language en": [True, False],
        "kind seeking": [True, False],
    }


def test_a_disguised_copy_counts_in_its_own_slice_alone() -> None:
    made = golden([*ROWS, replace(ROWS[0], sets=(DISGUISED,), kinds=None)], np.array([True, False, True]))
    assert made.slices[DISGUISED].tolist() == [False, False, True]
    assert not any(marks[2] for name, marks in made.slices.items() if name != DISGUISED)


def test_the_hash_pins_texts_and_labels_whatever_their_order() -> None:
    assert digest(ROWS) == digest(ROWS[::-1])
    changed = [
        replace(ROWS[0], label=0),
        replace(ROWS[0], text=Text("one", "u")),
        replace(ROWS[0], text=Text("on", "et")),
    ]
    assert len({digest([row, ROWS[1]]) for row in (ROWS[0], *changed)}) == 4
