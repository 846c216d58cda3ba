"""Several trainings of one config as a band: mean, lowest and highest value at each epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

History = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Band:
    """Over the epochs that all of ``count`` trainings have."""

    epochs: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]
    count: int


def band_of(histories: Sequence[History], column: str) -> Band | None:
    """The band of a column; where a value is not finite the band has a gap. None of no training."""
    known = [rows for rows in histories if rows and column in rows[0]]
    if not known:
        return None
    length = min(map(len, known))
    epochs = [row["epoch"] for row in known[0][:length]]
    columns = [[rows[at][column] for rows in known] for at in range(length)]
    means = [math.fsum(v) / len(v) if all(map(math.isfinite, v)) else math.nan for v in columns]
    lows, highs = [min(values) for values in columns], [max(values) for values in columns]
    return Band(epochs, means, lows, highs, len(known))
