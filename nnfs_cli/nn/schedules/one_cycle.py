"""One cycle: up to a high learning rate, then down to almost nothing."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.components.renamed import Formerly
from nnfs_cli.nn.schedule import History, Schedule


@schedule("one_cycle")
class OneCycle(Schedule):
    """From ``start`` up to 1 over a fraction ``pct_start`` of the training, then down to ``final``.

    Both ways along half a cosine. The optimizer's lr is the highest one. The defaults are
    PyTorch's (start 1 / 25, final 1 / 250,000).
    Smith and Topin, "Super-Convergence", 2017, arXiv:1708.07120.
    """

    pct_start: Annotated[float, Formerly("rise")] = Field(
        default=0.3, gt=0.0, lt=1.0, description="fraction of the training spent rising"
    )
    start: float = Field(default=0.04, gt=0.0, le=1.0, description="factor of the first step")
    final: float = Field(default=4e-6, ge=0.0, le=1.0, description="factor of the last step")

    uses_horizon: ClassVar[bool] = True

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """A cosine from start to 1, then one from 1 to final."""
        peak, last = self.pct_start * total_steps - 1.0, total_steps - 1.0
        if step <= peak:
            return between(self.start, 1.0, step / peak if peak > 0.0 else 1.0)
        peak = max(peak, 0.0)
        return between(1.0, self.final, min((step - peak) / max(last - peak, 1.0), 1.0))


def between(start: float, end: float, fraction: float) -> float:
    """From ``start`` to ``end`` along half a cosine, as ``fraction`` goes from 0 to 1."""
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * fraction))
