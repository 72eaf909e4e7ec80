"""The taxonomy is frozen: alerts, exports and trained models all name its kinds. Its page says the same as the code."""

import re
from pathlib import Path

import pytest

from nlp import evidence, taxonomy
from nlp.assessment import Text
from nlp.corpus import dataset
from nlp.features import prepare
from nlp.lexicon import plain

PAGE = (Path(__file__).parents[3] / "docs" / "taxonomy.md").read_text(encoding="utf-8")


def rows(section: str) -> dict[str, list[str]]:
    """The table in a section of the page: the other cells by the first, bare of marks."""
    lines = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {first.strip("`"): rest for first, *rest in cells}


def example(cell: str) -> str:
    """What stands in the first quotes of a cell."""
    found = re.search("“(.+?)”", cell)
    assert found, f"no example in {cell!r}"
    return found[1]


def concepts(text: str) -> set[str]:
    return {plain().concepts[number] for number in prepare([Text(text)]).concepts[0].nonzero()[0]}


def test_version_two_has_exactly_these_kinds() -> None:
    assert taxonomy.VERSION == "2"
    assert list(taxonomy.INTENTS) == [
        "seeking",
        "sharing",
        "trading",
        "boasting",
        "defensive",
        "news",
        "opinion",
        "complaint",
    ]
    assert list(taxonomy.METHODS) == [
        "jailbreak-prompting",
        "filter-removal",
        "model-uncensoring",
        "access-abuse",
        "moderation-evasion",
    ]
    assert list(taxonomy.CONTEXTS) == ["child-safety-escalation"]
    assert list(taxonomy.TARGETS) == ["text-model", "image-model", "voice-model", "agent", "moderation"]
    assert {"seeking", "sharing", "trading", "boasting"} == taxonomy.ALERTING


def test_every_kind_and_reason_is_defined_in_words() -> None:
    assert len(taxonomy.KINDS) == 14
    assert all(len(words) >= 10 for words in (*taxonomy.KINDS.values(), *taxonomy.REASONS.values()))


def test_a_reason_is_said_in_words_and_a_sealed_term_by_its_line_alone() -> None:
    assert taxonomy.in_words("names-bypass") == taxonomy.REASONS["names-bypass"]
    assert taxonomy.in_words("unheard-of") == "unheard-of"
    assert taxonomy.in_words(taxonomy.sealed_reason("north", 12)) == "Sealed term 12 of the list north"
    assert taxonomy.in_words(taxonomy.sealed_reason("a:b", 3)) == "Sealed term 3 of the list a:b"
    assert taxonomy.is_sealed(taxonomy.sealed_reason("north", 12))
    assert not any(taxonomy.is_sealed(reason) for reason in taxonomy.REASONS)


def test_the_corpus_has_examples_of_every_kind_and_of_no_other() -> None:
    used = {kind for e in dataset.load() for kind in (*e.intents, *e.methods, *e.context)}
    assert used == set(taxonomy.KINDS)


@pytest.mark.parametrize(
    ("section", "defined"),
    [
        ("Intent", taxonomy.INTENTS),
        ("Method", taxonomy.METHODS),
        ("Context", taxonomy.CONTEXTS),
        ("Target", taxonomy.TARGETS),
        ("Reasons", taxonomy.REASONS),
    ],
)
def test_the_page_defines_the_same_in_the_same_words(section: str, defined: dict[str, str]) -> None:
    assert {name: cells[0] for name, cells in rows(section).items()} == defined
    assert f"# Taxonomy, version {taxonomy.VERSION}\n" in PAGE


@pytest.mark.parametrize("section", ["Intent", "Method", "Context"])
def test_every_kind_has_an_example_and_a_near_miss(section: str) -> None:
    for _, yes, no in rows(section).values():
        assert example(yes) != example(no)


def test_the_examples_of_targets_and_context_are_told_as_such() -> None:
    for name, (_, yes) in rows("Target").items():
        assert name in concepts(example(yes))
    for _, yes, no in rows("Context").values():
        assert evidence.CHILD_SAFETY in concepts(example(yes))
        assert evidence.CHILD_SAFETY not in concepts(example(no))


@pytest.mark.parametrize("reason", sorted(set(taxonomy.REASONS) - {"wording"}))
def test_the_example_of_a_reason_is_marked_for_it(reason: str) -> None:
    read = prepare([Text(example(rows("Reasons")[reason][1]))])
    found = (evidence.rule_spans, evidence.child_safety_spans)
    assert reason in {span.reason for spans in found for span in spans(read.read[0], read.hits_of(0))}
