"""What the demo forum serves that is no text: small, but real files, made here so that none has to be stored."""

import struct
import zlib
from dataclasses import dataclass

_GIF = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")
_JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(2_000) + b"\xff\xd9"
_MP4 = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d") + bytes(8_000)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_ZIP = b"PK\x05\x06" + bytes(18)


@dataclass(frozen=True, slots=True)
class Media:
    """content_type: what the server claims, which for a gallery page is a lie."""

    content_type: str
    body: bytes


def media_at(path: str) -> Media | None:
    """The file at a path of the forum, or None where there is none. Gallery pages claim to be HTML and are a PNG."""
    if path == "/download/file.php":
        return Media("image/png", png(64))
    if path.startswith("/gallery/"):
        return Media("text/html; charset=utf-8", png(256))
    if not path.startswith(("/files/", "/images/")):
        return None
    return _BY_ENDING.get(path.rpartition(".")[2])


def png(side: int) -> bytes:
    """A grey picture of side × side pixels."""
    rows = b"".join(b"\x00" + bytes((x * y) % 251 for x in range(side)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_BY_ENDING = {
    "png": Media("image/png", png(96)),
    "gif": Media("image/gif", _GIF),
    "jpg": Media("image/jpeg", _JPEG),
    "mp4": Media("video/mp4", _MP4),
    "pdf": Media("application/pdf", _PDF),
    "zip": Media("application/zip", _ZIP),
}
