"""What is done to every input before the network sees it; stored in the checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnfs_cli.data.columns import encode_rows
from nnfs_cli.parameter import Array, Shape


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """x' = x · scale - shift, in float32; and what `predict` must know to read a new input.

    ``scale`` and ``shift`` broadcast against one sample of shape ``input_shape``. ``white`` is
    the brightest value that a pixel can have, None if the inputs are not pixels.
    """

    input_shape: Shape
    scale: Array
    shift: Array
    labels: tuple[str, ...] = ()
    kind: str = "vector"
    columns: list[dict[str, Any]] = field(default_factory=list)
    white: int | None = None
    layout: dict[str, Any] | None = None
    """How the training table is written, if there is one (see ``data/further.py``)."""
    span: tuple[float, float] | None = None
    """The values of pictures of more than 8 bits that became 0 and 255 in training."""
    target_mean: Array | None = None
    """With ``target_deviation``: what training subtracts from and divides targets by (k,)."""
    target_deviation: Array | None = None

    def scale_targets(self, targets: Array) -> Array:
        """Values (N, k) as training sees them: (t - mean) / deviation, if they are normalized."""
        if self.target_mean is None:
            return targets
        scaled: Array = (targets - self.target_mean) / self.target_deviation
        return scaled

    def unscale(self, predictions: Array) -> Array:
        """Predictions (N, k) in the data's own units again."""
        if self.target_mean is None:
            return predictions
        values: Array = predictions * self.target_deviation + self.target_mean
        return values

    def apply(self, inputs: Array, out: Array) -> Array:
        """Write the scaled float32 inputs to ``out`` and return it."""
        np.multiply(inputs, self.scale, out=out, dtype=np.float32)
        out -= self.shift
        return out

    def encode_rows(self, rows: Sequence[Sequence[str]], names: Sequence[str] = ()) -> Array:
        """Rows of a table, as text, to inputs (N, *input_shape) in float32, not yet scaled.

        The cells are in the order of the training table, or in that of ``names``. Raises DataError
        with row and column for a missing value and for a word that training never saw.
        """
        inputs = encode_rows(self.columns, rows, names)
        return inputs.reshape(len(inputs), *self.input_shape)

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON can hold it; float32 numbers keep their exact value."""
        return {
            "input_shape": list(self.input_shape),
            "scale": self.scale.tolist(),
            "shift": self.shift.tolist(),
            "labels": list(self.labels),
            "kind": self.kind,
            "columns": self.columns,
            "white": self.white,
            "layout": self.layout,
            "span": self.span,
            "target_mean": _listed(self.target_mean),
            "target_deviation": _listed(self.target_deviation),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Preprocessing:
        """The preprocessing that :meth:`to_json` described."""
        return cls(
            input_shape=tuple(stored["input_shape"]),
            scale=np.asarray(stored["scale"], dtype=np.float32),
            shift=np.asarray(stored["shift"], dtype=np.float32),
            labels=tuple(stored["labels"]),
            kind=stored["kind"],
            columns=list(stored["columns"]),
            white=stored.get("white"),
            layout=stored.get("layout"),
            span=_span(stored.get("span")),
            target_mean=_vector(stored.get("target_mean")),
            target_deviation=_vector(stored.get("target_deviation")),
        )


def _listed(vector: Array | None) -> list[float] | None:
    return None if vector is None else [float(number) for number in vector]


def _span(numbers: Sequence[float] | None) -> tuple[float, float] | None:
    return None if numbers is None else (float(numbers[0]), float(numbers[1]))


def _vector(numbers: list[float] | None) -> Array | None:
    return None if numbers is None else np.asarray(numbers, dtype=np.float32)
