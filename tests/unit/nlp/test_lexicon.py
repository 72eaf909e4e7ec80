"""Term lists."""

import tomllib
from functools import lru_cache

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.matcher import PhraseMatcher

from nlp.features import normalizer
from nlp.lexicon import TERMS, Hit, Lexicon, plain
from nlp.normalize import fold


def test_a_term_counts_only_as_a_whole_word() -> None:
    lexicon = Lexicon({"ai": ["ki", "ai"]})
    assert lexicon.find("die ki ist da") == [Hit(4, 6, "ai")]
    assert lexicon.find("kino und maid") == []


def test_a_starred_term_takes_an_ending_but_no_more() -> None:
    lexicon = Lexicon({"evade": ["umgeh*"]})
    assert lexicon.find("umgehen") == [Hit(0, 7, "evade")]
    assert lexicon.find("umgehungsstrassenbau") == []


def test_overlapping_terms_are_all_found_longest_first() -> None:
    lexicon = Lexicon({"filter": ["filter"], "safeguard": ["safety filter"]})
    assert lexicon.find("safety filter") == [Hit(0, 13, "safeguard"), Hit(7, 13, "filter")]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("джейлбрейк*", "какой-нибудь ДЖЕЙЛБРЕЙКИ тут"),
        ("обойти", "как ОБОЙТИ это"),
        ("нейросёт*", "про нейросети"),
        ("größe", "die GRÖSSE zählt"),
        ("sınırsız*", "SINIRSIZMIŞ işte"),
        ("résumé", "mon resume"),
        ("无审查", "求一个無審查的版本"),
        ("فلتر", "كيف أشيل الفلتر"),
        ("أوزان", "نزلت بالاوزان"),
    ],
)
def test_terms_are_folded_as_texts_are(term: str, text: str) -> None:
    assert [hit.concept for hit in Lexicon({"it": [term]}).find(normalizer()(text).text)] == ["it"]


def test_every_shipped_term_is_found_in_a_text_in_either_case_and_written_as_it_is_read() -> None:
    for concept, languages in tomllib.loads(TERMS.read_text(encoding="utf-8")).items():
        for term in (term for terms in languages.values() for term in terms):
            assert term == fold(term)
            for written in (term.rstrip("*"), term.rstrip("*").upper()):
                found = plain().find(normalizer()(f"({written})").text)
                assert concept in {hit.concept for hit in found}, (concept, term, written)


@lru_cache
def blank() -> Language:
    return spacy.blank("xx")


PLAIN_WORDS = st.sampled_from(["jail", "broken", "safety", "filter", "le", "größe", "фильтр"])


@settings(deadline=None)
@given(
    st.sets(st.lists(PLAIN_WORDS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6),
    st.lists(PLAIN_WORDS, max_size=30).map(" ".join),
)
def test_terms_stand_where_the_phrase_matcher_of_spacy_finds_them(terms: set[str], text: str) -> None:
    language = blank()
    matcher = PhraseMatcher(language.vocab)
    matcher.add("it", [language.make_doc(fold(term)) for term in terms])
    spans = matcher(language.make_doc(fold(text)), as_spans=True)
    expected = sorted({(span.start_char, span.end_char) for span in spans})
    assert sorted((hit.start, hit.end) for hit in Lexicon({"it": terms}).find(fold(text))) == expected


def test_a_chinese_term_needs_no_word_boundary_and_a_latin_one_ends_at_chinese() -> None:
    lexicon = Lexicon({"it": ["越狱", "jb"]})
    assert lexicon.find("求越狱词") == [Hit(1, 3, "it")]
    assert lexicon.find("求jb词") == [Hit(1, 3, "it")]
    assert lexicon.find("求jbx词") == []


def test_an_arabic_term_is_found_behind_what_is_written_with_it_and_not_inside_another_word() -> None:
    lexicon = Lexicon({"it": ["بوت"]})
    assert lexicon.find("والبوت") == [Hit(0, 6, "it")]
    assert lexicon.find("لبوت") == [Hit(0, 4, "it")]
    assert lexicon.find("ياقبوت") == []


def test_the_terms_of_one_language_can_be_had_alone() -> None:
    assert plain("de").find("unzensiert")
    assert plain("en").find("unzensiert") == []


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Lexicon({}).find("anything") == []


def test_a_term_without_letters_stands_nowhere() -> None:
    lexicon = Lexicon({"none": ["***", "-", ""], "it": ["one", "--*"]})
    assert lexicon.find("*** - one --") == [Hit(6, 9, "it")]


def test_the_shipped_list_marks_no_child_safety_context_in_family_talk() -> None:
    def concepts(text: str) -> set[str]:
        return {hit.concept for hit in plain().find(text)}

    assert "childsafety" in concepts("the report went to ncmec")
    assert "childsafety" not in concepts("my kids love their school and the young teacher")
