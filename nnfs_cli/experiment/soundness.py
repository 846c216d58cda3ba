"""What a config says that can be trained, and does not learn what it seems to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnfs_cli.compute.arrays import Shape
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import UsageError
from nnfs_cli.experiment.build import Built, located
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.fusing import own_activation
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.model import Model


def doubts(built: Built, document: Document) -> list[str]:
    """What to say of a new training. Raises ConfigError for a network that cannot learn."""
    if any(_has_idle_softmax(layer) for layer in _sequences(built.network.model)):
        with located(document, ("layers",)):
            raise UsageError(
                "a softmax over one number is always 1, so nothing is learnt",
                "use sigmoid, or two units for two classes; a value to predict needs neither",
            )
    every = (_second_activation, _one_class_alone, _warmup, _batches_of_one, _decay)
    return [doubt for find in every for doubt in find(built)]


def _sequences(model: Model) -> Iterator[Sequential]:
    """The model, and every chain of layers inside it."""
    yield model
    yield from (layer for _, layer in model.walk() if isinstance(layer, Sequential))


def _has_idle_softmax(sequence: Sequential) -> bool:
    """Whether a softmax works on one number; an activation has the shape of the step before it."""
    shape: Shape = ()
    head = getattr(sequence, "head", None)
    for step in [*sequence.steps, *([head] if head is not None else [])]:
        shape = step.output_shape or shape
        if step.is_a("softmax") and shape[-1:] == (1,):
            return True
    return False


def _second_activation(built: Built) -> Iterator[str]:
    """An activation in front of a loss that applies its own to what it takes for logits."""
    loss, last = built.network.loss, built.network.model.steps[-1]
    own = own_activation(loss)
    if not own or not getattr(loss, "from_logits", False):
        return
    if isinstance(last, Activation) and not last.is_a("linear"):
        yield (
            f"the layers end in {last.word}, and {loss.word} takes its outputs as logits, to which "
            f"it applies a {own} of its own: leave {last.word} out"
        )


def _one_class_alone(built: Built) -> Iterator[str]:
    """A last activation that keeps the one output on one side of where two classes divide."""
    model, loss, last = built.network.model, built.network.loss, built.network.model.steps[-1]
    single = built.network.classes == 2 and model.output_shape == (1,) and not own_activation(loss)
    if not single or not isinstance(last, Activation):
        return
    far = np.linspace(-50.0, 50.0, 101, dtype=model.dtype)[:, np.newaxis]
    second = loss.predictions(last.forward(far, training=False)) >= 0.5
    if second.all() or not second.any():
        always = built.network.labels[int(second.all())]
        yield (
            f"behind {last.word} the output never leaves the side of class {always!r}, by which "
            f"{loss.word} divides: every answer is {always!r}; leave {last.word} out, or take tanh"
        )


def _warmup(built: Built) -> Iterator[str]:
    """A warmup that does not end before the training does."""
    warmup, steps = built.config.schedule.warmup, built.training.total_steps
    if isinstance(warmup, int) and warmup >= steps:
        yield (
            f"schedule.warmup is {warmup:,} steps and the training has {steps:,}: the learning "
            "rate only rises; lower it, or write a fraction such as 0.05"
        )


def _batches_of_one(built: Built) -> Iterator[str]:
    """Batch normalization of batches that have no variance."""
    one = min(built.training.batches.batch_size, len(built.data.train)) == 1
    model = built.network.model
    flat = [
        path
        for path, layer in model.walk()
        if layer.is_a("batch_norm") and len(layer.output_shape) == 1
    ]
    if one and flat:
        yield (
            f"{flat[0]}: a batch of one sample has no variance, so nothing in front of it is "
            "learnt; raise train.batch_size"
        )


def _decay(built: Built) -> Iterator[str]:
    """A pull towards zero so strong that each step throws weights farther to the other side."""
    optimizer = built.network.optimizer
    if not (optimizer.decoupled or optimizer.is_a("sgd")):
        return
    most = 2.0 * (1.0 + getattr(optimizer, "momentum", 0.0)) / optimizer.lr
    if optimizer.strongest_decay > most:
        yield (
            f"a weight_decay of {optimizer.strongest_decay:g} is above {most:.4g}, from where on "
            f"at lr {optimizer.lr:g} each step throws weights farther beyond zero: lower it"
        )
