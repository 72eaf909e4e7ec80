"""Characters of a page, whatever it declares."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.document import decode

TEXT = "<p>Größe – Юлия 通勤</p>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), "text/html; charset=utf-8"),
        (TEXT.encode(), "text/html"),
        (TEXT.encode(), "text/html; charset=no-such-thing"),
        (TEXT.encode(), "text/html; charset=utf-7"),
        (codecs.BOM_UTF8 + TEXT.encode(), "text/html; charset=cp1251"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "text/html; charset=utf-8"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
    ],
)
def test_the_characters_are_found_whatever_is_declared(body: bytes, content_type: str) -> None:
    assert decode(body, content_type) == TEXT


def test_utf16_without_a_mark_is_seen_by_its_zeros() -> None:
    assert decode("<p>plain words</p>".encode("utf-16-le")) == "<p>plain words</p>"


def test_a_declared_charset_is_used_and_a_wrong_one_passed_over() -> None:
    assert decode("Юлия".encode("cp1251"), "text/html; charset=windows-1251") == "Юлия"
    assert decode(b'<meta charset="windows-1251">' + "Юлия".encode("cp1251")).endswith("Юлия")
    assert decode("Größe".encode("cp1252"), "text/html; charset=utf-8") == "Größe"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_have_characters(body: bytes, charset: str) -> None:
    assert isinstance(decode(body, f"text/html; charset={charset}"), str)
