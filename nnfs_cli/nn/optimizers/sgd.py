"""Stochastic gradient descent, with and without momentum."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import Optimizer


@optimizer("sgd")
class SGD(Optimizer):
    """A step against the gradient: w -= lr · g; with momentum μ it keeps rolling.

    v = μ v + g, w -= lr · v; Nesterov looks ahead instead: w -= lr · (g + μ v).
    Sutskever et al., "On the Importance of Initialization and Momentum in Deep Learning", 2013.
    """

    lr: float = Field(
        default=0.01,
        gt=0.0,
        le=1e6,
        description="learning rate: the size of a step (PyTorch: 0.001)",
    )
    momentum: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="fraction of the velocity kept at each step"
    )
    nesterov: bool = Field(
        default=False, description="look ahead along the velocity; needs a momentum"
    )

    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    def needed_slots(self) -> tuple[str, ...]:
        """No velocity without momentum."""
        return self.slots if self.momentum else ()

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        if slots:
            (velocity,) = slots
            velocity *= self.momentum
            velocity += g
            if self.nesterov:
                np.multiply(velocity, self.momentum, out=temporary)
                temporary += g
                temporary *= self.step_lr
            else:
                np.multiply(velocity, self.step_lr, out=temporary)
        else:
            np.multiply(g, self.step_lr, out=temporary)
        w -= temporary
