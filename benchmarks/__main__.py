"""`make bench`: runs every comparison, prints the table, and puts it into docs/performance.md."""

import os

from benchmarks.harness import ROUNDS
from benchmarks.page import put
from benchmarks.stages import agreement, results


def table() -> str:
    """Markdown; every figure is a ratio measured in this very run."""
    head = [
        f"| stage | reference | × its speed, median [low..high] of {ROUNDS} rounds | goal | met |",
        "|---|---|---|---|---|",
    ]
    rows = [result.row() for result in results()]
    return "\n".join([*head, *rows, "", agreement(), f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.", ""])


def main() -> None:
    found = table()
    print(found, end="")
    put("make bench", found)


if __name__ == "__main__":
    main()
