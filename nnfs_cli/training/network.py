"""Network: a model with everything it takes to train it and to use it on raw inputs."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnfs_cli.compute.arrays import Array, as_numbers
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.nn.inference import infer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric, Task
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.usual_metrics import with_usual


@dataclass(frozen=True, eq=False)
class Network:
    """A model with the loss, the optimizer, the metrics and the preprocessing it belongs to."""

    model: Model
    loss: Loss
    optimizer: Optimizer
    metrics: Sequence[Metric]
    preprocessing: Preprocessing

    def __post_init__(self) -> None:
        self.loss.name_classes(self.labels)
        for metric in self.metrics:
            metric.decide_at(self.preprocessing.thresholds)

    @property
    def classes(self) -> int | None:
        """How many classes the data has; None for a regression."""
        return len(self.preprocessing.labels) or None

    @property
    def task(self) -> Task:
        """What the targets are: classes, values, or labels of which a sample has any number."""
        return self.preprocessing.task

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes' names; empty for a regression."""
        return self.preprocessing.labels

    @property
    def gives_probabilities(self) -> bool:
        """Whether it answers with probabilities: with cross-entropy or a softmax it does.

        A loss that computes predictions of its own makes probabilities of them. What a network
        learns by squared error or hinge is a score, or a value.
        """
        overrides = type(self.loss).predictions is not Loss.predictions
        makes_its_own = overrides and not self.loss.gives_scores
        last = self.model.steps[-1] if self.model.head is None else self.model.head
        return self.task != "values" and (makes_its_own or last.is_a("softmax"))

    def metrics_for(self, targets: Array) -> list[Metric]:
        """What is told of such a split: the metrics, and accuracy or r2 where it is none of them.

        ``targets`` are those of the split.
        """
        return with_usual(self.metrics, self.task, self.preprocessing.thresholds, targets)

    def batches(
        self,
        samples: Samples,
        batch_size: int | Literal["full"] | None = None,
        augmenter: Augmenter | None = None,
    ) -> Batches:
        """Samples as batches for this network, by default of the size that suits inference.

        Raises UsageError if its outputs do not fit.
        """
        size = batch_size or self.model.inference_batch
        scaled = self.preprocessing.scale_targets(samples.targets)
        shape, soft = self.model.output_shape, samples.distributions
        if soft is None:
            targets = self.loss.encode_targets(scaled, self.classes, shape)
        else:
            targets = self.loss.encode_distributions(soft, shape)
        return Batches(samples, self.preprocessing, targets, size, augmenter)

    def predict(self, inputs: Array) -> Array:
        """Probabilities (N, classes), or values (N, k) in a regression, as a new array.

        ``inputs`` are raw, as in the data set (pixels 0..255, say): the scaling that was fitted
        in training is applied here. As `nnfs predict` does, it takes images with channels first,
        and warns where it brings values to the range of the training. Raises DataError if their
        shape or range does not fit.
        """
        return self.answer(self._raw(inputs))

    def activations(self, inputs: Array) -> dict[str, Array]:
        """The output of every layer for raw ``inputs``, by path: see `Model.activations`.

        Takes what :meth:`predict` takes.
        """
        raw = self._raw(inputs)
        scaled = np.empty(raw.shape, dtype=np.float32)
        return self.model.activations(self.preprocessing.apply(raw, out=scaled))

    def _raw(self, inputs: Array) -> Array:
        """Inputs in the network's shape and the data's range. Raises DataError."""
        fitted = self.preprocessing.in_shape(as_numbers(inputs, "the inputs"), "the array")
        raw, note = self.preprocessing.in_range(fitted, "the array")
        if note:
            warnings.warn(note, stacklevel=3)
        return raw

    def answer(self, inputs: Array) -> Array:
        """What :meth:`predict` returns, of inputs in the network's shape and the data's range."""
        outputs = infer(self.model, inputs, self.preprocessing.apply)
        loss = copy.copy(self.loss)  # with its own scratch memory: other threads may predict
        outputs[...] = self.preprocessing.unscale(loss.predictions(outputs))
        return outputs

    def of_answers(self, inputs: Array, reduce: Callable[[Array], Array]) -> Array:
        """What ``reduce`` makes of the answers (N, k), joined: not all are in memory at a time."""
        blocks = self.model.blocks(len(inputs))
        return np.concatenate([reduce(self.answer(inputs[block])) for block in blocks])
