"""Pages whose tables are printed by a command, most of them in docs/performance.md."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/performance.md"


def put(command: str, table: str, page: Path = PAGE) -> None:
    """Replace the table that this command made before. Raises: ValueError when the page has no place for it."""
    place = re.compile(f"(<!-- table: {re.escape(command)} -->\n).*?(<!-- end -->\n)", re.DOTALL)
    text, count = place.subn(lambda marks: marks[1] + table + marks[2], page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page.name} needs one place for the table of `{command}`; see the marks of the others")
    page.write_text(text, encoding="utf-8")
