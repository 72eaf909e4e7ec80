"""Numbers of texts: the same alone and in company, and what a plain loop would count."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.assessment import Text
from nlp.corpus.dataset import load
from nlp.features import blocks, columns, layout, matrix, prepare, widths
from nlp.lexicon import plain

SOME = [Text(example.text, example.title) for example in load()[::400]]
ANY = st.builds(Text, st.text(st.characters(), max_size=120), st.text(st.characters(), max_size=30))


def letter_groups(text: str) -> list[str]:
    """As scikit-learn's analyzer "char_wb" of 3 to 5 letters, which counts a short word once."""
    words = (f" {word} " for word in text.split())
    return [word[at : at + size] for word in words for size in (3, 4, 5) for at in range(len(word) - size + 1)]


def concepts(text: Text) -> set[tuple[str, str, str]]:
    return {layout().name(column) for column in blocks(prepare([text]))[2].columns.tolist()}


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=5))
def test_a_row_does_not_depend_on_the_batch(texts: list[Text]) -> None:
    together = matrix(prepare(texts)).toarray()
    assert together.shape == (len(texts), columns())
    for row, text in zip(together, texts, strict=True):
        assert np.array_equal(row, matrix(prepare([text])).toarray()[0])


def test_rows_of_real_texts_differ_and_are_the_same_in_any_order() -> None:
    assert len(SOME) > 30
    forward, backward = matrix(prepare(SOME)).toarray(), matrix(prepare(SOME[::-1])).toarray()
    assert np.array_equal(forward, backward[::-1])
    assert len(np.unique(forward, axis=0)) == len(SOME)


def test_words_pairs_and_letter_groups_are_those_a_plain_loop_finds() -> None:
    text = "the new model answers everything and the old model answers nothing"
    words, letters, _ = blocks(prepare([Text(text)]))
    singles = text.split()
    assert len(words.columns) == len(singles) + len(singles) - 1
    assert len(set(words.columns.tolist())) == len({*singles, *pairwise(singles)})
    assert len(letters.columns) == len(letter_groups(text))
    assert len(set(letters.columns.tolist())) == len(set(letter_groups(text)))


def test_a_pair_of_words_does_not_reach_over_the_end_of_a_sentence() -> None:
    one, two = (blocks(prepare([Text(text)]))[0] for text in ("we left it there", "we left. it there"))
    assert len(one.columns) == len(two.columns) + 1


def test_each_block_of_a_row_has_length_one() -> None:
    rows = matrix(prepare([Text("does anyone have an uncensored model, my old one refuses")]))
    bounds = np.cumsum((0, *widths()))
    for first, last in pairwise(bounds.tolist()):
        assert np.square(rows[:, first:last].data).sum() == pytest.approx(1)


def test_concepts_count_alone_side_by_side_in_a_sentence_and_in_the_text() -> None:
    found = concepts(Text("Looking for an uncensored model. I will pay in btc"))
    assert {("has", "", "seek"), ("near", "uncensored", "seek"), ("next", "seek", "uncensored")} <= found
    assert ("before", "uncensored", "seek") in found
    assert ("somewhere", "uncensored", "trade") in found
    assert ("near", "uncensored", "trade") not in found


def test_a_title_counts_only_by_what_it_names() -> None:
    text = "mine still works, try it"
    bare, titled = (matrix(prepare([Text(text, title)])) for title in ("", "Uncensored models"))
    words_and_letters = sum(widths()[:2])
    assert np.array_equal(bare[:, :words_and_letters].toarray(), titled[:, :words_and_letters].toarray())
    assert ("title", "", "uncensored") in concepts(Text(text, "Uncensored models"))
    assert ("title", "", "uncensored") in concepts(Text(text, quoted="any uncensored ones?"))


def test_what_stands_beside_a_bypass_counts_more_than_the_rest_of_a_long_text() -> None:
    aside = "The weather was fine and we talked about bread. "
    ask = "Does anyone have a jailbreak?"
    column = blocks(prepare([Text("bread")]))[0].columns[0]
    named, unnamed = (matrix(prepare([Text(aside + text)]))[0, column] for text in (ask, "Does anyone have a bike?"))
    assert 0 < named < 0.7 * unnamed


def test_a_text_is_named_by_a_bypass_or_by_all_that_makes_one() -> None:
    texts = ("an uncensored model", "get around the guardrails", "get around the lake", "the guardrails", "")
    assert prepare([Text(text) for text in texts]).named.tolist() == [True, True, False, False, False]
    assert prepare([]).named.tolist() == []


def test_hits_of_one_text_are_those_found_in_it_alone() -> None:
    batch = prepare(SOME)
    assert any(batch.hits_of(place) for place in range(len(SOME)))
    for place, read in enumerate(batch.read):
        assert batch.hits_of(place) == plain().find(read.text)


def test_every_column_of_concepts_has_a_name_of_its_own() -> None:
    names = {layout().name(column) for column in range(layout().width)}
    assert len(names) == layout().width
