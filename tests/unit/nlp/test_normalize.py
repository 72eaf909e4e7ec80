"""Undoing obfuscation, and the way back to the original."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import normalizer
from nlp.normalize import Normalizer, fold

WORDS = {"jailbreak", "uncensored", "bypass", "filter", "обход", "越狱"}
READ = Normalizer(WORDS, WORDS)
SHIPPED = normalizer()
ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    "disguised",
    [
        "j\u0430ilbr\u0435ak",  # Cyrillic a and e
        "jail\u200bbreak",  # zero-width space
        "j41lbr34k",
        "j.a.i.l.b.r.e.a.k",
        "j a i l b r e a k",
        "j - a - i - l - b - r - e - a - k",
        "j 4 i l b r 3 a k",
        "jail-break",
        "j-a-i-l-b-reak",
        "j,a,i,l,b,r,e,a,k",
        "jail break",
        "jail\nbre\nak",
        "jailbeak",
        "jailxbreak",
        "jailbrwak",
        "jailbr**k",
        "jailbreeeeak",
        "jailbraek",
        "JAILBREAK",
        "ｊａｉｌｂｒｅａｋ",
        "ja\u0301ilbreak",
        "kaerbliaj",
        "wnvyoernx",
    ],
)
def test_a_disguised_word_is_read(disguised: str) -> None:
    assert READ(f"does any {disguised} for this work").text == "does any jailbreak for this work"


@pytest.mark.parametrize(("disguised", "word"), [("о.б.х.о.д", "обход"), ("о б х о д", "обход"), ("越·狱", "越狱")])
def test_parted_words_of_other_scripts_are_read(disguised: str, word: str) -> None:
    assert READ(f"— {disguised} —").text == f"— {word} —"


def test_a_read_word_maps_back_to_its_disguise() -> None:
    original = "ány j.a.i.l.b.r.e.a.k for lumen"
    read = READ(original)
    start = read.text.index("jailbreak")
    first, last = read.map(start, start + len("jailbreak"))
    assert original[first:last] == "j.a.i.l.b.r.e.a.k"


@pytest.mark.parametrize(
    "plain",
    [
        "i filed the papers",
        "a b c d",
        "3 filters, 10 euro",
        "привет всем",
        "well-known",
        "jail the break",
        "We sat in jail. Break time was short.",
        "e.g. the U.S.A. or 192.168.0.1, v1.2.3 and https://lumen.test/j-a-i-l?b=1",
    ],
)
def test_ordinary_text_stays_as_it_is(plain: str) -> None:
    assert READ(plain).text == fold(plain)


@pytest.mark.parametrize(
    "sentence",
    [
        "The reseller doesn't ship abroad, but the shop on the corner has e-books, placeholders and checkboxes.",
        "Am besten fragen wir morgen den Vermieter, ob die Heizung repariert werden muss und wer sie bezahlt.",
        "Les enfants jouent dans la cour, et personne ne sait à quelle heure la pluie va s'arrêter.",
        "El lector prefiere sentarse junto a la ventana y comentar las noticias con sus vecinos.",
        "Os meus avós compraram uma casa perto do rio e plantaram laranjeiras no quintal.",
        "Завтра мы поедем на дачу, соберём яблоки и заодно починим старую крышу.",
        "Сьогодні ввечері ми підемо до бабусі, бо вона спекла пиріг із вишнями.",
        "Yarın sabah pazardan taze ekmek, peynir ve biraz da zeytin alalım mı?",
        "今天下午我们一起去图书馆，借几本关于园艺的书。",
        "سوف نسافر إلى الجبل في عطلة نهاية الأسبوع إذا كان الطقس جميلا.",
    ],
)
def test_ordinary_sentences_of_ten_languages_stay_as_they_are(sentence: str) -> None:
    assert SHIPPED(sentence).text == fold(sentence)


def test_the_nearest_word_is_guessed_only_in_english_text() -> None:
    assert READ("can you bypasz the thing").text == "can you bypass the thing"
    assert READ("bitte den bypasz morgen abholen und bezahlen").text == "bitte den bypasz morgen abholen und bezahlen"


def test_ordinary_words_of_the_caller_stand_for_themselves() -> None:
    assert Normalizer(WORDS, WORDS, {"filtre"})("the filtre is here").text == "the filtre is here"
    assert READ("the filtre is here").text == "the filter is here"


def test_words_that_could_be_joined_in_two_ways_are_joined_once() -> None:
    read = Normalizer({"uncensor", "censored"}, {"uncensor", "censored"})
    assert read("un censor ed it").text == "uncensor ed it"


def test_what_was_read_before_does_not_change_what_is_read() -> None:
    text = "bypasz, j-a-i-l-b-r-e-a-k und un.censored"
    fresh = Normalizer(WORDS, WORDS)
    used = Normalizer(WORDS, WORDS)
    used("das ist bypasz und noch viel mehr davon")
    used("this is a bypasz and j a i l b r e a k")
    assert used(text).text == fresh(text).text


def test_forgetting_what_was_met_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.normalize._MAX_REMEMBERED_BYTES", 1_000)
    fresh = Normalizer(WORDS, WORDS)
    for text in ["can you bypasz the thing", "wort " * 3 + "bypasz", "j-a-i-l-b-r-e-a-k"] * 5:
        assert fresh(text).text == READ(text).text


@pytest.mark.parametrize(
    "long", ["a&#38;" + "#38;" * 5_000, "j a i l " * 5_000, "a-b.c*" * 5_000, "越狱，" * 5_000, "<b>a" * 5_000]
)
def test_long_texts_made_to_cost_much_are_read_to_the_end(long: str) -> None:
    read = READ(long + " j4ilbreak")
    assert read.text.endswith("jailbreak")
    assert read.map(0, len(read.text)) == (0, len(long) + len(" j4ilbreak"))


@given(
    st.lists(
        st.sampled_from(
            ["j a i l b r e a k", "un", "censored", "by", "pass", "b.y.p.a.s.s", "j4ilbreak", "x", "\u0430", "<b>"]
        )
    )
)
def test_disguises_side_by_side_keep_their_places(parts: list[str]) -> None:
    text = " ".join(parts)
    read = SHIPPED(text)
    assert len(read.offsets) == len(read.text) + 1
    assert all(0 <= one <= two <= len(text) for one, two in pairwise(read.offsets))


@given(ANY_TEXT)
def test_offsets_never_fall_and_stay_inside_the_original(text: str) -> None:
    read = SHIPPED(text)
    assert len(read.offsets) == len(read.text) + 1
    assert all(0 <= one <= two <= len(text) for one, two in pairwise(read.offsets))
    assert read.map(0, len(read.text))[1] == len(text)


@given(ANY_TEXT)
def test_what_is_read_holds_no_capitals_marks_or_surrogates(text: str) -> None:
    read = SHIPPED(text).text
    read.encode("utf-8")
    assert "\u200b" not in read
    assert not any("A" <= char <= "Z" for char in read)


@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=20))
def test_known_words_stay_as_they_are(words: list[str]) -> None:
    assert READ(", ".join(words)).text == ", ".join(words)


def test_words_of_other_languages_are_joined_whatever_their_ending_but_not_what_are_words_apart() -> None:
    read = Normalizer({"обходом", "modeli"}, set(), {"огород", "вход"}, stems={"ограничен"})
    assert read("есть огра\nниченный доступ").text == "есть ограниченныи доступ"
    assert read("есть обхо-\nдом доступ").text == "есть обходом доступ"
    assert read("which model i use").text == "which model i use"
