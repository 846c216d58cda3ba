"""What is done to every input before the network sees it; stored in the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnfs_cli.parameter import Array, Shape


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """x' = x · scale - shift, in float32; and what `predict` must know to read a new input.

    ``scale`` and ``shift`` broadcast against one sample of shape ``input_shape``.
    """

    input_shape: Shape
    scale: Array
    shift: Array
    labels: tuple[str, ...] = ()
    kind: str = "vector"
    columns: list[dict[str, Any]] = field(default_factory=list)

    def apply(self, inputs: Array, out: Array) -> Array:
        """Write the scaled float32 inputs to ``out`` and return it."""
        np.multiply(inputs, self.scale, out=out, dtype=np.float32)
        out -= self.shift
        return out
