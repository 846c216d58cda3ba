"""A traced step for programs: small tensors whole, large ones as a summary and a corner."""

from __future__ import annotations

from typing import Any

from nnfs_cli.compute.arrays import Array
from nnfs_cli.inspection.tensor_text import CORNER, summary
from nnfs_cli.inspection.trace import LayerTrace, ParameterTrace, StepTrace

MAX_VALUES = 10_000
"""Numbers of a tensor that a document has whole."""


def step_document(traced: StepTrace) -> dict[str, Any]:
    """The step as JSON's types."""
    loss = traced.loss
    return {
        "step": traced.step,
        "epoch": traced.epoch,
        "batch": traced.batch,
        "batches": traced.batches,
        "samples": traced.samples,
        "labels": traced.labels,
        "layers": [_layer(layer) for layer in traced.layers],
        "loss": {
            "type": loss.word,
            "formula": loss.formula,
            "outputs": tensor(loss.outputs),
            "targets": tensor(loss.targets),
            "weights": None if loss.weights is None else tensor(loss.weights),
            "predictions": tensor(loss.predictions),
            "value": loss.value,
            "gradient": tensor(loss.gradient),
        },
        "optimizer": {
            "type": traced.optimizer,
            "formula": traced.formula,
            "lr": traced.lr,
            "gradient_norm": traced.norm,
            "clipped": traced.clipped or None,
        },
        "updates": [_update(parameter) for parameter in traced.parameters],
    }


def _layer(layer: LayerTrace) -> dict[str, Any]:
    return {
        "path": layer.path,
        "type": layer.word,
        "forward": layer.forward,
        "backward": layer.backward,
        "notes": layer.notes,
        "x": tensor(layer.x),
        "y": tensor(layer.y),
        "dy": tensor(layer.dy),
        "dx": tensor(layer.dx),
        "parameters": [
            {
                "path": parameter.path,
                "value": tensor(parameter.value),
                "gradient": None if parameter.gradient is None else tensor(parameter.gradient),
            }
            for parameter in layer.parameters
        ],
    }


def _update(parameter: ParameterTrace) -> dict[str, Any]:
    assert parameter.new is not None
    assert parameter.gradient is not None
    return {
        "path": parameter.path,
        "old": tensor(parameter.value),
        "gradient": tensor(parameter.gradient),
        "memory": {
            name: {"before": tensor(before), "after": tensor(after)}
            for name, (before, after) in parameter.memory.items()
        },
        "step": tensor(parameter.change),
        "new": tensor(parameter.new),
    }


def tensor(array: Array) -> dict[str, Any]:
    """``shape``, and ``values`` as nested lists, or a summary and the ``corner`` of many."""
    if array.size <= MAX_VALUES:
        return {"shape": array.shape, "values": array.tolist()}
    rows = array.reshape(-1, array.shape[-1])
    corner = rows[: CORNER[0], : CORNER[1]].tolist()
    return {"shape": array.shape, **summary(array), "corner": corner}
