"""The contract of an activation: a layer that keeps the shape, number by number."""

from __future__ import annotations

from typing import ClassVar

from nnfs_cli.components.component import family
from nnfs_cli.nn.layer import Layer


@family("layer", noun="activation")
class Activation(Layer):
    """A function of each number (softmax: of each row), usable as a layer or as ``activation:``.

    Where the derivative can be written from the output, it is: then forward may overwrite its
    input. An activation that needs its input again says so with ``keeps_input``.
    """

    keeps_input: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True

    initializer_word: ClassVar[str] = "glorot_uniform"
    """The initializer that suits a dense layer in front of it."""
