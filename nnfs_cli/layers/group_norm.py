"""Group normalization: groups of channels get mean 0 and variance 1, in each sample by itself."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.component import layer
from nnfs_cli.errors import ShapeError
from nnfs_cli.initializers.constant import Constant, Zeros
from nnfs_cli.layers.batch_norm import column_sums
from nnfs_cli.layers.layer import NO_GRADIENT, Layer
from nnfs_cli.parameter import Array, Shape


@layer("group_norm", "group_normalization")
class GroupNorm(Layer):
    """Group normalization: y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε).

    μ and σ² are the mean and variance of a sample's pixels in one group of channels, so training
    and inference agree and the batch may be small. ``groups: 1`` normalizes the whole sample, as
    many groups as channels each channel by itself (instance normalization).
    Shapes: x (N, ..., C); γ, β (C,); μ, σ² (N, groups). Gradients, with g = γ dy and means over
    the group: dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε); dL/dγ = Σ dy x̂, dL/dβ = Σ dy.
    Wu and He, "Group Normalization", 2018, arXiv:1803.08494.
    """

    groups: int = Field(ge=1, description="parts of the channels, normalized separately")
    epsilon: float = Field(
        default=1e-5, gt=0.0, le=1.0, description="added to the variance before the division"
    )

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True

    def build(self, input_shape: Shape) -> Shape:
        """Declare γ and β, a number for each channel; refuse groups that do not divide them."""
        features = input_shape[-1:]
        if features[0] % self.groups:
            raise ShapeError(
                f"group_norm cannot split {features[0]} channels into {self.groups} groups",
                "choose `groups` that divide them",
            )
        self.gamma = self.parameter("gamma", features, Constant(1.0), decays=False)
        self.beta = self.parameter("beta", features, Zeros(), decays=False)
        return input_shape

    def forward(self, x: Array, training: bool) -> Array:
        """Y = γ x̂ + β, remembering x̂ and 1 / sqrt(σ² + ε)."""
        pixels = x.reshape(len(x), -1, x.shape[-1])
        normal = self.scratch("normal", pixels.shape)
        np.subtract(pixels, self.group_means("mean", pixels), out=normal)
        squares = np.square(normal, out=self.scratch("products", pixels.shape))
        inverse = self.group_means("inverse", squares)
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
        channels = dy.shape[-1]
        pixels = dy.reshape(self.normal.shape)
        products = np.multiply(pixels, self.normal, out=self.scratch("products", pixels.shape))
        self.gamma.grad[...] = column_sums(self, products.reshape(-1, channels))
        self.beta.grad[...] = column_sums(self, pixels.reshape(-1, channels))
        if not self.input_gradient:
            return NO_GRADIENT
        pixels *= self.gamma.value  # g
        np.multiply(pixels, self.normal, out=products)
        mean = self.group_means("mean", pixels)
        mean_along = self.group_means("along", products)
        pixels -= mean
        pixels -= np.multiply(self.normal, mean_along, out=products)
        pixels *= self.inverse
        return pixels.reshape(dy.shape)

    def group_means(self, name: str, pixels: Array) -> Array:
        """The mean of each sample's groups, repeated for every channel: (N, 1, C)."""
        count, places, channels = pixels.shape
        share = self.scratch("share", (1, places))
        share.fill(self.groups / (places * channels))
        parts = np.matmul(share, pixels, out=self.scratch("parts", (count, 1, channels)))
        means = self.scratch(name, (count, self.groups, channels // self.groups))
        sums = self.scratch("sums", (count, self.groups, 1))
        np.copyto(means, np.sum(parts.reshape(means.shape), axis=2, keepdims=True, out=sums))
        return means.reshape(count, 1, channels)

    def flops(self, input_shape: Shape) -> int:
        """Two sums, subtract, scale twice, add."""
        return 6 * int(np.prod(input_shape))
