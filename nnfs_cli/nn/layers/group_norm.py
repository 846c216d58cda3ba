"""Group normalization: groups of channels get mean 0 and variance 1, in each sample by itself."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layers.normalization import Normalization


@layer("group_norm", "group_normalization")
class GroupNorm(Normalization):
    """Group normalization: y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε).

    μ and σ² are the mean and variance of a sample's pixels in one group of channels, so training
    and inference agree and the batch may be small. ``groups: 1`` normalizes the whole sample, as
    many groups as channels each channel by itself (instance normalization).
    Shapes: x (N, ..., C); γ, β (C,); μ, σ² (N, groups). Gradients, with g = γ dy and means over
    the group: dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε); dL/dγ = Σ dy x̂, dL/dβ = Σ dy.
    Wu and He, "Group Normalization", 2018, arXiv:1803.08494.
    """

    groups: int = Field(ge=1, description="groups of channels, normalized separately")

    def build(self, input_shape: Shape) -> Shape:
        """Declare γ and β, a number for each channel; refuse groups that do not divide them."""
        features = input_shape[-1:]
        if features[0] % self.groups:
            raise ShapeError(
                f"group_norm cannot split {features[0]} channels into {self.groups} groups",
                "choose `groups` that divide them",
            )
        return super().build(input_shape)

    def folded(self, shape: Shape) -> Shape:
        """All axes between the first and the last as one: (N, places, C)."""
        return (shape[0], int(np.prod(shape[1:-1])), shape[-1])

    def means(self, name: str, x: Array) -> Array:
        """The mean of each sample's groups, repeated for every channel: (N, 1, C)."""
        count, places, channels = x.shape
        weights = self.scratch("weights", (1, places))
        weights.fill(self.groups / (places * channels))
        by_channel = np.matmul(weights, x, out=self.scratch("by_channel", (count, 1, channels)))
        means = self.scratch(name, (count, self.groups, channels // self.groups))
        sums = self.scratch("sums", (count, self.groups, 1))
        np.copyto(means, np.sum(by_channel.reshape(means.shape), axis=2, keepdims=True, out=sums))
        return means.reshape(count, 1, channels)
