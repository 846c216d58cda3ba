"""A traced step as text: a section each for forward, loss, backward and update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap

from nnfs_cli.compute.arrays import Array
from nnfs_cli.formatting import some
from nnfs_cli.inspection.tensor_text import INDENT, digits, stretched, tensor_lines
from nnfs_cli.inspection.trace import LayerTrace, ParameterTrace, StepTrace

SYMBOLS = {"weight": "W", "bias": "b", "gamma": "γ", "beta": "β"}


MIN_IMAGE = 6
"""Pixels of a side from which on an image is drawn."""

Draw = Callable[[Array], str]


def step_lines(traced: StepTrace, draw: Draw, width: int | None = None) -> Iterator[str]:
    """The whole step in lines of at most ``width`` columns, where numbers allow it.

    ``draw`` makes lines of an image (H, W) from 0 to 1: of the first sample's first channel.
    """
    for line in _lines(traced, draw, width):
        indent = line[: len(line) - len(line.lstrip())]
        prose = width is not None and len(line) > width
        yield from wrap(line, width or 80, subsequent_indent=indent + INDENT) if prose else [line]


def _lines(traced: StepTrace, draw: Draw, width: int | None) -> Iterator[str]:
    shown = some([str(sample) for sample in traced.samples])
    yield f"Step {traced.step} (epoch {traced.epoch}, batch {traced.batch} of {traced.batches})"
    yield f"{INDENT}training samples {shown}"
    if traced.labels:
        yield f"{INDENT}of the classes {some(traced.labels)}"
    yield f"{INDENT}in float64; a training computes in float32, equal to about six digits"
    yield from _heading("Forward")
    for layer in traced.layers:
        yield from _forward(layer, draw, width, first=layer is traced.layers[0])
    yield from _heading(f"Loss: {traced.loss.word}")
    yield from _prose(traced.loss.formula)
    yield from _loss(traced, width)
    yield from _heading("Backward")
    for layer in reversed(traced.layers):
        yield from _backward(layer, width)
    yield from _heading(f"Update: {traced.optimizer}")
    yield from _prose(traced.formula)
    yield f"{INDENT}learning rate {digits(traced.lr)}, length of the gradient {digits(traced.norm)}"
    if traced.clipped:
        yield f"{INDENT}{traced.clipped}"
    for parameter in traced.parameters:
        yield from _update(parameter, width)


def _prose(text: str) -> list[str]:
    """Paragraphs, each in a line."""
    return [INDENT + paragraph.replace("\n", " ") for paragraph in text.split("\n\n")]


def _heading(text: str) -> list[str]:
    return ["", text, "=" * len(text)]


def _forward(layer: LayerTrace, draw: Draw, width: int | None, first: bool) -> Iterator[str]:
    yield from ("", _head(layer, layer.forward))
    if first:
        yield from tensor_lines("x", layer.x, width)
        yield from _image(layer.x, draw)
    for parameter in layer.parameters:
        yield from tensor_lines(_symbol(parameter), parameter.value, width)
    yield from tensor_lines("y", layer.y, width)
    yield from _image(layer.y, draw)
    yield from (f"{INDENT}({note})" for note in layer.notes if "dL/dx" not in note)


def _head(layer: LayerTrace, formula: str) -> str:
    return f"{layer.path}  {layer.word}" + (f": {formula}" if formula else "")


def _loss(traced: StepTrace, width: int | None) -> Iterator[str]:
    loss = traced.loss
    yield from tensor_lines("targets", loss.targets, width)
    if loss.weights is not None:
        yield from tensor_lines("weights of the samples", loss.weights, width)
    if not _equal(loss.predictions, loss.outputs):
        yield from tensor_lines("predictions p", loss.predictions, width)
    yield f"{INDENT}L = {digits(loss.value)}"
    yield from tensor_lines("dL/d(outputs)", loss.gradient, width)


def _backward(layer: LayerTrace, width: int | None) -> Iterator[str]:
    yield from ("", _head(layer, layer.backward))
    yield from tensor_lines("dy", layer.dy, width)
    for parameter in layer.parameters:
        symbol = _symbol(parameter)
        if parameter.gradient is None:
            yield f"{INDENT}{symbol} is frozen"
        else:
            yield from tensor_lines(f"dL/d{symbol}", parameter.gradient, width)
    yield from tensor_lines("dx", layer.dx, width)
    yield from (f"{INDENT}({note})" for note in layer.notes if "dL/dx" in note)


def _update(parameter: ParameterTrace, width: int | None) -> Iterator[str]:
    assert parameter.new is not None
    assert parameter.gradient is not None
    yield from ("", parameter.path)
    yield from tensor_lines("old", parameter.value, width)
    yield from tensor_lines("gradient g", parameter.gradient, width)
    for name, (before, after) in parameter.memory.items():
        if before.any():
            yield from tensor_lines(f"{name} before", before, width)
        else:
            yield f"{INDENT}{name} before: 0 everywhere"
        yield from tensor_lines(f"{name} after", after, width)
    yield from tensor_lines("step", parameter.change, width)
    yield from tensor_lines("new", parameter.new, width)


def _image(batch: Array, draw: Draw) -> Iterator[str]:
    """The first sample of a batch of images, its darkest number black and its largest white."""
    if batch.ndim != 4 or min(batch.shape[1:3]) < MIN_IMAGE:
        return
    shown = stretched(batch[0, :, :, 0])
    yield f"{INDENT}sample 1" + (", channel 1" if batch.shape[3] > 1 else "")
    yield from (INDENT * 2 + line for line in draw(shown).splitlines())


def _symbol(parameter: ParameterTrace) -> str:
    """What formulas call it: W for a weight."""
    name = parameter.path.rpartition(".")[2]
    return SYMBOLS.get(name, name)


def _equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool((a == b).all())
