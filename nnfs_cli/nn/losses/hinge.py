"""Hinge loss."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.loss import Loss, class_numbers


@loss("hinge", "multi_margin")
class Hinge(Loss):
    """Every wrong class should score less than the right one, by at least a margin m.

    L = Σ_n Σ_{j ≠ t_n} max(0, m + y_nj - y_nt) / (N K), as PyTorch's MultiMarginLoss. Gradient:
    1 / (N K) for each j that violates the margin, and minus their sum for the right class.
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines", 2001.
    """

    margin: float = Field(
        default=1.0, gt=0.0, le=1e6, description="how far ahead the right class should be"
    )

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and its gradient with respect to the scores."""
        self.require_classes(outputs, targets)
        count = self.team.global_count(float(outputs.size))
        right = np.arange(len(outputs)), targets
        excess = self.scratch.like("excess", outputs)
        np.subtract(outputs, outputs[right][:, np.newaxis], out=excess)
        excess += self.margin
        excess[right] = 0.0
        np.maximum(excess, 0.0, out=excess)
        dy = np.greater(excess, 0.0, out=self.scratch.like("dy", outputs))
        dy[right] = -dy.sum(axis=1)
        dy *= 1.0 / count
        return float(excess.sum()) / count, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_{j ≠ t} max(0, m + y_j - y_t) / K of each sample."""
        right = np.arange(len(outputs)), targets
        excess = np.maximum(outputs - outputs[right][:, np.newaxis] + self.margin, 0.0)
        excess[right] = 0.0
        losses: Array = excess.mean(axis=1)
        return losses

    def encode_distributions(self, distributions: Array, output_shape: Shape) -> Array:
        """A margin knows one class a sample: always a UsageError."""
        raise UsageError(
            "hinge needs one class a sample, and the data has probabilities of classes",
            "choose `cross_entropy`",
        )

    def encode_targets(self, targets: Array, classes: int | None, output_shape: Shape) -> Array:
        """The class numbers (N,), which this loss takes as they are."""
        if classes is None:
            raise UsageError(
                "hinge needs classes, but the data's targets are values", "choose `mse` or `huber`"
            )
        self.require_outputs(output_shape, (classes,), "classes")
        return class_numbers(targets, classes)
