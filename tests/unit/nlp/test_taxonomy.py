"""The taxonomy is frozen: alerts, exports and trained models all name its kinds."""

from nlp import taxonomy
from nlp.corpus import dataset


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
    assert taxonomy.is_sealed(taxonomy.sealed_reason("north", 12))
    assert not any(taxonomy.is_sealed(reason) for reason in taxonomy.REASONS)


def test_the_corpus_is_labelled_in_the_same_kinds() -> None:
    assert set(dataset.INTENTS) == set(taxonomy.INTENTS)
    assert set(dataset.METHODS) == set(taxonomy.METHODS)
    assert set(dataset.CONTEXTS) == set(taxonomy.CONTEXTS)
    assert dataset.ALERTING == taxonomy.ALERTING
