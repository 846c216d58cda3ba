"""Nadam."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import Optimizer, flush_below
from nnfs_cli.nn.parameter import FlatParameters


@optimizer("nadam")
class Nadam(Optimizer):
    """Adam that looks ahead along its momentum, as Nesterov does.

    m = β₁ m + (1 - β₁) g,  v = β₂ v + (1 - β₂) g²,  μ_t = β₁ (1 - 0.96^(t ψ) / 2),
    w -= lr · ((1 - μ_t) / (1 - Π_t) · g + μ_{t+1} / (1 - Π_{t+1}) · m) / (sqrt(v̂) + ε)
    with Π_t = μ_1 ... μ_t, ψ = ``momentum_decay`` and v̂ = v / (1 - β₂ᵗ).
    Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
    """

    lr: float = Field(default=2e-3, gt=0.0, le=1e6, description="learning rate: the size of a step")
    beta_1: float = Field(default=0.9, ge=0.0, lt=1.0, description="memory of the gradient's mean")
    beta_2: float = Field(
        default=0.999, ge=0.0, lt=1.0, description="memory of the gradient's square"
    )
    epsilon: float = Field(default=1e-8, ge=1e-38, le=1.0, description="keeps the division finite")
    momentum_decay: float = Field(
        default=4e-3, ge=0.0, le=1.0, description="how fast the momentum warms up"
    )

    slots: ClassVar[tuple[str, ...]] = ("gradient_mean", "gradient_square")

    def bind(self, parameters: FlatParameters) -> None:
        """Start Π_0 = 1 as well."""
        super().bind(parameters)
        self.counted, self.product = 0, 1.0

    def start_step(self, lr: float) -> None:
        """The factors of g and m, and the root of v's correction."""
        while self.counted < self.steps:  # once, or all over again after a resume
            self.counted += 1
            self.product *= self.mu(self.counted)
        following = self.mu(self.steps + 1)
        self.gradient_factor = lr * (1.0 - self.mu(self.steps)) / (1.0 - self.product)
        self.mean_factor = lr * following / (1.0 - self.product * following)
        self.root = 1.0 / math.sqrt(1.0 - self.beta_2**self.steps)

    def mu(self, step: int) -> float:
        """The momentum of a step."""
        return self.beta_1 * (1.0 - 0.5 * math.pow(0.96, step * self.momentum_decay))

    def flush_below(self, slot: str) -> float:
        """What does not count beside ε."""
        return flush_below(slot, self.epsilon)

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        mean, square = slots
        mean *= self.beta_1
        mean += np.multiply(g, 1.0 - self.beta_1, out=temporary)
        np.square(g, out=temporary)
        temporary *= 1.0 - self.beta_2
        square *= self.beta_2
        square += temporary
        step = np.multiply(g, self.gradient_factor, out=self.spare(w))
        step += np.multiply(mean, self.mean_factor, out=temporary)
        np.sqrt(square, out=temporary)
        temporary *= self.root
        temporary += self.epsilon
        step /= temporary
        w -= step
