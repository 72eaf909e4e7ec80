"""Words that the corpus shows."""

from dataclasses import replace

from nlp.corpus.dataset import load
from nlp.seen import FILE, gather, seen, written


def test_the_shipped_lists_are_those_of_the_corpus() -> None:
    assert FILE.read_text(encoding="utf-8") == written(gather(load())), "run python -m nlp.seen"


def test_a_form_that_a_language_gives_an_open_term_is_seen() -> None:
    assert "фильтров" in seen().disguised
    assert "фильтров" not in seen().ordinary


def test_no_word_is_taken_from_what_is_held_out() -> None:
    example = next(found for found in load() if found.language == "ru" and found.split == "train" and not found.label)
    assert gather([replace(example, text="ограничений кувшинов")]) == (
        frozenset({"ограничении"}), frozenset({"кувшинов"})
    )  # fmt: skip
    assert gather([replace(example, text="ограничений кувшинов", split="test")]) == (frozenset(), frozenset())


def test_a_word_that_one_writer_of_alerts_uses_may_be_a_disguise() -> None:
    example = next(found for found in load() if found.language == "ru" and found.split == "train" and found.label)
    one = replace(example, text="абракадабры")
    assert gather([one]).ordinary == frozenset()
    assert gather([one, replace(one, author=f"not {one.author}")]).ordinary == {"абракадабры"}
