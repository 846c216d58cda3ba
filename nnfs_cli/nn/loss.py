"""The contract of a loss: one number for a batch, and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.compute.scratch import Scratch
from nnfs_cli.compute.team import Team
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.matching import other_shapes, require_arrays, require_class_numbers

Own = TypeVar("Own", bound="Loss")


@family("loss")
class Loss(Component):
    """The mean over the batch of a penalty for each sample.

    ``outputs`` are what the network returns, (N, k). ``targets`` are what
    :meth:`encode_targets` made of the data's targets once, before training. Other targets that do
    not fit the outputs are a UsageError; a training sets ``trusting``, because its targets do.
    """

    gives_scores: ClassVar[bool] = False
    """Whether the predictions that it computes are scores of classes, and no probabilities."""

    def __post_init__(self) -> None:
        self.team = Team()
        self.scratch = Scratch()
        self.trusting = False

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"team": Team(), "scratch": Scratch()}

    def __copy__(self: Own) -> Own:
        """The same loss with scratch memory of its own: a prediction has no time for `copy`'s."""
        twin = object.__new__(type(self))
        vars(twin).update(self.__getstate__())
        return twin

    def name_classes(self, labels: Sequence[str]) -> None:
        """Learn what the data's classes are called, in the order of their numbers.

        Raises UsageError if a key of the loss names another.
        """

    def fitted(
        self: Own, targets: Array, labels: Sequence[str], weights: Array | None = None
    ) -> Own:
        """The loss with what it takes from the training targets, such as how many each class has.

        ``labels`` are the classes' names; empty for a regression. ``weights`` (N,) are given where
        samples have some. Raises UsageError.
        """
        return self

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """The loss L and dL/doutputs, which stays valid until the next call.

        The mean is over the whole team's batch: divide by ``self.team.global_count(len(outputs))``.
        ``outputs`` and ``targets`` stay as they are: layers and metrics take them afterwards.
        """
        raise NotImplementedError

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """The loss of each sample (N,), without its class's weight; L is their mean.

        Needed where samples have weights. Raises UsageError for a loss that has none.
        """
        raise UsageError(
            f"{self.word} has no sample_losses, which weights of samples need",
            "leave the weights out, or choose another loss",
        )

    def class_weights_of(self, targets: Array) -> Array | None:
        """What the class of each sample weighs (N,); None if all weigh 1."""
        return None

    def mean_and_grad(
        self, outputs: Array, targets: Array, weights: Array | None
    ) -> tuple[float, Array]:
        """The loss and its gradient by the outputs, of samples with ``weights`` w (N,).

        L = Σ_n w_n c_n l_n / Σ_n w_n c_n, the mean over the whole team's batch, for the samples'
        losses l_n and the weights c_n of their classes. Where all weights are 0, both are 0.
        """
        if weights is None:
            return self.value_and_grad(outputs, targets)
        losses = self.sample_losses(outputs, targets).astype(np.float64)
        _, dy = self.value_and_grad(outputs, targets)
        own = self.class_weights_of(targets)
        both = weights.astype(np.float64) if own is None else weights * own.astype(np.float64)
        count = self.team.global_count(float(len(targets)))
        before = count if own is None else self.team.all_reduce(float(own.sum())) or 1.0
        total = self.team.all_reduce(float(both.sum())) or 1.0
        dy *= (weights * (before / total)).astype(dy.dtype)[:, np.newaxis]
        return float(np.dot(losses, both)) / total, dy

    def total_weight(self, targets: Array, weights: Array | None) -> float:
        """What a batch of samples with ``weights`` counts for, as :meth:`weight`."""
        if weights is None:
            return self.weight(targets)
        own = self.class_weights_of(targets)
        both = weights if own is None else weights * own
        return float(both.sum(dtype=np.float64))

    def require_floats(self, outputs: Array, targets: Array) -> None:
        """Raise UsageError unless both are arrays, and the outputs floating point numbers, some."""
        if self.trusting:
            return
        require_arrays(outputs=outputs, targets=targets)
        if outputs.dtype.kind != "f":
            raise UsageError(
                f"outputs should be floating point numbers, received {outputs.dtype}",
                "outputs.astype(np.float32) makes them such",
            )
        if not outputs.size:
            raise UsageError("there are no outputs, of which a loss would be the mean")

    def require_classes(self, outputs: Array, targets: Array) -> None:
        """Raise UsageError unless the targets are class numbers (N,) for the outputs (N, K)."""
        self.require_floats(outputs, targets)
        if not self.trusting:
            require_class_numbers(outputs, targets)

    def require_values(self, outputs: Array, targets: Array) -> None:
        """Raise UsageError unless there is a target for every output."""
        self.require_floats(outputs, targets)
        if outputs.shape != targets.shape:
            raise other_shapes(outputs, targets, "outputs")

    def weight(self, targets: Array) -> float:
        """What a batch counts for when the losses of batches are averaged: its samples."""
        return float(len(targets))

    def predictions(self, outputs: Array) -> Array:
        """What the outputs say: probabilities for classes, the outputs themselves for values.

        Of a single output for two classes, class 1 is answered from 0.5 on.
        """
        return outputs

    def encode_targets(self, targets: Array, classes: int | None, output_shape: Shape) -> Array:
        """The data's targets in the form this loss compares outputs with.

        ``targets`` are class numbers (N,) if ``classes`` says how many there are, else values
        (N, k). By default classes become one-hot rows. Raises UsageError if the network's output
        cannot be compared with them.
        """
        if classes is None:
            self.require_outputs(output_shape, targets.shape[1:], "values a sample")
            return targets.astype(np.float32)
        self.require_outputs(output_shape, (classes,), "classes")
        return one_hot(targets, classes)

    def encode_distributions(self, distributions: Array, output_shape: Shape) -> Array:
        """Probabilities of the classes (N, K) in the form this loss compares outputs with.

        By default they stay rows. Raises UsageError where the loss or the outputs do not fit.
        """
        self.require_outputs(output_shape, distributions.shape[1:], "classes")
        return distributions

    def require_outputs(self, output_shape: Shape, expected: Shape, of_what: str) -> None:
        """Raise UsageError unless the network returns what the data needs."""
        if output_shape != expected:
            raise UsageError(
                f"the data has {shape_text(expected)} {of_what}, but the network returns "
                f"{shape_text(output_shape)} numbers",
                f"end the layers with {shape_text(expected)} units",
            )


def one_hot(classes: Array, count: int) -> Array:
    """Class numbers (N,) as rows (N, count) with a one at the class and zeros elsewhere."""
    rows = np.zeros((len(classes), count), dtype=np.float32)
    rows[np.arange(len(classes)), classes] = 1.0
    return rows


def class_numbers(targets: Array, classes: int) -> Array:
    """Class numbers as integers, once it is sure that each is one of 0 ... ``classes`` - 1."""
    numbers = targets.astype(np.intp, copy=False)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes:
        raise UsageError(
            f"class numbers go from {numbers.min()} to {numbers.max()}, "
            f"but there are {classes} classes",
            f"number the classes from 0 to {classes - 1}",
        )
    return numbers
