"""What a table of layers shows of each."""

from __future__ import annotations

from dataclasses import dataclass

from nnfs_cli.compute.arrays import Shape
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Sequential


@dataclass(frozen=True)
class LayerSummary:
    """A layer's row: ``flops`` is for one sample, forward."""

    path: str
    type: str
    output_shape: Shape
    parameters: int
    flops: int


def summary_of(path: str, layer: Layer) -> LayerSummary:
    """The row of a built layer."""
    return LayerSummary(
        path, _words(layer), layer.output_shape, _count(layer), layer.flops(layer.input_shape)
    )


def _words(layer: Layer) -> str:
    """``dense + relu`` where the activation is shorthand."""
    steps = [layer] if isinstance(layer, Sequential) else layer.chain()
    return " + ".join(step.word for step in steps)


def _count(layer: Layer) -> int:
    inner = sum(_count(child) for child in layer.children().values())
    return inner + sum(parameter.size for parameter in layer.parameters.values())
