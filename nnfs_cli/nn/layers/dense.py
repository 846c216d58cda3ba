"""Dense: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.compute.matmul import matmul
from nnfs_cli.compute.sums import column_sums
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layer import NO_GRADIENT
from nnfs_cli.nn.layers.weighted import Weighted


@layer("dense")
class Dense(Weighted):
    """Fully connected layer: y = x W + b.

    Shapes: x (N, inputs), W (inputs, units), b (units,), y (N, units). Gradients:
    dL/dW = xᵀ dy, dL/db = Σ dy over the batch, dL/dx = dy Wᵀ.

    ``activation`` is shorthand for that activation as the next layer.
    """

    units: int = Field(ge=1, le=1_000_000, description="number of outputs")

    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """Declare W and b; refuse anything but one axis of features."""
        if len(input_shape) != 1:
            raise ShapeError(
                f"dense expects one axis of features, received {shape_text(input_shape)}",
                "put a `flatten` layer before it",
            )
        self.declare((input_shape[0], self.units))
        return self.activated((self.units,))

    def forward(self, x: Array, training: bool) -> Array:
        """y = x W + b."""
        self.x = x
        y = matmul(x, self.weight.value, out=self.scratch("out", (len(x), self.units)))
        if self.use_bias:
            y += self.bias.value
        return y

    def backward(self, dy: Array) -> Array:
        """dL/dW = xᵀ dy, dL/db = Σ dy, dL/dx = dy Wᵀ."""
        matmul(self.x.T, dy, out=self.weight.grad)
        if self.use_bias:
            column_sums(dy, out=self.bias.grad)
        if not self.input_gradient:
            return NO_GRADIENT
        return matmul(dy, self.weight.value.T, out=self.gradient(self.x.shape))

    def flops(self, input_shape: Shape) -> int:
        """A multiplication and an addition for each weight."""
        return 2 * input_shape[0] * self.units
