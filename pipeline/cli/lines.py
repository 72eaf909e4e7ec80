"""JSON lines from standard input, with errors that name the line."""

import json
from collections.abc import Iterable, Iterator

from nlp.assessment import Text
from pipeline.errors import BadInput


def read_texts(lines: Iterable[str]) -> Iterator[tuple[str, Text]]:
    """(id, text) from lines {id, text, title?}.

    Raises: BadInput with the line's number; its words are never repeated.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"Line {number} isn't JSON; each line must be an object {{id, text, title?}}") from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "id" not in row:
            raise BadInput(f"Line {number} lacks id or text; each line must be an object {{id, text, title?}}")
        title = row.get("title") or ""
        yield str(row["id"]), Text(row["text"], title if isinstance(title, str) else "")
