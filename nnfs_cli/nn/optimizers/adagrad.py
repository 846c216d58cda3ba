"""Adagrad and Adadelta."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import FLUSH_BELOW, NEGLIGIBLE, Optimizer, flush_below


@optimizer("adagrad")
class Adagrad(Optimizer):
    """Each coordinate's step is divided by the root of the sum of all its squared gradients.

    v = v + g², w -= lr · g / (sqrt(v) + ε).
    Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011.
    """

    lr: float = Field(default=0.01, gt=0.0, le=1e6, description="learning rate: the size of a step")
    epsilon: float = Field(default=1e-10, ge=1e-38, le=1.0, description="keeps the division finite")

    slots: ClassVar[tuple[str, ...]] = ("gradient_square",)

    def flush_below(self, slot: str) -> float:
        """What does not count beside ε."""
        return flush_below(slot, self.epsilon)

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        (square,) = slots
        square += np.square(g, out=temporary)
        np.sqrt(square, out=temporary)
        temporary += self.epsilon
        np.divide(g, temporary, out=temporary)
        temporary *= self.step_lr
        w -= temporary


@optimizer("adadelta")
class Adadelta(Optimizer):
    """Steps in the parameter's own units: the ratio of recent steps to recent gradients.

    v = ρ v + (1 - ρ) g², d = g · sqrt(u + ε) / sqrt(v + ε), u = ρ u + (1 - ρ) d², w -= lr · d.
    Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701 (where lr is 1).
    """

    lr: float = Field(default=1.0, gt=0.0, le=1e6, description="learning rate: the size of a step")
    rho: float = Field(default=0.9, ge=0.0, lt=1.0, description="memory of both running squares")
    epsilon: float = Field(
        default=1e-6, ge=1e-38, le=1.0, description="starts the steps and keeps the division finite"
    )

    slots: ClassVar[tuple[str, ...]] = ("gradient_square", "step_square")

    def flush_below(self, slot: str) -> float:
        """What does not count beside ε, which is added to both squares."""
        return min(FLUSH_BELOW, NEGLIGIBLE * self.epsilon)

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        square, step_square = slots
        np.square(g, out=temporary)
        temporary *= 1.0 - self.rho
        square *= self.rho
        square += temporary
        np.add(square, self.epsilon, out=temporary)
        step = np.divide(g, np.sqrt(temporary, out=temporary), out=self.spare(w))
        np.add(step_square, self.epsilon, out=temporary)
        step *= np.sqrt(temporary, out=temporary)  # d
        np.square(step, out=temporary)
        temporary *= 1.0 - self.rho
        step_square *= self.rho
        step_square += temporary
        step *= self.step_lr
        w -= step
