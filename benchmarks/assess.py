"""`python -m benchmarks.assess`: `nightlight assess` as a process of its own, for docs/performance.md.

How long the classifier takes to load, and what 100,000 posts of 500 characters cost in time and memory. The posts are
made of corpus texts: one in a hundred is alerting, so that evidence is sought as often as on a busy board.
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
    """Measure, print the table, put it into the page."""
    with tempfile.TemporaryDirectory() as folder:
        none, one, many = (Path(folder) / f"{count}.jsonl" for count in (0, 1, POSTS))
        for file in (none, one, many):
            write(file, int(file.stem))
        loads = [run(LOAD, none, 0) for _ in range(STARTS)]
        starts = [run(ASSESS, one, 1) for _ in range(STARTS)]
        table = rendered(loads, starts, run(ASSESS, many, POSTS))
    print(table, end="")
    put("python -m benchmarks.assess", table)


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


def rendered(loads: Sequence[Run], starts: Sequence[Run], whole: Run) -> str:
    """Markdown."""
    load, start = (statistics.median(each.cpu_s for each in runs) for runs in (loads, starts))
    per_second = (POSTS - 1) / (whole.cpu_s - start)
    head = ["| | measured | goal | met |", "|---|---|---|---|"]
    rows = [
        f"| classifier imported and loaded: CPU seconds | {_spread(loads)} | {MAX_LOAD_S:g} "
        f"| {_met(load <= MAX_LOAD_S)} |",
        f"| the whole command with one post: CPU seconds | {_spread(starts)} | | |",
        f"| most memory while {POSTS:,} posts pass: MB | {whole.peak_mb:.0f} | {MAX_MB} "
        f"| {_met(whole.peak_mb <= MAX_MB)} |",
        f"| posts judged in a CPU second, language and evidence included | {per_second:,.0f} | | |",
    ]
    note = f"Median [low..high] of {STARTS} starts. {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    return "\n".join([*head, *rows, "", note, ""])


def _spread(runs: Sequence[Run]) -> str:
    taken = sorted(run.cpu_s for run in runs)
    return f"{statistics.median(taken):.2f} [{taken[0]:.2f}..{taken[-1]:.2f}]"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


if __name__ == "__main__":
    main()
