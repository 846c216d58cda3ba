"""Adam and AdamW."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import optimizer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import Optimizer, flush_below
from nnfs_cli.nn.parameter import FlatParameters


@optimizer("adam")
class Adam(Optimizer):
    """Steps of about lr in every coordinate, from running moments of the gradient.

    m = β₁ m + (1 - β₁) g,  v = β₂ v + (1 - β₂) g²,
    w -= lr · m̂ / (sqrt(v̂) + ε)  with  m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ).

    The slots hold M = m / (1 - β₁) and V = v / (1 - β₂), which saves two passes over memory; the
    constants move into the step's size and ε.
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014, arXiv:1412.6980.
    """

    lr: float = Field(default=1e-3, gt=0.0, le=1e6, description="learning rate: the size of a step")
    beta_1: float = Field(default=0.9, ge=0.0, lt=1.0, description="memory of the gradient's mean")
    beta_2: float = Field(
        default=0.999, ge=0.0, lt=1.0, description="memory of the gradient's square"
    )
    epsilon: float = Field(default=1e-8, ge=1e-38, le=1e6, description="keeps the division finite")

    slots: ClassVar[tuple[str, ...]] = ("gradient_mean", "gradient_square")

    def bind(self, parameters: FlatParameters) -> None:
        """Keep the numbers of a step as arrays: to convert one takes longer than to multiply."""
        super().bind(parameters)
        dtype = parameters.values.dtype
        self.memories = np.asarray(self.beta_1, dtype), np.asarray(self.beta_2, dtype)
        self.size, self.small = np.empty((), dtype), np.empty((), dtype)

    def start_step(self, lr: float) -> None:
        """lr · m̂ / (sqrt(v̂) + ε) = size · M / (sqrt(V) + small)."""
        root = math.sqrt((1.0 - self.beta_2) / (1.0 - self.beta_2**self.steps))
        self.size[...] = lr * (1.0 - self.beta_1) / (1.0 - self.beta_1**self.steps) / root
        self.small[...] = self.epsilon / root

    def flush_below(self, slot: str) -> float:
        """What does not count beside ε."""
        return flush_below(slot, self.epsilon)

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """One block of the step above."""
        (mean, square), (beta_1, beta_2) = slots, self.memories
        mean *= beta_1
        mean += g  # M = β₁ M + g
        square *= beta_2
        square += np.square(g, out=temporary)  # V = β₂ V + g²
        np.sqrt(square, out=temporary)
        temporary += self.small
        np.divide(mean, temporary, out=temporary)
        temporary *= self.size
        w -= temporary  # w -= size · M / (sqrt(V) + small)


@optimizer("adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay: w also shrinks by lr · weight_decay · w.

    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017, arXiv:1711.05101.
    """

    weight_decay: float = Field(
        default=0.01,
        ge=0.0,
        le=1e6,
        kw_only=True,
        description="strength of the pull of weights towards zero; biases and gains stay (PyTorch "
        "pulls them: with lr 0.1 and 0.01 a bias of 1 becomes 0.999 in a step of adamw)",
    )
    decoupled: ClassVar[bool] = True
