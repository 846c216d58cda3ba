"""Hinge loss."""

from __future__ import annotations

from typing import ClassVar

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
    With one output for two classes, L = Σ_n max(0, m - s_n y_n) / N, s = 1 for class 1 and -1 for
    class 0: the support vector machine's (Cortes and Vapnik, "Support-Vector Networks", 1995).
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines", 2001.
    """

    margin: float = Field(
        default=1.0, gt=0.0, le=1e6, description="how far ahead the right class should be"
    )

    gives_scores: ClassVar[bool] = True

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and its gradient with respect to the scores."""
        self.require_floats(outputs, targets)
        if targets.ndim == 2:
            return self.of_signs(outputs, targets)
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

    def of_signs(self, outputs: Array, signs: Array) -> tuple[float, Array]:
        """Σ max(0, m - s y) / N, and -s / N where that is not 0."""
        self.require_values(outputs, signs)
        count = self.team.global_count(float(len(outputs)))
        excess = np.multiply(outputs, signs, out=self.scratch.like("excess", outputs))
        np.subtract(self.margin, excess, out=excess)
        np.maximum(excess, 0.0, out=excess)
        dy = np.greater(excess, 0.0, out=self.scratch.like("dy", outputs))
        dy *= signs
        dy *= -1.0 / count
        return float(excess.sum()) / count, dy

    def predictions(self, outputs: Array) -> Array:
        """The scores; of a single one (y + 1) / 2, so that class 1 begins at 0.5."""
        if outputs.shape[1] > 1:
            return outputs
        scores = np.add(outputs, 1.0, out=self.scratch.like("scores", outputs))
        scores *= 0.5
        return scores

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_{j ≠ t} max(0, m + y_j - y_t) / K of each sample, or max(0, m - s y)."""
        if targets.ndim == 2:
            return np.maximum(self.margin - targets * outputs, 0.0)[:, 0]
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
        """The class numbers (N,), which this loss takes as they are; for one output -1 and 1."""
        if classes is None:
            raise UsageError(
                "hinge needs classes, but the data's targets are values", "choose `mse` or `huber`"
            )
        if classes == 2 and output_shape == (1,):
            return (2.0 * class_numbers(targets, 2).reshape(-1, 1) - 1.0).astype(np.float32)
        self.require_outputs(output_shape, (classes,), "classes")
        return class_numbers(targets, classes)
