"""Runs candidate and reference alternately and judges the median of the rounds' ratios, in CPU seconds."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Result:
    """How many times the reference's speed the candidate has: median over rounds, with the lowest and the highest."""

    name: str
    reference: str
    goal: float
    median: float
    low: float
    high: float

    def row(self) -> str:
        """A row of the table."""
        met = "yes" if self.median >= self.goal else "no"
        return (
            f"| {self.name} | {self.reference} | {self.median:.2f} [{self.low:.2f}..{self.high:.2f}] "
            f"| {self.goal:g} | {met} |"
        )


def compare(
    name: str, candidate: Callable[[], object], reference: Callable[[], object], against: str, goal: float
) -> Result:
    """Measure both in turn; each gets one unmeasured warm-up."""
    candidate()
    reference()
    ratios = []
    for _ in range(ROUNDS):
        ratios.append(_cpu(reference) / max(_cpu(candidate), 1e-9))
    return Result(name, against, goal, statistics.median(ratios), min(ratios), max(ratios))


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
