"""`nightlight assess` as a process of its own, for docs/performance.md.

`python -m benchmarks.assess start`: how long the classifier takes to load, and the command to judge one post.
`python -m benchmarks.assess posts`: what 100,000 posts of 500 characters cost in time and memory; some minutes. They
are made of corpus texts: one in a hundred is alerting, so that evidence is sought as often as on a busy board.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.page import put
from benchmarks.posts import forum

POSTS = 100_000
STARTS = 5
MAX_MB, MAX_LOAD_S = 400, 2.0
LOAD = (sys.executable, "-c", "from nlp.classifier import Classifier; Classifier.load()")
ASSESS = (sys.executable, "-c", "from pipeline.cli import main; main()", "assess")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of the processor, and the most memory held at once."""

    cpu_s: float
    peak_mb: float


def main() -> None:
    """Measure what is named, print the table, put it into the page."""
    (what,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        table = {"start": starting, "posts": passing}[what](Path(folder) / "posts.jsonl")
    table += f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.\n"
    print(table, end="")
    put(f"python -m benchmarks.assess {what}", table)


def starting(file: Path) -> str:
    """Markdown: of new processes."""
    write(file, 1)
    loads = [run(LOAD, file, 0).cpu_s for _ in range(STARTS)]
    starts = [run(ASSESS, file, 1).cpu_s for _ in range(STARTS)]
    is_met = statistics.median(loads) <= MAX_LOAD_S
    return (
        f"| | CPU seconds, median [low..high] of {STARTS} | goal | met |\n|---|---|---|---|\n"
        f"| classifier imported and loaded | {_spread(loads)} | {MAX_LOAD_S:g} | {_met(is_met)} |\n"
        f"| the whole command with one post | {_spread(starts)} | | |\n"
    )


def passing(file: Path) -> str:
    """Markdown: of one process that judges them all."""
    write(file, POSTS)
    whole = run(ASSESS, file, POSTS)
    return (
        f"| {POSTS:,} posts through one process | measured | goal | met |\n|---|---|---|---|\n"
        f"| most memory: MB | {whole.peak_mb:.0f} | {MAX_MB} | {_met(whole.peak_mb <= MAX_MB)} |\n"
        f"| posts in a CPU second, language and evidence included | {POSTS / whole.cpu_s:,.0f} | | |\n"
    )


def write(file: Path, posts: int) -> None:
    """So many posts, as the command reads them."""
    with file.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(forum(posts)):
            lines.write(json.dumps({"id": str(number), "text": text}) + "\n")


def run(command: Sequence[str], file: Path, posts: int) -> Run:
    """Give the file to a new process. Raises: RuntimeError: it failed, or didn't answer each post."""
    with file.open("rb") as source, tempfile.TemporaryFile() as answers:
        process = subprocess.Popen(command, stdin=source, stdout=answers, cwd=Path(__file__).resolve().parents[1])
        _, status, used = os.wait4(process.pid, 0)
        answers.seek(0)
        if status or sum(1 for _ in answers) != posts:
            raise RuntimeError(f"{command[-1]} ended with {status}, or left posts out")
    return Run(used.ru_utime + used.ru_stime, _mb(used))


def _mb(used: resource.struct_rusage) -> float:
    """Linux counts in KiB, macOS in bytes."""
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _spread(taken: Sequence[float]) -> str:
    return f"{statistics.median(taken):.2f} [{min(taken):.2f}..{max(taken):.2f}]"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


if __name__ == "__main__":
    main()
