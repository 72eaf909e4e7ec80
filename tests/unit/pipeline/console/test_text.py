"""Others' text on a page: escaped, nothing invisible, markup from one function only."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from pipeline.console.text import defanged, excerpt, marked, visible

TEXTS = st.text(st.characters(), max_size=60) | st.text("<>&\"'{}% \n\u202e\u200b\x00ab", max_size=60)
PLACES = st.integers(-5, 70)
TERMS = st.lists(st.tuples(PLACES, PLACES), max_size=5)
REASONS = st.lists(st.tuples(PLACES, PLACES, st.sampled_from(["offers-bypass", '"><script>', "wording"])), max_size=5)
NUMBERS = {"offers-bypass": 1, "wording": 2}


def without_marks(markup: str) -> str:
    """The page's words: our own marks and references taken out, nothing else."""
    bare = re.sub(r'<a class="ref" href="#reason-\d+"><span class="vh">reason </span>\d+</a>', "", markup)
    return re.sub(r'<mark class="(?:term|reason)">|</mark>', "", bare)


@given(TEXTS, TERMS, REASONS)
def test_without_its_marks_a_text_is_its_escaped_self(
    text: str, terms: list[tuple[int, int]], reasons: list[tuple[int, int, str]]
) -> None:
    assert without_marks(marked(text, terms, reasons, NUMBERS)) == escape(visible(text))


@given(TEXTS)
def test_nothing_invisible_reaches_a_page(text: str) -> None:
    shown = visible(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", shown)
    shown.encode()  # no lone surrogate is left


def test_hidden_characters_are_named() -> None:
    assert visible("a\u202eb\x00c\u200bd") == "a⟨U+202E⟩b⟨U+0000⟩c⟨U+200B⟩d"
    assert visible("two\nlines\tand й 漢 🙂") == "two\nlines\tand й 漢 🙂"


def test_marks_nest_and_end_in_the_number_of_their_reason() -> None:
    markup = marked("wording for Lumen here", [(12, 17)], [(0, 17, "offers-bypass")], NUMBERS)
    assert markup == Markup(
        '<mark class="reason">wording for </mark><mark class="reason"><mark class="term">Lumen</mark></mark>'
        '<a class="ref" href="#reason-1"><span class="vh">reason </span>1</a> here'
    )


@given(TEXTS, TERMS)
def test_an_excerpt_is_part_of_the_text(text: str, terms: list[tuple[int, int]]) -> None:
    bare = without_marks(excerpt(text, terms, width=20)).removeprefix("…").removesuffix("…")
    assert bare in escape(visible(text.replace("\n", " ")))


def test_an_excerpt_shows_the_first_mark() -> None:
    text = "before " * 100 + "the lamp is lit " + "after " * 100
    place = text.index("lamp")
    found = excerpt(text, [(place, place + 4)])
    assert '<mark class="term">lamp</mark>' in found
    assert found.startswith("…")
    assert len(found) < 300


def test_addresses_cannot_be_followed() -> None:
    assert defanged("http://a.b.onion/t/4.html#1") == "hxxp://a[.]b[.]onion/t/4.html#1"
    assert defanged("https://x.example") == "hxxps://x[.]example"
    assert defanged("x.example") == "x[.]example"


def test_only_one_module_makes_markup() -> None:
    console = Path("pipeline/console")
    makers = [p.name for p in console.rglob("*.py") if re.search(r"\bMarkup\(", p.read_text())]
    assert makers == ["text.py"]
    templates = [p.read_text() for p in console.rglob("*.html")]
    assert templates
    assert not [t for t in templates if re.search(r"\|\s*safe\b|autoescape|<script|\bon\w+=|style=", t)]
