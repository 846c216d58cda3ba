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


def summary_of(path: str, part: Layer) -> LayerSummary:
    """The row of a built layer."""
    return LayerSummary(
        path, _words(part), part.output_shape, _count(part), part.flops(part.input_shape)
    )


def _words(part: Layer) -> str:
    """``dense + relu`` where the activation is shorthand."""
    steps = [part] if isinstance(part, Sequential) else part.chain()
    return " + ".join(step.word for step in steps)


def _count(part: Layer) -> int:
    inner = sum(_count(child) for child in part.children().values())
    return inner + sum(parameter.size for parameter in part.parameters.values())
