"""Losses and metrics as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnfs_cli.statistics import Estimate

PERCENTAGES = ("accuracy", "subset_accuracy", "precision", "recall", "f1", "top_")
FRACTIONS = (*PERCENTAGES, "roc_auc", "average_precision", "hamming_loss")
"""Metrics between 0 and 1."""
ERRORS = ("mse", "rmse", "mae")
"""Metrics that are 0 or more."""
LONGEST = 12
"""Characters of a number before it is written with an exponent."""
WIDEST = 8
"""Characters of a number in the table of epochs before it is written with an exponent."""


def figure(name: str, value: float) -> str:
    """A metric by its name: fractions in percent, others as numbers."""
    if math.isnan(value) and not name.endswith("loss"):
        return "undefined"
    return percent(value) if name.startswith(PERCENTAGES) else number(value)


def number(value: float) -> str:
    """Four digits behind the point; where that would be long, six significant ones."""
    text = f"{value:.4f}"
    return text if len(text) <= LONGEST else f"{value:.6g}"


def percent(value: float) -> str:
    """A fraction: ``98.31 %``."""
    return "undefined" if math.isnan(value) else f"{100 * value:.2f} %"


def is_fraction(name: str) -> bool:
    """Whether a metric lies between 0 and 1."""
    return name.startswith(FRACTIONS)


def rounded(value: float) -> str:
    """A fraction: ``0.9831``."""
    return f"{value:.4f}"


def significant(value: float) -> str:
    """Four significant digits: ``0.01234``, ``123.4``, ``1.235e4``."""
    text = f"{value:#.4g}".rstrip(".")
    if math.isfinite(value) and ("e" in text or len(text) > WIDEST):
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return text


def duration(seconds: float) -> str:
    """``21.6 s``, ``3:05``, ``1:02:05``."""
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def interval_text(name: str, found: Estimate | None) -> str:
    """The interval of a figure's mean; that of a fraction ends at 0 and 1, as the mean must, and
    that of an error at 0, and of a loss that was never below. ``-`` where there is none."""
    if found is None or found.low is None or found.high is None:
        return "-"
    low, high, own = found.low, found.high, re.sub("^(train|val|test)_", "", name)
    if own.startswith((*FRACTIONS, *ERRORS)) or (own == "loss" and found.least >= 0):
        low = max(low, 0.0)
    if own.startswith(FRACTIONS):
        high = min(high, 1.0)
    return f"{number(low)} to {number(high)}"


def figures_text(record: Mapping[str, float]) -> str:
    """Several in a line: ``train_loss 0.1234  val_loss 0.2345``."""
    return "  ".join(f"{name} {number(value)}" for name, value in record.items())


def sizes_text(sizes: Mapping[str, int]) -> str:
    """How many samples there are in each split: ``55,000 training, 5,000 validation``."""
    return ", ".join(
        f"{n:,} {'training' if name == 'train' else name}" for name, n in sizes.items()
    )


def cell_text(value: Any) -> str:
    """A value in a table."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return number(value) if math.isfinite(value) else "-"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def cut(text: str, room: int) -> str:
    """Text that may have ``room`` characters: what is too long ends in ``...``."""
    return text if len(text) <= room else text[: room - 3] + "..."


def one_line(text: str) -> str:
    """Text for a comment, which a line break or a control character would end."""
    return "".join(c if c.isprintable() else " " for c in text)


def some(words: Sequence[str]) -> str:
    """The first of them, for a sentence."""
    return ", ".join(words[:8]) + ", ..." * (len(words) > 8)
