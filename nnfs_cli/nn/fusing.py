"""Fusing: a final softmax or sigmoid and its cross-entropy are one function of the logits."""

from __future__ import annotations

from dataclasses import replace

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.model import Model

ACTIVATIONS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
"""What these losses contain."""


def own_activation(loss: Loss) -> str:
    """The activation that a loss applies to outputs that are logits; empty if it has none."""
    return next((ACTIVATIONS[word] for word in ACTIVATIONS if loss.is_a(word)), "")


def fuse(model: Model, loss: Loss) -> Loss:
    """The loss to train ``model`` with.

    If the network ends in the activation that the loss contains, the model's ``forward`` stops
    before it and the loss works on the logits: d(cross-entropy)/d(logits) = p - t, without the
    division by p that overflows. The layer stays in the model for ``predict``.
    """
    wanted = own_activation(loss)
    if not wanted:
        return loss
    if model.head is None and model.steps[-1].is_a(wanted):
        model.split_head()
    if model.head is not None and model.head.is_a(wanted):
        return replace(loss, **{"from_logits": True})  # which those two have
    if not getattr(loss, "from_logits", True):
        raise UsageError(
            f"{loss.word} with from_logits: false needs a network that ends in {wanted}",
            f"add `{wanted}` as the last layer, or leave from_logits out",
        )
    return loss
