"""`make bench`: runs every comparison, prints the table, and puts it into docs/performance.md."""

import os
from pathlib import Path

from benchmarks.harness import ROUNDS
from benchmarks.stages import results

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
MARK = "<!-- table: make bench -->\n"


def table() -> str:
    """Markdown; every figure is a ratio measured in this very run."""
    head = [
        f"| stage | reference | × its speed, median [low..high] of {ROUNDS} rounds | goal | met |",
        "|---|---|---|---|---|",
    ]
    rows = [result.row() for result in results()]
    return "\n".join([*head, *rows, "", f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.", ""])


def main() -> None:
    found = table()
    print(found, end="")
    PAGE.write_text(PAGE.read_text(encoding="utf-8").split(MARK)[0] + MARK + found, encoding="utf-8")


if __name__ == "__main__":
    main()
