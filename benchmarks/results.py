"""Results: what one work took, on every side."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from works import Work


@dataclass
class Result:
    """Seconds of a step by side, one a round, and peak resident memory in MiB."""

    work: Work
    times: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def ratio(self, side: str) -> Ratio:
        """How nnfs's time compares with a side's: of each round one ratio."""
        pairs = zip(self.times["nnfs"], self.times[side], strict=True)
        return Ratio.of([ours / theirs for ours, theirs in pairs])

    def memory_ratio(self, side: str) -> float:
        return self.memory["nnfs"] / self.memory[side]


@dataclass(frozen=True)
class Ratio:
    """The median of some rounds' ratios, the least and the largest."""

    median: float
    least: float
    largest: float

    @classmethod
    def of(cls, ratios: list[float]) -> Ratio:
        return cls(statistics.median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.largest:.2f})"
