"""Cross-entropy between class probabilities and the true classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator

from nnfs_cli.components.component import loss, nearest
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.sums import row_sums
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activations.softmax import row_max, softmax
from nnfs_cli.nn.loss import Loss, class_numbers

Weight = Annotated[float, Field(ge=0.0, le=1e12)]
LEAST_WEIGHT = 1e-12
"""Of the classes together: a mean by weights that are smaller is no number of float32."""
SMALLEST = 1e-7
"""Probabilities below it count as this much, so that the logarithm stays finite."""


@lru_cache(64)
def row_starts(shape: Shape) -> Array:
    """Where each row of an array (N, K) begins in its memory."""
    starts = np.arange(0, shape[0] * shape[1], shape[1])
    starts.flags.writeable = False
    return starts


@loss("cross_entropy", "categorical_cross_entropy", "sparse_categorical_cross_entropy")
class CrossEntropy(Loss):
    """Cross-entropy of a softmax: L = Σ_n w_n (-Σ_k t_nk log p_nk) / Σ_n w_n.

    p = softmax(outputs) if ``from_logits``, else the outputs are the probabilities. t is one-hot,
    mixed with the uniform distribution by ``label_smoothing`` s: (1 - s) t + s / K. The weight
    w_n is the class weight of sample n, times its own (1 if none are given). Gradient for logits:
    dL/dlogits = w_n (p - t) / Σ w. Targets: class numbers (N,), or rows (N, K) that sum to one,
    such as several people's answers, whose weight is Σ_k t_nk w_k before smoothing; data of such
    rows says task: classification, and accuracy takes the largest for the class.

    A network that ends in softmax is trained on its logits all the same: the pair is fused.

    With class weights and label smoothing together PyTorch weights each term of the smoothed sum
    by its own class: for one sample of the first of two classes, p = (0.5, 0.5), weights (2, 1)
    and s = 0.2 the loss is 0.693 here, and 0.658 there.
    """

    from_logits: bool = Field(
        default=True, description="outputs are logits; false: probabilities of a final softmax"
    )
    label_smoothing: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="fraction of probability spread over all classes"
    )
    class_weights: list[Weight] | dict[str, Weight] | Literal["balanced"] | None = Field(
        default=None,
        description="what each class weighs: by name, such as {cat: 2}, where those left out "
        "weigh 1; a list in the order that `nnfs check` shows; or balanced, so that all classes "
        "count alike however many samples they have",
    )

    @field_validator("class_weights", mode="before")
    @classmethod
    def _names_are_texts(cls, given: Any) -> Any:
        """Python's ``{0: 2.0}`` names the class 0, as YAML's ``{0: 2.0}`` does."""
        if not isinstance(given, dict):
            return given
        whole = (int, np.integer)
        return {
            str(name) if isinstance(name, whole) else name: weight for name, weight in given.items()
        }

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.class_weights
        self.weights: list[float] | None = given if isinstance(given, list) else None

    def fitted(
        self, targets: Array, labels: Sequence[str], weights: Array | None = None
    ) -> CrossEntropy:
        """Balanced weights by name: N / (K n_k) for N samples, n_k of them of class k.

        Where samples have weights, N and n_k are sums of them.
        """
        if self.class_weights != "balanced" or not labels:
            return self
        counts = np.bincount(targets.astype(np.intp), weights, minlength=len(labels))
        total = len(targets) if weights is None else counts.sum()
        fair = total / (len(labels) * np.where(counts > 0, counts, 1))
        return replace(self, class_weights=dict(zip(labels, fair.tolist(), strict=True)))

    def name_classes(self, labels: Sequence[str]) -> None:
        """Put weights given by name in the order of the classes' numbers. Raises UsageError."""
        if not isinstance(self.class_weights, dict):
            return
        for name in self.class_weights:
            if name not in labels:
                hint = nearest(name, labels) if labels else "the data has values, not classes"
                raise UsageError(f"class_weights names {name!r}, which is no class", hint)
        self.weights = [self.class_weights.get(label, 1.0) for label in labels]

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and its gradient with respect to the outputs."""
        self.aim(outputs, targets)
        weights = self.sample_weights(outputs, targets)
        compute = self.of_logits if self.from_logits else self.of_probabilities
        losses, dy = compute(outputs, targets)
        if weights is None:
            count = self.team.global_count(float(len(outputs)))
            dy *= 1.0 / count
            return float(np.add.reduce(losses)) / count, dy
        total = self.team.all_reduce(float(weights.sum())) or 1.0
        dy *= (weights / total)[:, np.newaxis]
        return float(np.dot(losses, weights)) / total, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """-Σ_k t_k log p_k of each sample."""
        self.aim(outputs, targets)
        compute = self.of_logits if self.from_logits else self.of_probabilities
        return compute(outputs, targets)[0]

    def class_weights_of(self, targets: Array) -> Array | None:
        """The class weight of each sample."""
        return None if self.weights is None else self._chosen(np.asarray(self.weights), targets)

    def _chosen(self, weights: Array, targets: Array) -> Array:
        chosen: Array = weights[targets] if targets.ndim == 1 else targets @ weights
        return chosen

    def aim(self, outputs: Array, targets: Array) -> None:
        """See that the targets fit the outputs, and find the places of class numbers in them."""
        if not self.trusting:
            self.require_floats(outputs, targets)
            fitting = self.require_classes if targets.ndim == 1 else self.require_distributions
            fitting(outputs, targets)
        if targets.ndim == 1:
            self.places = row_starts(outputs.shape) + targets

    def require_distributions(self, outputs: Array, targets: Array) -> None:
        """Raise UsageError unless the targets are rows that sum to one, as the outputs will."""
        self.require_values(outputs, targets)
        if not np.allclose(targets.sum(axis=1), 1.0, atol=1e-3):
            raise UsageError(
                "cross_entropy takes class numbers (N), or rows that sum to one; "
                f"these sum to {targets.sum(axis=1).min():g} ... {targets.sum(axis=1).max():g}"
            )

    def of_logits(self, logits: Array, targets: Array) -> tuple[Array, Array]:
        """-Σ_k t_k log p_k = log Σ_k exp(x_k) - Σ_k t_k x_k for each row, and p - t."""
        p = self.scratch.like("dy", logits)
        np.subtract(logits, row_max(logits, p)[:, np.newaxis], out=p)
        aimed = self.aimed(p, targets)
        np.exp(p, out=p)
        sums = row_sums(p)
        p /= sums[:, np.newaxis]
        losses = np.log(sums, out=sums)
        losses -= aimed
        if self.label_smoothing:
            p -= self.label_smoothing / p.shape[1]
        if targets.ndim == 1:
            p.reshape(-1)[self.places] -= 1.0 - self.label_smoothing
        else:
            p -= (1.0 - self.label_smoothing) * targets
        return losses, p

    def of_probabilities(self, p: Array, targets: Array) -> tuple[Array, Array]:
        """-Σ_k t_k log p_k for each row, and -t / p."""
        dy = np.maximum(p, SMALLEST, out=self.scratch.like("dy", p))
        losses = -self.aimed(np.log(dy), targets)
        t = np.zeros_like(p)
        if targets.ndim == 1:
            t.reshape(-1)[self.places] = 1.0 - self.label_smoothing
        else:
            t += (1.0 - self.label_smoothing) * targets
        t += self.label_smoothing / p.shape[1]
        np.divide(t, dy, out=dy)
        return losses, np.negative(dy, out=dy)

    def aimed(self, scores: Array, targets: Array) -> Array:
        """Σ_k t_k scores_k for each row, with smoothed targets t."""
        aimed: Array
        if targets.ndim == 1:
            aimed = scores.reshape(-1)[self.places]
        else:
            aimed = np.einsum("nk,nk->n", scores, targets)
        if self.label_smoothing:
            aimed *= 1.0 - self.label_smoothing
            aimed += self.label_smoothing / scores.shape[1] * row_sums(scores)
        return aimed

    def weight(self, targets: Array) -> float:
        """The sum of the samples' class weights."""
        if self.weights is None:
            return float(len(targets))
        return float(self._chosen(np.asarray(self.weights), targets).sum())

    def sample_weights(self, outputs: Array, targets: Array) -> Array | None:
        """The class weight of each sample, or None if all are 1."""
        if self.weights is None:
            self.require_names()
            return None
        return self._chosen(np.asarray(self.weights, dtype=outputs.dtype), targets)

    def require_names(self) -> None:
        """Raise UsageError where weights are given by name and the classes' names are unknown."""
        if self.class_weights is not None and self.weights is None:
            raise UsageError(
                "class_weights by name, or balanced, need the classes of the training",
                "call fitted and name_classes first, or give a list in the order of their numbers",
            )

    def predictions(self, outputs: Array) -> Array:
        """The probabilities of the classes."""
        if not self.from_logits:
            return outputs
        return softmax(outputs, self.scratch.like("predictions", outputs))

    def encode_targets(self, targets: Array, classes: int | None, output_shape: Shape) -> Array:
        """The class numbers (N,), which this loss takes as they are."""
        if classes is None:
            raise UsageError(
                "cross_entropy needs classes, but the data's targets are values",
                "choose `mse`, or `binary_cross_entropy` for values between 0 and 1",
            )
        self.require_outputs(output_shape, (classes,), "classes")
        self.require_fitting_weights(classes)
        return class_numbers(targets, classes)

    def encode_distributions(self, distributions: Array, output_shape: Shape) -> Array:
        """The rows, which this loss takes as they are."""
        self.require_fitting_weights(distributions.shape[1])
        return super().encode_distributions(distributions, output_shape)

    def require_fitting_weights(self, classes: int) -> None:
        """Raise UsageError unless there is a weight for each class, and one of them counts."""
        self.require_names()
        if self.weights is not None and len(self.weights) != classes:
            raise UsageError(
                f"class_weights has {len(self.weights)} numbers, the data {classes} classes",
                "give one weight for each class, or weights by name: {cat: 2}",
            )
        if self.weights is not None and max(self.weights) < LEAST_WEIGHT:
            most = f"{max(self.weights):g} or less" if any(self.weights) else "0"
            raise UsageError(
                f"class_weights are all {most}: no sample would count",
                "give a class a weight such as 1",
            )
