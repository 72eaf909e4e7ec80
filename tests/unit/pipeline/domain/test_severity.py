"""Bands follow from points with reasons; a history counts only when there is enough of it and more than chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.domain.alert import Severity
from pipeline.domain.severity import BANDS, CHANCE, Circumstances, History, gravest, severity_of

unit = st.floats(0, 1)
kinds = st.dictionaries(st.sampled_from(["seeking", "sharing", "trading", "filter-removal", "access-abuse"]), unit)
counts = st.integers(0, 50)
histories = st.builds(
    lambda quiet, waiting, sure, authors: History(quiet + waiting + sure, waiting + sure, sure, authors),
    *(counts, counts, counts, st.integers(1, 5)),
)
ASKED = Circumstances(0.6, 0.6, {"seeking": 0.9, "jailbreak-prompting": 0.7}, False)
OFTEN = History(judged=6, flagged=3, confirmed=1, authors=2)


def changed(**values: object) -> Circumstances:
    """A question just above the threshold, but for these values."""
    return Circumstances(**{name: getattr(ASKED, name) for name in Circumstances.__slots__} | values)  # type: ignore[arg-type]


@given(unit, unit, kinds, st.booleans(), histories, histories)
def test_the_points_of_the_grounds_decide_the_band(
    score: float, threshold: float, likely: dict[str, float], context: bool, thread: History, author: History
) -> None:
    severity, grounds = severity_of(Circumstances(score, threshold, likely, context, thread, author))
    points = sum(ground.points for ground in grounds)
    assert BANDS[severity] <= points
    assert all(points < least for band, least in BANDS.items() if band.rank > severity.rank)
    assert grounds[0].id == "score"
    assert len({ground.id for ground in grounds}) == len(grounds)
    assert all(ground.points >= 0 for ground in grounds)


@given(unit, unit, kinds, histories, histories)
def test_child_safety_context_raises_by_one_band_whatever_else_there_is(
    score: float, threshold: float, likely: dict[str, float], thread: History, author: History
) -> None:
    plain, _ = severity_of(Circumstances(score, threshold, likely, False, thread, author))
    raised, grounds = severity_of(Circumstances(score, threshold, likely, True, thread, author))
    assert raised.rank == min(3, plain.rank + 1)
    assert grounds[-1].id == "child-safety"


@given(st.tuples(unit, unit), unit, kinds)
def test_a_higher_score_never_has_a_lower_band(
    scores: tuple[float, float], threshold: float, likely: dict[str, float]
) -> None:
    low, high = (severity_of(Circumstances(s, threshold, likely, False))[0] for s in sorted(scores))
    assert low.rank <= high.rank


@pytest.mark.parametrize(
    ("circumstances", "band", "ids"),
    [
        (ASKED, Severity.LOW, ["score"]),
        (changed(score=0.99), Severity.HIGH, ["score"]),
        (changed(score=0.3), Severity.LOW, ["score"]),
        (changed(kinds={"boasting": 0.9}), Severity.LOW, ["score"]),
        (changed(kinds={"trading": 0.9}), Severity.MEDIUM, ["score", "offer"]),
        (changed(kinds={"trading": 0.4}), Severity.LOW, ["score"]),
        (changed(kinds={"sharing": 0.5, "model-uncensoring": 0.8}), Severity.HIGH, ["score", "offer", "lasting"]),
        (changed(thread=OFTEN), Severity.MEDIUM, ["score", "thread"]),
        (changed(thread=History(6, 3, 1, authors=1)), Severity.LOW, ["score"]),
        (changed(author=OFTEN), Severity.MEDIUM, ["score", "author"]),
        (changed(score=0.8, thread=OFTEN, author=OFTEN, kinds={"sharing": 0.9}), Severity.CRITICAL,
         ["score", "offer", "thread", "author"]),
        (changed(child_safety_context=True), Severity.MEDIUM, ["score", "child-safety"]),
        (changed(sealed=True), Severity.MEDIUM, ["score", "sealed"]),
        (changed(sealed=True, child_safety_context=True), Severity.HIGH, ["score", "sealed", "child-safety"]),
    ],
)  # fmt: skip
def test_what_adds_to_a_band(circumstances: Circumstances, band: Severity, ids: list[str]) -> None:
    severity, grounds = severity_of(circumstances)
    assert (severity, [ground.id for ground in grounds]) == (band, ids)


def test_the_sentences_say_what_was_counted() -> None:
    _, grounds = severity_of(changed(score=0.8, thread=OFTEN, author=OFTEN))
    assert [ground.sentence for ground in grounds] == [
        "The score 0.80 lies in the middle third from 0.60 to 1",
        "In the thread, 3 of 6 posts are flagged, by 2 authors; people confirmed 1",
        "Of an author, 3 of 6 posts were flagged before; people confirmed 1",
    ]
    assert severity_of(changed(score=0.5))[1][0].sentence.endswith("below 0.60, from where the model flags")


@pytest.mark.parametrize(
    ("history", "enough"),
    [
        (History(), False),
        (History(judged=2, flagged=2), False),
        (History(judged=3, flagged=1), False),
        (History(judged=3, flagged=2), True),
        (History(judged=200, flagged=4), False),
        (History(judged=200, flagged=4, confirmed=1), False),
        (History(judged=200, flagged=4, confirmed=2), True),
        (History(judged=200, flagged=20), True),
    ],
)
def test_a_history_counts_with_enough_posts_that_chance_does_not_explain(history: History, enough: bool) -> None:
    assert history.counts is enough


@given(judged=st.integers(3, 2_000), share=unit)
def test_chance_is_measured_as_by_wilsons_interval(judged: int, share: float) -> None:
    flagged = max(2, int(share * judged))
    low = binomtest(flagged, judged, alternative="greater").proportion_ci(0.99, method="wilson").low
    assert History(judged, flagged).counts is bool(low > CHANCE)


def test_of_several_authors_the_one_that_people_confirmed_speaks() -> None:
    quiet, loud, sure = History(50, 1), History(9, 6), History(9, 4, confirmed=2)
    assert gravest([quiet, loud, sure]) is sure
    assert gravest([quiet, loud]) is loud
    assert gravest([quiet]) == gravest([]) == History()
    assert not History().counts


def test_a_score_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="must lie in"):
        severity_of(changed(score=1.2))
