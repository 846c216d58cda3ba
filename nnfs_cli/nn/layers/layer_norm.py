"""Layer normalization: each sample gets mean 0 and variance 1 over its own features."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layers.normalization import Normalization


@layer("layer_norm", "layer_normalization")
class LayerNorm(Normalization):
    """Layer normalization of the last axis: y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε).

    μ and σ² are the mean and variance along the last axis, so training and inference agree.
    Shapes: x (..., C); γ, β (C,); μ, σ² (..., 1). Gradients, with g = γ dy and means along the
    last axis: dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε); dL/dγ = Σ dy x̂, dL/dβ = Σ dy.
    Ba, Kiros and Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
    """

    def folded(self, shape: Shape) -> Shape:
        """All axes but the last as rows: (R, C)."""
        return (int(np.prod(shape[:-1])), shape[-1])

    def means(self, name: str, x: Array) -> Array:
        """The mean of each row (R, 1), as rows · 1 / C: faster than along a short axis."""
        weights = self.scratch("weights", (x.shape[1], 1))
        weights.fill(1.0 / x.shape[1])
        return np.matmul(x, weights, out=self.scratch(name, (len(x), 1)))
