"""What is done to every input before the network sees it; stored in the checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.data.images.geometry import Geometry, like_mnist
from nnfs_cli.data.tables.columns import encode_rows
from nnfs_cli.data.tables.row_samples import id_name
from nnfs_cli.data.value_range import BYTE, FEW, ValueRange, in_range
from nnfs_cli.errors import DataError


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
    """The values of images of more than 8 bits that became 0 and 255 in training."""
    figures: Geometry | None = None
    """Where figures lie in the images, if they are centred light figures on a dark ground."""
    value_range: ValueRange | None = None
    """Of the training inputs; None in runs of earlier versions."""
    target_mean: Array | None = None
    """With ``target_deviation``: what training subtracts from and divides targets by (k,)."""
    target_deviation: Array | None = None
    names: tuple[str, ...] = ()
    """Of several values a sample, or of labels of which a sample has any number."""
    thresholds: tuple[float, ...] | None = None
    """The probability from which each label is answered; None where targets are no such labels."""

    @property
    def target(self) -> str | None:
        """The name of the table's column that is predicted, if it has one."""
        return next((c["name"] for c in self.columns if c["kind"] == "target"), None)

    @property
    def id_name(self) -> str | None:
        """What the table's column is called that names its rows, if it has one."""
        return id_name(self.columns)

    @property
    def task(self) -> Literal["classes", "values", "labels"]:
        """What targets are: one of the ``labels``; numbers; or any number of the ``names``."""
        if self.labels:
            return "classes"
        return "values" if self.thresholds is None else "labels"

    def value_names(self, count: int) -> list[str]:
        """What the values of a sample are called: as their columns, else by number."""
        if count == 1 and self.target:
            return [self.target]
        return list(self.names) or [str(number) for number in range(count)]

    @property
    def brightest(self) -> float | None:
        """What white is in the training images; None where it is unknown.

        Bytes may hold numbers of few bits: those of 0 and 1 are white at 1, and what is white in
        those that end at 16 or before cannot be known.
        """
        measured = self.value_range
        if self.white != BYTE or measured is None or measured.high > FEW:
            return self.white
        return 1 if measured.high == 1 else None

    def in_shape(self, inputs: Array, what: str) -> Array:
        """Inputs (N, ...) in the network's shape, if they are of it but for the order of axes.

        Those may be flat, channels may be first, and a channel axis of one may be missing. Raises
        DataError.
        """
        shape, given = self.input_shape, inputs.shape[1:]
        if given == shape and inputs.ndim:
            return inputs
        if given == shape[-1:] + shape[:-1] != shape and len(shape) == 3:
            return np.moveaxis(inputs, 1, -1)
        plain = tuple(n for n in shape if n != 1) == tuple(n for n in given if n != 1)
        flat = 1 in (len(shape), len(given)) and prod(shape) == prod(given)
        if inputs.ndim == 0 or not (plain or flat):
            raise DataError(
                f"{what} has samples of {shape_text(given)}",
                f"the network takes {shape_text(shape)}",
            )
        return inputs.reshape(len(inputs), *shape)

    def in_range(self, inputs: Array, what: str) -> tuple[Array, str]:
        """Inputs in the range of the training, and a note if they were not. Raises DataError."""
        white, measured = self.brightest, self.value_range
        if self.kind == "vector" and measured is not None and len(self.input_shape) == 1:
            white = measured.white(self.input_shape[0])
        return in_range(inputs, white, measured, what)

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
        out[...] = inputs
        out *= self.scale
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
            "span": self.span and list(self.span),
            "figures": self.figures and self.figures.to_json(),
            "value_range": self.value_range and self.value_range.to_json(),
            "target_mean": _listed(self.target_mean),
            "target_deviation": _listed(self.target_deviation),
            **({"names": list(self.names)} if self.names else {}),
            **({"thresholds": list(self.thresholds)} if self.thresholds else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Preprocessing:
        """The preprocessing that :meth:`to_json` described.

        Earlier versions knew by the name of the data set whether images are centred figures.
        """
        figures, measured = stored.get("figures"), stored.get("value_range")
        if figures is None and stored["kind"] == "digit":
            figures = like_mnist(stored["input_shape"][0]).to_json()
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
            figures=None if figures is None else Geometry.from_json(figures),
            value_range=None if measured is None else ValueRange.from_json(measured),
            target_mean=_vector(stored.get("target_mean")),
            target_deviation=_vector(stored.get("target_deviation")),
            names=tuple(stored.get("names", ())),
            thresholds=tuple(stored["thresholds"]) if stored.get("thresholds") else None,
        )


def _listed(vector: Array | None) -> list[float] | None:
    return None if vector is None else [float(number) for number in vector]


def _span(numbers: Sequence[float] | None) -> tuple[float, float] | None:
    return None if numbers is None else (float(numbers[0]), float(numbers[1]))


def _vector(numbers: list[float] | None) -> Array | None:
    return None if numbers is None else np.asarray(numbers, dtype=np.float32)
