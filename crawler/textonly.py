"""The guard that lets text through and nothing else: response headers first, then the first bytes, then the size."""

import zlib
from collections.abc import Mapping

from crawler.errors import Refused

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a page, unpacked; the largest forum page measured was 70 kB."""

SNIFF = 512
TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})

MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00", b"8BPS",
    b"%PDF", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd", b"\x1aE\xdf\xa3", b"OggS", b"ID3", b"fLaC", b"\xff\xfb", b"\x7fELF", b"MZ\x90",
    b"\xd0\xcf\x11\xe0", b"\x00\x00\x00\x0cjP",
)  # fmt: skip
"""First bytes of images, documents, archives, sound, film and programs."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class NotText(Refused):
    """The body isn't text; it was cut where that became clear.

    media_bytes: bytes of the body that had reached this process by then.
    """

    def __init__(self, reason: str, content_type: str = "", media_bytes: int = 0) -> None:
        super().__init__(reason)
        self.content_type = content_type
        self.media_bytes = media_bytes


def check_headers(headers: Mapping[str, str]) -> str:
    """The media type, when the headers promise text of a bearable size.

    Raises: NotText, before any byte of the body is read.
    """
    kind = headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind not in TEXT_TYPES:
        raise NotText(f"The body is {kind or 'of no declared type'}, not text; it was cut at the headers", kind)
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise NotText("The body is packed in a way that wasn't offered; it was cut at the headers", kind)
    length = headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise NotText(f"The body declares more than {MAX_BODY} bytes; it was cut at the headers", kind)
    if "attachment" in headers.get("Content-Disposition", "").lower():
        raise NotText("The body is an attachment; it was cut at the headers", kind)
    return kind


def is_binary(head: bytes) -> bool:
    """Do the first bytes belong to an image, a document, an archive, sound, film or a program?

    NUL bytes give binary data away, except in UTF-16 text, which begins with its byte order mark.
    """
    marked = head.removeprefix(b"\xef\xbb\xbf")
    body = (marked[2:] if marked.startswith(_UTF16_MARKS) else marked).lstrip(b" \r\n\t")
    if body.startswith(MAGIC) or body[4:8] == b"ftyp":
        return True
    return b"\x00" in head and not head.startswith(_UTF16_MARKS)


class Gate:
    """Takes a body chunk by chunk and gives its text bytes back, unpacked; stops at the first sign of anything else."""

    def __init__(self, content_type: str, packed: bool) -> None:
        self._kind = content_type
        self._unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed else None
        self._received = 0
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Raises: NotText for binary data, a broken package, or more than MAX_BODY bytes, packed or unpacked."""
        self._received += len(chunk)
        self._body += self._unpacked(chunk)
        if max(self._received, len(self._body)) > MAX_BODY:
            raise NotText(f"The body is longer than {MAX_BODY} bytes; it was cut there", self._kind)
        if is_binary(bytes(self._body[:SNIFF])):
            raise NotText("The body claims to be text and isn't; it was cut at its first bytes", self._kind, len(chunk))

    def body(self) -> bytes:
        """The whole text. Raises: NotText when binary data hides behind the first bytes."""
        if b"\x00" in (self._as_utf16() if self._body.startswith(_UTF16_MARKS) else self._body):
            raise NotText("The body holds binary data; it was dropped", self._kind, self._received)
        return bytes(self._body)

    def _as_utf16(self) -> bytes:
        """The body in UTF-8 if it is what its byte order mark says; binary data are no UTF-16."""
        try:
            return self._body.decode("utf-16").encode()
        except UnicodeDecodeError:
            return b"\x00"

    def _unpacked(self, chunk: bytes) -> bytes:
        if self._unpack is None:
            return chunk
        try:
            # one byte more than is allowed shows a bomb without letting it grow
            unpacked = self._unpack.decompress(chunk, MAX_BODY + 1 - len(self._body))
        except zlib.error as error:
            raise NotText("The body's gzip package is broken; it was cut there", self._kind, len(chunk)) from error
        if self._unpack.unused_data:
            raise NotText("Something follows the body's gzip package; it was cut there", self._kind, len(chunk))
        return unpacked
