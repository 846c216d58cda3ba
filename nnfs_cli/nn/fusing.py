"""Fusing: a final softmax or sigmoid and its cross-entropy are one function of the logits."""

from __future__ import annotations

from dataclasses import replace

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activations.sigmoid import Sigmoid
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.model import Model


def fuse(model: Model, loss: Loss) -> Loss:
    """The loss to train ``model`` with.

    If the network ends in the activation that the loss contains, the model's ``forward`` stops
    before it and the loss works on the logits: d(cross-entropy)/d(logits) = p - t, without the
    division by p that overflows. The layer stays in the model for ``predict``.
    """
    if not isinstance(loss, CrossEntropy | BinaryCrossEntropy):
        return loss
    wanted: type[Layer] = Softmax if isinstance(loss, CrossEntropy) else Sigmoid
    if model.head is None and isinstance(model.steps[-1], wanted):
        model.split_head()
    if isinstance(model.head, wanted):
        return replace(loss, from_logits=True)
    if not loss.from_logits:
        raise UsageError(
            f"{loss.word} with from_logits: false needs a network that ends in {wanted.word}",
            f"add `{wanted.word}` as the last layer, or leave from_logits out",
        )
    return loss
