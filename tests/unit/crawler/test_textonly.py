"""Only text passes: by header, by first bytes, by size."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.textonly import MAGIC, MAX_BODY, Gate, NotText, check_headers, is_binary

FORUM_WORDS = "<!doctype html><p>words</p>"


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", "text/plain"])
def test_text_passes(kind: str) -> None:
    assert check_headers({"Content-Type": kind}) == kind.split(";")[0].lower()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "image/svg+xml"},
        {"Content-Type": "text/css"},
        {"Content-Type": "multipart/mixed"},
        {"Content-Type": "text/html", "Content-Encoding": "br"},
        {"Content-Type": "text/html", "Content-Encoding": "gzip, gzip"},
        {"Content-Type": "text/html", "Content-Length": str(MAX_BODY + 1)},
        {"Content-Type": "text/html", "Content-Length": "-1"},
        {"Content-Type": "text/html", "Content-Disposition": "Attachment; filename=a.html"},
    ],
)
def test_headers_of_anything_else_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotText, match="cut at the headers"):
        check_headers(headers)


@pytest.mark.parametrize("magic", MAGIC)
@pytest.mark.parametrize("lead", [b"", b"\r\n ", b"\xef\xbb\xbf"])
def test_first_bytes_give_media_away(magic: bytes, lead: bytes) -> None:
    assert is_binary(lead + magic + b"rest")
    with pytest.raises(NotText):
        Gate("text/html", packed=False).feed(lead + magic + b"rest")


def test_a_film_is_known_by_its_fifth_byte() -> None:
    assert is_binary(b"\x00\x00\x00\x18ftypmp42")
    assert is_binary(b"abcdftypmp42")


@pytest.mark.parametrize("text", ["ordinary", "", "BMX riders and Midnight MZ words", FORUM_WORDS, "Привет"])
def test_words_are_no_media(text: str) -> None:
    assert not is_binary(text.encode())
    assert not is_binary(b"\xff\xfe" + text.encode("utf-16-le"))


def test_a_nul_far_down_drops_the_whole_body() -> None:
    gate = Gate("text/html", packed=False)
    gate.feed(b"a" * 4096 + b"\x00")
    with pytest.raises(NotText, match="binary"):
        gate.body()


def test_a_body_ends_at_its_limit() -> None:
    gate = Gate("text/html", packed=False)
    gate.feed(b"a" * MAX_BODY)
    assert len(gate.body()) == MAX_BODY
    with pytest.raises(NotText, match="longer"):
        gate.feed(b"a")


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=2000), st.integers(1, 99))
def test_packed_text_comes_back_whole_in_whatever_chunks(text: str, size: int) -> None:
    body = ("<p>" + text).encode()
    packed = gzip.compress(body)
    gate = Gate("text/html", packed=True)
    for start in range(0, len(packed), size):
        gate.feed(packed[start : start + size])
    assert gate.body() == body


def test_what_follows_the_packed_text_is_cut() -> None:
    gate = Gate("text/html", packed=True)
    gate.feed(gzip.compress(b"<p>words"))
    assert gate.body() == b"<p>words"
    with pytest.raises(NotText, match="follows"):
        gate.feed(b"\x89PNG" + b"a" * 4096)


def test_a_package_that_unpacks_to_nothing_ends_at_the_limit_too() -> None:
    squeeze = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    gate = Gate("text/html", packed=True)
    gate.feed(squeeze.compress(b"") + squeeze.flush(zlib.Z_FULL_FLUSH))
    empty = b"\x00\x00\x00\xff\xff" * 1000  # stored blocks of no length (RFC 1951)
    for _ in range(MAX_BODY // len(empty)):
        gate.feed(empty)
    with pytest.raises(NotText, match="longer"):
        gate.feed(empty)


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark_lets_no_binary_data_through(mark: bytes) -> None:
    with pytest.raises(NotText, match="first bytes"):
        fed(mark + b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 64)
    for data in (bytes(range(256)) * 4, b"a\x00\x00\x00" * 600, b"\x00\xdc" * 600 + b"\xdc\x00" * 600):
        with pytest.raises(NotText, match="binary"):
            fed(mark + data, 64)
    coding = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    text = mark + (FORUM_WORDS + "Привет 🙂").encode(coding)
    assert fed(text, 3) == text


def fed(body: bytes, size: int) -> bytes:
    """What the gate gives back for a body that comes in chunks of this size."""
    gate = Gate("text/html", packed=False)
    for start in range(0, len(body), size):
        gate.feed(body[start : start + size])
    return gate.body()


@given(st.binary(max_size=300), st.sampled_from(MAGIC), st.integers(1, 64))
def test_media_are_found_in_whatever_chunks(rest: bytes, magic: bytes, size: int) -> None:
    with pytest.raises(NotText) as caught:
        fed(magic + rest, size)
    assert 0 < caught.value.media_bytes <= len(magic + rest)
