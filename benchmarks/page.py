"""docs/performance.md: each table in it is printed by a command."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/performance.md"


def put(command: str, table: str) -> None:
    """Replace the table that this command made before. Raises: ValueError when the page has no place for it."""
    place = re.compile(f"(<!-- table: {re.escape(command)} -->\n).*?(<!-- end -->\n)", re.DOTALL)
    text, count = place.subn(lambda marks: marks[1] + table + marks[2], PAGE.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{PAGE.name} needs one place for the table of `{command}`; see the marks of the others")
    PAGE.write_text(text, encoding="utf-8")
