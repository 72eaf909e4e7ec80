"""Which labels count, and what a shadow would have done otherwise."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nlp.taxonomy import INTENTS
from pipeline.domain.alert import REASONS, Status
from pipeline.domain.learning import (
    CHOICES,
    KINDS,
    LABELS,
    Agreed,
    Comparison,
    Opinion,
    Shadowed,
    agreed,
    compared,
    person,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALL = sorted(LABELS)


def said(post: str, *opinions: tuple[str, str]) -> list[Opinion]:
    """(reviewer, reason) of one post."""
    return [Opinion(post, reviewer, reason, NOON) for reviewer, reason in opinions]


def test_a_label_needs_two_people_who_agree() -> None:
    labels, left_out = agreed(
        [
            *said("both", ("ines", "offers"), ("sten", "offers")),
            *said("alike", ("ines", "offers"), ("sten", "sells")),
            *said("apart", ("ines", "offers"), ("sten", "news")),
            *said("alone", ("ines", "offers")),
            *said("neither", ("ines", "news"), ("sten", "opinion")),
            *said("outvoted", ("ines", "offers"), ("sten", "offers"), ("okafor", "opinion")),
        ]
    )
    assert labels == {
        "both": Agreed(1, "sharing", ("ines", "sten")),
        "alike": Agreed(1, "", ("ines", "sten")),
        "neither": Agreed(0, "", ("ines", "sten")),
    }
    assert left_out == {"one opinion only": 1, "people disagree": 2}


def test_one_person_at_the_console_and_the_command_line_is_one_pair_of_eyes() -> None:
    assert person("cli:ines") == person("ines") == "ines"
    assert agreed(said("post", ("ines", "offers"), ("cli:ines", "offers")))[0] == {}
    assert agreed(said("post", ("ines", "offers"), ("cli:sten", "offers")))[0].keys() == {"post"}, "the control"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["ines", "sten", "okafor"]), st.sampled_from(ALL))))
def test_every_post_has_a_label_or_a_cause_and_no_label_hides_a_contradiction(
    given: list[tuple[str, str, str]],
) -> None:
    opinions = [Opinion(post, reviewer, reason, NOON) for post, reviewer, reason in given]
    labels, left_out = agreed(opinions)
    assert len(labels) + sum(left_out.values()) == len({opinion.revision_id for opinion in opinions})
    last = {(opinion.revision_id, opinion.reviewer): opinion.reason for opinion in opinions}
    for post, label in labels.items():
        answers = {reviewer: LABELS[reason] for (of, reviewer), reason in last.items() if of == post}
        assert set(answers.values()) == {label.label}
        assert label.reviewers == tuple(sorted(answers))
        assert len(answers) >= 2


def test_reasons_say_what_the_taxonomy_says() -> None:
    """What a reviewer chooses stands for an intent, whose alerting side is the label's."""
    by_status = {status: set(reasons) & LABELS.keys() for status, reasons in REASONS.items()}
    assert {reason for reasons in by_status.values() for reason in reasons} == LABELS.keys()
    assert all(LABELS[reason] == 1 for reason in by_status[Status.RELEVANT] | by_status[Status.ESCALATED])
    assert all(LABELS[reason] == 0 for reason in by_status[Status.NOT_RELEVANT])
    assert not by_status[Status.DUPLICATE] | by_status[Status.SECOND_LOOK]
    assert by_status[Status.RELEVANT] == set(REASONS[Status.RELEVANT])
    assert by_status[Status.NOT_RELEVANT] == set(REASONS[Status.NOT_RELEVANT])
    assert CHOICES.keys() == by_status[Status.RELEVANT] | by_status[Status.NOT_RELEVANT]
    assert {KINDS[reason] for reason in REASONS[Status.RELEVANT]} <= INTENTS.keys()


def test_a_comparison_counts_each_way() -> None:
    pairs = [
        Shadowed(0.9, True, 0.8, True),
        Shadowed(0.2, False, 0.6, True),
        Shadowed(0.7, True, 0.2, False),
        Shadowed(0.1, False, 0.1, False),
    ]
    found = compared(pairs)
    assert (found.posts, found.agree, found.only_new, found.only_old) == (4, 2, 1, 1)
    assert found.shift is not None
    assert abs(found.shift - (-0.1 + 0.4 - 0.5) / 4) < 1e-9
    assert compared([]) == Comparison(0, 0, 0, 0, None)
