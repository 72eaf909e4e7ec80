"""Plain and sealed term lists."""

import stat
import tomllib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from nlp.errors import Corrupt
from nlp.features import normalizer
from nlp.lexicon import TERMS, Hit, Lexicon, plain, seal, seal_file, unseal
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


def test_the_shipped_list_marks_no_child_safety_context_in_family_talk() -> None:
    def concepts(text: str) -> set[str]:
        return {hit.concept for hit in plain().find(text)}

    assert "childsafety" in concepts("the report went to ncmec")
    assert "childsafety" not in concepts("my kids love their school and the young teacher")


def test_a_sealed_list_opens_with_its_key_and_shows_no_term_at_rest() -> None:
    key = Fernet.generate_key()
    sealed = seal(["Quorvex ", "", "tallow lane"], key)
    assert b"quorvex" not in sealed.lower()
    assert [hit.concept for hit in unseal(sealed, key).find("the quorvex of tallow lane")] == ["sealed", "sealed"]


@pytest.mark.parametrize("damage", ["key", "data"])
def test_a_sealed_list_with_the_wrong_key_or_damage_is_refused_without_a_word_of_it(damage: str) -> None:
    key = Fernet.generate_key()
    sealed = seal(["quorvex"], key)
    with pytest.raises(Corrupt) as caught:
        unseal(sealed if damage == "key" else sealed[:-9], Fernet.generate_key() if damage == "key" else key)
    assert "quorvex" not in str(caught.value)


def test_sealing_a_file_makes_a_key_that_only_its_owner_reads_and_uses_it_again(tmp_path: Path) -> None:
    terms, key = tmp_path / "terms.txt", tmp_path / "list.key"
    terms.write_text("quorvex\ntallow lane\n")
    first = seal_file(terms, key)
    made = key.read_bytes()
    second = seal_file(terms, key)
    assert first == second == tmp_path / "terms.sealed"
    assert key.read_bytes() == made
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert unseal(second.read_bytes(), made.strip()).find("quorvex")


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xff\xfe\xff"])
def test_a_file_without_readable_terms_is_refused(tmp_path: Path, content: bytes) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_bytes(content)
    with pytest.raises(Corrupt):
        seal_file(terms, tmp_path / "list.key")


def test_a_missing_list_and_a_file_that_is_no_key_are_refused(tmp_path: Path) -> None:
    terms, key = tmp_path / "terms.txt", tmp_path / "list.key"
    with pytest.raises(Corrupt):
        seal_file(terms, key)
    terms.write_text("quorvex")
    key.write_text("not a key")
    with pytest.raises(Corrupt, match="no lexicon key"):
        seal_file(terms, key)
