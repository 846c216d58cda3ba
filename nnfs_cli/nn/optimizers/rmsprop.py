"""RMSprop."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import Optimizer, flush_below


@optimizer("rmsprop")
class RMSprop(Optimizer):
    """Each coordinate's step is divided by the root mean square of its recent gradients.

    v = ρ v + (1 - ρ) g², w -= lr · g / (sqrt(v) + ε).
    Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012.
    """

    lr: float = Field(
        default=1e-3,
        gt=0.0,
        le=1e6,
        description="learning rate: the size of a step (PyTorch: 0.01)",
    )
    rho: float = Field(
        default=0.9,
        ge=0.0,
        lt=1.0,
        description="memory of the gradient's square (PyTorch's alpha: 0.99)",
    )
    epsilon: float = Field(default=1e-8, ge=1e-38, le=1.0, description="keeps the division finite")

    slots: ClassVar[tuple[str, ...]] = ("gradient_square",)

    def flush_below(self, slot: str) -> float:
        """What does not count beside ε."""
        return flush_below(slot, self.epsilon)

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        (square,) = slots
        np.square(g, out=temporary)
        temporary *= 1.0 - self.rho
        square *= self.rho
        square += temporary
        np.sqrt(square, out=temporary)
        temporary += self.epsilon
        np.divide(g, temporary, out=temporary)
        temporary *= self.step_lr
        w -= temporary
