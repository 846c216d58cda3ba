"""Layer normalization: each sample gets mean 0 and variance 1 over its own features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.component import layer
from nnfs_cli.initializers.constant import Constant, Zeros
from nnfs_cli.layers.batch_norm import column_sums
from nnfs_cli.layers.layer import NO_GRADIENT, Layer
from nnfs_cli.parameter import Array, Shape


@layer("layer_norm", "layer_normalization")
class LayerNorm(Layer):
    """Layer normalization of the last axis: y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε).

    μ and σ² are the mean and variance along the last axis, so training and inference agree.
    Shapes: x (..., C); γ, β (C,); μ, σ² (..., 1). Gradients, with g = γ dy and means along the
    last axis: dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε); dL/dγ = Σ dy x̂, dL/dβ = Σ dy.
    Ba, Kiros and Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
    """

    epsilon: float = Field(
        default=1e-5, gt=0.0, le=1.0, description="added to the variance before the division"
    )

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True

    def build(self, input_shape: Shape) -> Shape:
        """Declare γ and β, a number for each feature."""
        features = input_shape[-1:]
        self.gamma = self.parameter("gamma", features, Constant(1.0), decays=False)
        self.beta = self.parameter("beta", features, Zeros(), decays=False)
        return input_shape

    def forward(self, x: Array, training: bool) -> Array:
        """Y = γ x̂ + β, remembering x̂ and 1 / sqrt(σ² + ε)."""
        rows = x.reshape(-1, x.shape[-1])
        normal = self.scratch("normal", rows.shape)
        np.subtract(rows, self.row_means("mean", rows), out=normal)
        squares = np.square(normal, out=self.scratch("products", rows.shape))
        inverse = self.row_means("inverse", squares)
        inverse += self.epsilon
        np.sqrt(inverse, out=inverse)
        np.divide(1.0, inverse, out=inverse)
        normal *= inverse
        self.normal, self.inverse = normal, inverse
        y = self.out(x)
        np.multiply(normal.reshape(x.shape), self.gamma.value, out=y)
        y += self.beta.value
        return y

    def backward(self, dy: Array) -> Array:
        """Assign dL/dγ and dL/dβ, return dL/dx."""
        rows = dy.reshape(self.normal.shape)
        products = np.multiply(rows, self.normal, out=self.scratch("products", rows.shape))
        self.gamma.grad[...] = column_sums(self, products)
        self.beta.grad[...] = column_sums(self, rows)
        if not self.input_gradient:
            return NO_GRADIENT
        rows *= self.gamma.value  # g
        np.multiply(rows, self.normal, out=products)
        mean, mean_along = self.row_means("mean", rows), self.row_means("along", products)
        rows -= mean
        rows -= np.multiply(self.normal, mean_along, out=products)
        rows *= self.inverse
        return rows.reshape(dy.shape)

    def row_means(self, name: str, rows: Array) -> Array:
        """The mean of each row (R, 1), as rows · 1 / C: faster than along a short axis."""
        share = self.scratch("share", (rows.shape[1], 1))
        share.fill(1.0 / rows.shape[1])
        return np.matmul(rows, share, out=self.scratch(name, (len(rows), 1)))

    def flops(self, input_shape: Shape) -> int:
        """Two sums, subtract, scale twice, add."""
        return 6 * int(np.prod(input_shape))
