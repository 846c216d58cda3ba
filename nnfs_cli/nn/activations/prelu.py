"""PReLU: a leaky ReLU that learns its slope."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.initializers.constant import Constant


@layer("prelu")
class PReLU(Activation):
    """Parametric ReLU: y = x if x > 0, else a x, with a slope a that is learned.

    One a for all numbers, or with ``per_channel`` one for each entry of the last axis. Weight decay
    spares it. Gradients: dL/dx = dy where x > 0, else a dy; dL/da = Σ dy x over x <= 0.
    He et al., "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
    """

    initial_slope: float = Field(default=0.25, ge=-1.0, le=1.0, description="a before training")
    per_channel: bool = Field(
        default=False, description="learn a slope for each entry of the last axis"
    )

    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False
    initializer_word: ClassVar[str] = "he_normal"

    def build(self, input_shape: Shape) -> Shape:
        """Declare a."""
        shape = input_shape[-1:] if self.per_channel else (1,)
        self.slope = self.parameter("slope", shape, Constant(self.initial_slope), decays=False)
        return input_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = max(x, 0) + a min(x, 0)."""
        self.x = x
        negative = np.minimum(x, 0.0, out=self.scratch("negative", x.shape))
        negative *= self.slope.value
        y = np.maximum(x, 0.0, out=self.out(x))
        y += negative
        return y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (1 if x > 0, else a), dL/da = Σ dy min(x, 0)."""
        negative = np.minimum(self.x, 0.0, out=self.scratch("negative", dy.shape))
        negative *= dy
        sums = negative.reshape(-1, dy.shape[-1]).sum(axis=0)
        self.slope.grad[...] = sums if self.per_channel else sums.sum()
        slope = self.scratch("slope", dy.shape)
        np.copyto(slope, self.slope.value)
        np.copyto(slope, 1.0, where=self.x > 0.0)
        return np.multiply(dy, slope, out=dy)

    def flops(self, input_shape: Shape) -> int:
        """A comparison, a multiplication and an addition for each number."""
        return 3 * int(np.prod(input_shape))
