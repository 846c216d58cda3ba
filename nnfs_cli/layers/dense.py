"""Dense: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.activations.activation import Activation
from nnfs_cli.component import layer
from nnfs_cli.errors import ShapeError
from nnfs_cli.initializers.constant import Zeros
from nnfs_cli.initializers.initializer import Initializer
from nnfs_cli.layers.layer import NO_GRADIENT, Layer
from nnfs_cli.parameter import Array, Shape, shape_text


@layer("dense")
class Dense(Layer):
    """Fully connected layer: y = x W + b.

    Shapes: x (N, inputs), W (inputs, units), b (units,), y (N, units). Gradients:
    dL/dW = xᵀ dy, dL/db = Σ dy over the batch, dL/dx = dy Wᵀ.

    ``activation`` is shorthand for that activation as the next layer.
    """

    units: int = Field(ge=1, le=1_000_000, description="number of outputs")
    activation: Activation | None = Field(
        default=None, description="activation applied to the outputs, as if it were the next layer"
    )
    use_bias: bool = Field(default=True, description="add a learned number to every output")
    initializer: Initializer | None = Field(
        default=None,
        description="initial weights; null takes what suits the activation that follows",
    )
    bias_initializer: Initializer = Field(default_factory=Zeros, description="initial biases")

    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """Declare W and b; refuse anything but one axis of features."""
        if len(input_shape) != 1:
            raise ShapeError(
                f"dense expects one axis of features, received {shape_text(input_shape)}",
                "put a `flatten` layer before it",
            )
        self.weight = self.parameter(
            "weight", (input_shape[0], self.units), self.initializer or default_initializer(self)
        )
        if self.use_bias:
            self.bias = self.parameter("bias", (self.units,), self.bias_initializer, decays=False)
        return self.activation.build((self.units,)) if self.activation else (self.units,)

    def forward(self, x: Array, training: bool) -> Array:
        """Y = x W + b."""
        self.x = x
        y = np.matmul(x, self.weight.value, out=self.scratch("out", (len(x), self.units)))
        if self.use_bias:
            y += self.bias.value
        return y

    def backward(self, dy: Array) -> Array:
        """Assign dL/dW and dL/db, return dL/dx."""
        np.matmul(self.x.T, dy, out=self.weight.grad)  # dL/dW = xᵀ dy
        if self.use_bias:
            ones = self.scratch("ones", (len(dy),))
            ones.fill(1.0)
            np.dot(ones, dy, out=self.bias.grad)  # dL/db = Σ dy; np.sum takes three times as long
        if not self.input_gradient:
            return NO_GRADIENT
        return np.matmul(dy, self.weight.value.T, out=self.scratch("dx", self.x.shape))

    def flops(self, input_shape: Shape) -> int:
        """A multiplication and an addition for each weight."""
        return 2 * input_shape[0] * self.units

    def children(self) -> dict[str, Layer]:
        """The activation, if it was given as shorthand."""
        return {"activation": self.activation} if self.activation else {}

    def chain(self) -> list[Layer]:
        """The dense layer, then its activation."""
        return [self, *self.activation.chain()] if self.activation else [self]


def default_initializer(part: Layer) -> Initializer:
    """What suits the activation that follows; glorot_uniform where none does."""
    follower = part.follower
    word = follower.initializer_word if isinstance(follower, Activation) else "glorot_uniform"
    return Initializer.members()[word]()
