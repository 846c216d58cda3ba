"""What normalizing a sample by its own numbers needs, whichever of them share a mean."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.sums import column_sums
from nnfs_cli.nn.layer import NO_GRADIENT
from nnfs_cli.nn.layers.rescaled import Rescaled


@family("layer")
class Normalization(Rescaled):
    """y = γ x̂ + β with x̂ = (x - μ) / sqrt(σ² + ε), μ and σ² from the sample itself.

    Gradients, with g = γ dy and means taken as μ is: dL/dγ = Σ dy x̂, dL/dβ = Σ dy,
    dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε).
    """

    epsilon: float = Field(
        default=1e-5,
        ge=1e-38,
        le=1.0,
        kw_only=True,
        description="added to the variance before the division",
    )

    def folded(self, shape: Shape) -> Shape:
        """The shape of a batch in which :meth:`means` are taken."""
        raise NotImplementedError

    def means(self, name: str, x: Array) -> Array:
        """The means of a folded batch, in the scratch array ``name``; they broadcast against it."""
        raise NotImplementedError

    def forward(self, x: Array, training: bool) -> Array:
        """y = γ x̂ + β, remembering x̂ and 1 / sqrt(σ² + ε)."""
        folded = x.reshape(self.folded(x.shape))
        normal = self.scratch("normal", folded.shape)
        np.subtract(folded, self.means("mean", folded), out=normal)
        squares = np.square(normal, out=self.temporary(folded.shape))
        inverse = self.means("inverse", squares)
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
        """dL/dγ = Σ dy x̂, dL/dβ = Σ dy, dL/dx = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε)."""
        features = dy.shape[-1]
        g = dy.reshape(self.normal.shape)
        products = np.multiply(g, self.normal, out=self.temporary(g.shape))
        self.gamma.grad[...] = column_sums(products.reshape(-1, features))
        self.beta.grad[...] = column_sums(g.reshape(-1, features))
        if not self.input_gradient:
            return NO_GRADIENT
        g *= self.gamma.value
        np.multiply(g, self.normal, out=products)
        mean, mean_along = self.means("mean", g), self.means("along", products)
        g -= mean
        g -= np.multiply(self.normal, mean_along, out=products)
        g *= self.inverse
        return g.reshape(dy.shape)

    def flops(self, input_shape: Shape) -> int:
        """Two sums, subtract, scale twice, add."""
        return 6 * int(np.prod(input_shape))
