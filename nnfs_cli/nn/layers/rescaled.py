"""What layers that normalize share: γ and β, which give each feature a scale and a mean again."""

from __future__ import annotations

from typing import ClassVar

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Shape
from nnfs_cli.nn.initializers.constant import Constant, Zeros
from nnfs_cli.nn.layer import Layer


@family("layer")
class Rescaled(Layer):
    """y = γ x̂ + β for some normalized x̂, which the layer itself remembers for the way back."""

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True

    def build(self, input_shape: Shape) -> Shape:
        """Declare γ and β, a number for each entry of the last axis."""
        features = input_shape[-1:]
        self.gamma = self.parameter("gamma", features, Constant(1.0), decays=False)
        self.beta = self.parameter("beta", features, Zeros(), decays=False)
        return input_shape
