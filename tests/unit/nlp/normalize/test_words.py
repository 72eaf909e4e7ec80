"""Which known word a token hides."""

import pytest

from nlp.normalize.folding import english, fold
from nlp.normalize.words import Vocabulary, replaced

WORDS = {"jailbreak", "jailbreaks", "uncensored", "bypass", "filter", "guardrails"}
FOREIGN = {"обход", "фильтр", "debride"}
VOCABULARY = Vocabulary(WORDS | FOREIGN, WORDS, english())


def read(token: str, *, is_english: bool = True) -> str:
    return replaced(token, VOCABULARY.repairs(token, is_english))


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("(j4ilbr3ak!)", "(jailbreak!)"),
        ("f1lter", "filter"),
        ("fi1ter", "filter"),
        ("|3yp@$$", "bypass"),
        ("jai|_bre/\\|<s", "jailbreaks"),
        ("byp**s", "bypass"),
        ("jlbrk", "jailbreak"),
        ("gaurdrials", "guardrails"),
        ("unsensord", "uncensored"),
        ("ssapyb", "bypass"),
        ("olcnff", "bypass"),
        ("czqbtt", "bypass"),  # moved along the alphabet by one
        ("jreabialk", "jailbreak"),
        ("un<b>cen</b>sored", "uncensored"),
        ("by&#112;ass", "bypass"),
        ("g.u.a.r.d.r.a.i.l.s", "guardrails"),
        ("#jailbreakprompt", "#jailbreak prompt"),
        ("о-б-х-о-д", "обход"),
        ("oбxoд", "обход"),  # Latin o and x
        ("d.e.b.r.i.d.e", "debride"),
    ],
)
def test_a_known_word_is_found(token: str, shown: str) -> None:
    assert read(token) == shown


@pytest.mark.parametrize(
    "token",
    [
        "filters",
        "filtering",
        "unfilter",
        "jailbreakable",
        "well-known",
        "doesn't",
        "l'assistant",
        "12:30",
        "v1.2.3",
        "gpt-4o",
        "https://lumen.test/j41lbr34k",
        "**filter**",
        "debridee",
        "обходной",
        "lint",
    ],
)
def test_what_stands_for_itself_is_left_alone(token: str) -> None:
    assert read(token) == token


def test_letters_alone_are_guessed_only_where_asked() -> None:
    assert read("bypasz") == "bypass"
    assert read("bypasz", is_english=False) == "bypasz"
    assert read("byp@sz", is_english=False) == "bypass", "marks inside are no ordinary writing"


def test_words_without_english_among_them_are_found_by_their_letters_only() -> None:
    assert read("debrids") == "debrids"
    assert read("фильрт") == "фильрт"


def test_letters_spell_more_than_one_word() -> None:
    assert VOCABULARY.spelled("j a i l b r e a k  t h e  f i l t e r") == "jailbreak the filter"
    assert VOCABULARY.spelled("x y z w") is None


def test_words_of_other_signs_than_letters_are_known_as_they_are() -> None:
    other = Vocabulary({"a.b|c", "jail break", "c++xx"}, {"a.b|c", "jail break", "c++xx"}, english())
    assert other.mistyped == frozenset()
    assert replaced("c++xx", other.repairs("c++xx", is_english=True)) == "c++xx"


FORMS = {"фильтров", "обход", "модерации", "desbloquear", "verweigert", "الكلمات"}
ELSEWHERE = Vocabulary(FORMS, set(), english() | {"модераторы"}, {"цензур", "desactiv", "kapatt"})


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("филтьров", "фильтров"),
        ("фиильттров", "фильтров"),
        ("воргадом", "воргадом"),  # turned round no known word
        ("вортьлиф", "фильтров"),
        ("об*од", "обход"),
        ("фильsтров", "фильтров"),
        ("фульров", "фульров"),  # two errors
        ("desblouquear", "desbloquear"),
        ("dsblqr", "desbloquear"),
        ("verweigrt", "verweigert"),
        ("verweigern", "verweigern"),  # another form
        ("модераторы", "модераторы"),
        ("ц.е.н.з.у.р.о.й", "цензурои"),
        ("це**урой", "цензурои"),
        ("d.e.s.a.c.t.i.v.o.u", "desactivou"),
        ("kaaappattim", "kapattim"),
        ("والكلمات", "والكلمات"),  # a particle written with the word
    ],
)
def test_words_of_other_languages_are_found_with_one_letter_wrong_or_any_ending(token: str, shown: str) -> None:
    assert replaced(fold(token), ELSEWHERE.repairs(fold(token), is_english=False)) == shown
