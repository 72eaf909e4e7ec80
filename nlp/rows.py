"""Labelled rows from a file of JSON lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import Corrupt

_OPTIONAL = ("title", "kind", "language", "thread", "writer", "source")


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One labelled text of a user's file.

    label: 1 or 0. kind: the user's own word for what it is. language: ISO 639-1. thread, writer, source: where it
    stands and whose it is. All words but the text are "" where the file doesn't say.
    """

    id: str
    text: str
    title: str
    label: int
    kind: str
    language: str = ""
    thread: str = ""
    writer: str = ""
    source: str = ""


def read_rows(file: Path) -> Iterator[LabelledRow]:
    """The rows {id, text, label, kind?, title?, language?, thread?, writer?, source?}, blank lines left out.

    Raises: Corrupt: the file can't be read, or a line isn't such a row; the message names the line, never its text.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        raise Corrupt(f"{file} can't be read; name a file of JSON lines.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _row(line, f"Line {number} of {file}")


def _row(line: bytes, where: str) -> LabelledRow:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise Corrupt(f"{where} isn't JSON; correct or remove it.") from None
    if not isinstance(fields, dict):
        raise Corrupt(f"{where} isn't a JSON object; write one object a line.")
    label = fields.get("label")
    if isinstance(label, bool) or label not in (0, 1):
        raise Corrupt(f"{where} has no label 0 or 1; correct it.")
    return LabelledRow(
        id=str(fields.get("id", "")),
        text=_text(fields, "text", where, required=True),
        label=int(label),
        **{name: _text(fields, name, where) for name in _OPTIONAL},
    )


def _text(fields: dict[str, Any], name: str, where: str, *, required: bool = False) -> str:
    value = fields.get(name) if required else fields.get(name) or ""
    if not isinstance(value, str):
        raise Corrupt(f"{where} has no text as {name!r}; correct it.")
    return value
