"""Looks for media at rest: what the crawler must never have left anywhere."""

import base64
import binascii
import re
from pathlib import Path

MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"\xff\xd8\xff\xe1",
    b"GIF87a",
    b"GIF89a",
    b"%PDF-",
    b"PK\x03\x04",
    b"OggS\x00",
)
DATA_URI = re.compile(rb"data:(?:image|video|audio|application)/[\w.+-]+[;,][\w.+/=%;,-]*", re.IGNORECASE)
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")


def media_at_rest(folder: Path) -> dict[str, int]:
    """File name → bytes of media in it, of the files below the folder that hold any, in whatever form."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = {str(path.relative_to(folder)): media_bytes_in(path.read_bytes()) for path in files}
    return {name: size for name, size in sizes.items() if size}


def media_bytes_in(content: bytes) -> int:
    """Bytes that are, or carry, media: from a magic number to the end, or the length of a data: URI or base64 run."""
    found = [content.find(magic) for magic in MAGIC]
    plain = max((len(content) - at for at in found if at >= 0), default=0)
    uris = sum(len(match[0]) for match in DATA_URI.finditer(content))
    runs = sum(len(match[0]) for match in BASE64_RUN.finditer(content) if _hides_media(match[0]))
    return plain + uris + runs


def _hides_media(run: bytes) -> bool:
    try:
        content = base64.b64decode(run[: len(run) // 4 * 4])
    except binascii.Error:
        return False
    return any(magic in content for magic in MAGIC)
