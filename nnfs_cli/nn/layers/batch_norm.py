"""Batch normalization: each feature gets mean 0 and variance 1 over the batch."""

from __future__ import annotations

import math

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.sums import column_sums
from nnfs_cli.nn.layer import NO_GRADIENT
from nnfs_cli.nn.layers.rescaled import Rescaled


@layer("batch_norm", "batch_normalization")
class BatchNorm(Rescaled):
    """Batch normalization of the last axis: y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε).

    In training μ and σ² are the mean and variance of each feature over all other axes of the
    whole team's batch; in inference, and in a frozen layer, their running averages:
    running = momentum · running + (1 - momentum) · new. (PyTorch's momentum is 1 minus this one;
    as there, the running variance is the unbiased one, over n - 1.) A batch with one number a
    feature has no variance: y = β then, and the running averages stay as they are.

    Shapes: x (..., C); γ, β, μ, σ² (C,). Gradients over n numbers a feature: dL/dγ = Σ dy x̂,
    dL/dβ = Σ dy, dL/dx = γ (dy - (dL/dβ + x̂ dL/dγ) / n) / sqrt(σ² + ε); in inference
    dL/dx = γ dy / sqrt(σ² + ε).
    Ioffe and Szegedy, "Batch Normalization", 2015, arXiv:1502.03167.
    """

    momentum: float = Field(
        default=0.9,
        ge=0.0,
        le=1.0,
        description="fraction of the running averages kept in each step",
    )
    epsilon: float = Field(
        default=1e-5, ge=1e-38, le=1.0, description="added to the variance before the division"
    )

    def build(self, input_shape: Shape) -> Shape:
        """Declare γ, β and the running averages, a number for each feature."""
        features = super().build(input_shape)[-1:]
        self.running_mean = self.buffer("running_mean", features, 0.0)
        self.running_variance = self.buffer("running_variance", features, 1.0)
        return input_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = γ x̂ + β, remembering x - μ and 1 / sqrt(σ² + ε)."""
        rows = self.rows(x)
        self.of_batch = training and self.learns
        self.centred = self.scratch("centred", rows.shape)
        if self.of_batch:
            self.count = self.team.global_count(x.size / x.shape[-1])
            mean = self.team.all_reduce(self.sums(rows)) / self.count
            np.subtract(rows, self.row(mean), out=self.centred)
            squares = np.einsum("rf,rf->f", self.centred, self.centred)
            variance = self.team.all_reduce(self.of_features(squares)) / self.count
            self.remember(mean, variance)
        else:
            variance = self.running_variance.value
            np.subtract(rows, self.row(self.running_mean.value), out=self.centred)
        self.inverse = 1.0 / np.sqrt(variance + self.epsilon)
        y, scale = self.rows(self.out(x)), self.row(self.gamma.value * self.inverse)
        np.multiply(self.centred, scale, out=y)
        y += self.row(self.beta.value)
        return y.reshape(x.shape)

    def remember(self, mean: Array, variance: Array) -> None:
        """Move the running averages towards the batch's."""
        if self.count > 1.0:
            unbiased = self.count / (self.count - 1.0)
            for buffer, new in (
                (self.running_mean, mean),
                (self.running_variance, variance * unbiased),
            ):
                buffer.value *= self.momentum
                buffer.value += (1.0 - self.momentum) * new

    def backward(self, dy: Array) -> Array:
        """dL/dγ = Σ dy x̂, dL/dβ = Σ dy, dL/dx = γ (dy - (dL/dβ + x̂ dL/dγ) / n) / sqrt(σ² + ε)."""
        rows = self.rows(dy)
        products = np.einsum("rf,rf->f", rows, self.centred)
        np.multiply(self.of_features(products), self.inverse, out=self.gamma.grad)
        self.beta.grad[...] = self.sums(rows)
        # Every worker has to reach these sums, even one that has no use for dL/dx.
        if self.of_batch:
            dgamma, dbeta = self.team.all_reduce(np.stack([self.gamma.grad, self.beta.grad]))
        if not self.input_gradient:
            return NO_GRADIENT
        if self.of_batch:
            slope = self.row(dgamma * self.inverse / self.count)
            rows -= np.multiply(self.centred, slope, out=self.temporary(rows.shape))
            rows -= self.row(dbeta / self.count)
        rows *= self.row(self.gamma.value * self.inverse)
        return rows.reshape(dy.shape)

    def rows(self, x: Array) -> Array:
        """A batch in rows: of an image's pixels side by side, or of features.

        What broadcasts along long rows costs a fraction of what it costs along short ones.
        """
        return x.reshape(-1, math.prod(x.shape[-2:]) if x.ndim > 2 else x.shape[-1])

    def row(self, features: Array) -> Array:
        """A number for each feature, repeated to the length of a row."""
        return np.resize(features, self.centred.shape[-1])

    def sums(self, rows: Array) -> Array:
        """The sum of each feature."""
        return self.of_features(column_sums(rows))

    def of_features(self, row: Array) -> Array:
        """A row's sum over its pixels."""
        total: Array = row.reshape(-1, self.gamma.size).sum(axis=0)
        return total

    def flops(self, input_shape: Shape) -> int:
        """Subtract, scale twice, add."""
        return 4 * int(np.prod(input_shape))
