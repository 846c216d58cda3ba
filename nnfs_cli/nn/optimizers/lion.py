"""Lion."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import Optimizer


@optimizer("lion")
class Lion(Optimizer):
    """Steps of exactly lr in every coordinate: only the momentum's sign counts.

    w -= lr · sign(β₁ m + (1 - β₁) g), then m = β₂ m + (1 - β₂) g. Weight decay is decoupled. The
    best lr is 3 to 10 times smaller than AdamW's, the best weight decay as much larger.
    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, arXiv:2302.06675.
    """

    lr: float = Field(default=1e-4, gt=0.0, le=1e6, description="learning rate: the size of a step")
    beta_1: float = Field(
        default=0.9, ge=0.0, lt=1.0, description="weight of the momentum in the step"
    )
    beta_2: float = Field(default=0.99, ge=0.0, lt=1.0, description="memory of the momentum")

    slots: ClassVar[tuple[str, ...]] = ("gradient_mean",)
    decoupled: ClassVar[bool] = True

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above: sign(β₁ m + (1 - β₁) g) = sign(β₁ / (1 - β₁) m + g)."""
        (mean,) = slots
        np.multiply(mean, self.beta_1 / (1.0 - self.beta_1), out=temporary)
        temporary += g
        mean *= self.beta_2
        mean += np.multiply(g, 1.0 - self.beta_2, out=self.spare(w))
        # The sign as two comparisons: np.sign has branches that no processor can predict.
        sign = np.greater(temporary, 0.0, out=self.spare(w))
        sign -= np.less(temporary, 0.0, out=temporary)
        sign *= self.step_lr
        w -= sign
