"""Mean squared error."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.loss import Loss, class_numbers

Finite = Annotated[float, Field(ge=-1e6, le=1e6)]


@loss("mse", "mean_squared_error")
class MSE(Loss):
    """Mean squared error: L = Σ (y - t)² / (N k) over N samples of k outputs.

    Gradient: dL/dy = 2 (y - t) / (N k).

    Of classes, t is a row with 1 at the class and 0 elsewhere, or with the two numbers of
    ``class_targets``; a single output is enough for two classes, and t is then 0 or 1.
    """

    class_targets: list[Finite] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="what the outputs of the other classes and of the class itself should be, such "
        "as [0.01, 0.99] or [-1, 1]; null is [0, 1]",
    )

    gives_scores: ClassVar[bool] = True

    @field_validator("class_targets")
    @classmethod
    def _rising(cls, given: list[float] | None) -> list[float] | None:
        if given is not None and not given[0] < given[1]:
            raise ValueError("the class's own number comes second, and is the larger; swap them")
        return given

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and 2 (y - t) / (N k)."""
        self.require_values(outputs, targets)
        count = self.team.global_count(float(outputs.size))
        dy = np.subtract(outputs, targets, out=self.scratch.like("dy", outputs))
        value = float(np.vdot(dy, dy)) / count
        dy *= 2.0 / count
        return value, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_k (y - t)² / k of each sample."""
        error = outputs - targets
        losses: Array = np.einsum("nk,nk->n", error, error) / outputs.shape[1]
        return losses

    def predictions(self, outputs: Array) -> Array:
        """The outputs; a single one with ``class_targets`` on the way from 0 to 1 between them."""
        if self.class_targets is None or outputs.shape[1] > 1:
            return outputs
        low, high = self.class_targets
        scores = np.subtract(outputs, low, out=self.scratch.like("scores", outputs))
        scores /= high - low
        return scores

    def encode_targets(self, targets: Array, classes: int | None, output_shape: Shape) -> Array:
        """Values as they are; classes become rows of ``class_targets``, or one number of two."""
        if classes is None and self.class_targets is not None:
            raise UsageError(
                "class_targets is for classes, but the data's targets are values", "leave it out"
            )
        if classes == 2 and output_shape == (1,):
            rows = class_numbers(targets, classes).reshape(-1, 1).astype(np.float32)
        else:
            rows = super().encode_targets(targets, classes, output_shape)
        return self._between(rows)

    def encode_distributions(self, distributions: Array, output_shape: Shape) -> Array:
        """Probabilities p between ``class_targets``: a row, or of two classes that of class 1."""
        if distributions.shape[1] == 2 and output_shape == (1,):
            return self._between(distributions[:, 1:])
        return self._between(super().encode_distributions(distributions, output_shape))

    def _between(self, rows: Array) -> Array:
        """Numbers from 0 to 1 as numbers between ``class_targets``."""
        if self.class_targets is None:
            return rows
        low, high = self.class_targets
        return (low + (high - low) * rows).astype(np.float32)
