"""Disguises: what they change, and how much of it normalization undoes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize import Normalizer
from nlp.perturb import FORMS, KNOWN, UNSEEN, disguise

TEXT = "does anyone have an uncensored model for lumen"
TRIGGERS = ("jailbreak", "jailbreaks", "uncensored", "unfiltered", "abliterated", "bypass", "guardrails", "censorship")
SEEDS = range(6)
READ = Normalizer(TRIGGERS, TRIGGERS)


def recovered(forms: tuple[str, ...]) -> float:
    """The share of disguised trigger words that normalization gives back."""
    texts = [f"does anyone know a good {word} for this" for word in TRIGGERS]
    pairs = [(text, disguise(text, form, {word}, seed)) for form in forms for seed in SEEDS
             for text, word in zip(texts, TRIGGERS, strict=True)]  # fmt: skip
    return sum(re.findall("[a-z]+", READ(disguised).text) == text.split() for text, disguised in pairs) / len(pairs)


def test_forms_are_known_or_unseen() -> None:
    assert (*KNOWN, *UNSEEN) == tuple(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_changes_the_words_and_nothing_else(form: str) -> None:
    disguised = disguise(TEXT, form, seed=1)
    before, after = TEXT.split("uncensored")
    assert disguised != TEXT
    assert disguised.startswith(before)
    assert disguised.endswith(after)


@pytest.mark.parametrize("form", FORMS)
def test_text_without_such_words_stays_as_it_is(form: str) -> None:
    assert disguise("my kitchen is a mess", form) == "my kitchen is a mess"
    assert disguise("my kitchen is a mess", form, {"kitchen"}) != "my kitchen is a mess"


@given(st.sampled_from(sorted(FORMS)), st.integers())
def test_the_same_seed_gives_the_same_disguise(form: str, seed: int) -> None:
    assert disguise(TEXT, form, seed=seed) == disguise(TEXT, form, seed=seed)


@given(st.sampled_from(sorted(FORMS)), st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=16), st.integers())
def test_any_word_can_be_disguised(form: str, word: str, seed: int) -> None:
    disguise(word, form, {word}, seed)


@pytest.mark.parametrize("form", FORMS)
def test_a_lone_surrogate_beside_the_word_stays(form: str) -> None:
    """A file of JSON lines may hold one."""
    assert disguise("uncensored \ud800", form).endswith(" \ud800")


@pytest.mark.parametrize("form", KNOWN)
def test_known_forms_are_undone(form: str) -> None:
    assert recovered((form,)) >= 0.9


def test_most_words_in_unseen_forms_are_read_all_the_same() -> None:
    assert recovered(UNSEEN) >= 0.75
