"""Finds media at rest: by their first bytes anywhere in a file, as data: addresses, and inside base64."""

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

_SIGNS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"GIF89a", b"GIF87a", b"%PDF-", b"PK\x03\x04")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
_DATA = re.compile(rb"data:(?:image|video|audio|application)/[a-z0-9.+-]+[;,]", re.I)


def media_at_rest(folder: Path) -> list[str]:
    """Names of files under the folder that hold media in any of these forms."""
    return sorted({str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and _holds(path)})


def _holds(path: Path) -> bool:
    content = path.read_bytes()
    return bool(_DATA.search(content)) or any(sign in part for part in _parts(content) for sign in _SIGNS)


def _parts(content: bytes) -> Iterator[bytes]:
    yield content
    for run in _BASE64.findall(content):
        try:
            yield base64.b64decode(run[: len(run) // 4 * 4])
        except binascii.Error:
            continue
