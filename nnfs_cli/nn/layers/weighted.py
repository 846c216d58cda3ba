"""What layers of weighted sums share: weights, biases and the `activation` shorthand."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Shape
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.initializer import Initializer
from nnfs_cli.nn.initializers.constant import Zeros
from nnfs_cli.nn.layer import Layer


@family("layer")
class Weighted(Layer):
    """A layer whose outputs are weighted sums of inputs, plus a bias: dense and convolutions.

    ``activation`` is shorthand for that activation as the next layer.
    """

    activation: Activation | None = Field(
        default=None,
        kw_only=True,
        description="activation applied to the outputs, as if it were the next layer",
    )
    use_bias: bool = Field(
        default=True, kw_only=True, description="add a learned number to every output"
    )
    initializer: Initializer | None = Field(
        default=None,
        kw_only=True,
        description="initial weights; null takes what suits the activation that follows (of 100 "
        "inputs before relu the std is 0.141; PyTorch's is 0.0577)",
    )
    bias_initializer: Initializer = Field(
        default_factory=Zeros,
        kw_only=True,
        description="initial biases (PyTorch: uniform, of 100 inputs from -0.1 to 0.1)",
    )

    weight_decay: float | None = Field(
        default=None,
        ge=0.0,
        le=1e6,
        kw_only=True,
        description="pull of these weights towards zero, in place of the optimizer's weight_decay",
    )
    bias_decay: float | None = Field(
        default=None,
        ge=0.0,
        le=1e6,
        kw_only=True,
        description="the same pull of the biases; null leaves them alone, as the optimizer does",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation and self.activation.name:
            raise UsageError(
                f"the activation of a {self.word} layer is called activation",
                "name the layer itself",
            )

    @model_validator(mode="after")
    def _biases_to_decay(self) -> Self:
        if self.bias_decay is not None and not self.use_bias:
            raise ValueError("bias_decay is for a layer with biases; leave it out")
        return self

    def declare(self, shape: Shape) -> None:
        """Declare the weights, whose last axis counts the outputs, and a bias for each output."""
        initializer = self.initializer or default_initializer(self)
        self.weight = self.parameter("weight", shape, initializer, weight_decay=self.weight_decay)
        if self.use_bias:
            self.bias = self.parameter(
                "bias", shape[-1:], self.bias_initializer, False, self.bias_decay
            )

    def activated(self, shape: Shape) -> Shape:
        """The shape of the outputs behind the activation, which is built here if there is one."""
        return self.activation.build(shape) if self.activation else shape

    def children(self) -> dict[str, Layer]:
        """The activation, if it was given as shorthand."""
        return {"activation": self.activation} if self.activation else {}

    def chain(self) -> list[Layer]:
        """The layer itself, then its activation."""
        return [self, *self.activation.chain()] if self.activation else [self]


def default_initializer(layer: Layer) -> Initializer:
    """What suits the activation that follows; glorot_uniform where none does."""
    next_layer = layer.next_layer
    word = next_layer.initializer_word if isinstance(next_layer, Activation) else "glorot_uniform"
    return Initializer.read(word)
