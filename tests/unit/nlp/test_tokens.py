"""Texts side by side as tokens, and the way back to each."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.tokens import Tokens, is_han, tokens

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=6)


def words(read: Tokens) -> list[str]:
    return [read.string[start:end] for start, end in zip(read.starts, read.ends, strict=True)]


def test_words_stand_apart_and_marks_that_tell_something_are_tokens() -> None:
    read = tokens(["so it's $20? ok."])
    assert read.string == " so it s $ 20 ? ok "
    assert words(read) == ["so", "it", "s", "$", "20", "?", "ok"]


def test_han_characters_are_tokens_of_a_run_without_spaces() -> None:
    read = tokens(["求jb词汇 🔓ok"])
    assert read.string == " 求 jb 词汇 🔓 ok "
    assert words(read) == ["求", "jb", "词", "汇", "🔓", "ok"]
    assert is_han("求")
    assert not is_han("j")


def test_a_dot_ends_a_sentence_only_before_what_is_no_word() -> None:
    read = tokens(["v3.1 is out. get it\nnow! yes", "next"])
    assert words(read) == ["v3", "1", "is", "out", "get", "it", "now", "!", "yes", "next"]
    numbers = [read.sentences.tolist().index(number) for number in read.sentences.tolist()]
    assert numbers == [0, 0, 0, 0, 4, 4, 6, 6, 8, 9]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["...", " "]])
def test_texts_without_words_have_no_tokens(texts: Sequence[str]) -> None:
    read = tokens(texts)
    assert len(read.starts) == 0
    assert read.counts.tolist() == [0] * len(texts)


@given(TEXTS)
def test_every_token_stands_in_its_text_where_it_says(texts: list[str]) -> None:
    read = tokens(texts)
    for word, text, place in zip(words(read), read.texts, read.places, strict=True):
        start = place - read.firsts[text]
        assert texts[text][start : start + len(word)] == word


@given(TEXTS)
def test_tokens_of_a_text_are_the_same_in_any_company(texts: list[str]) -> None:
    read = tokens(texts)
    together = [[word for word, at in zip(words(read), read.texts, strict=True) if at == n] for n in range(len(texts))]
    assert together == [words(tokens([text])) for text in texts]
