"""What a loss is for who knows nothing, and at best: between them lies what can be learnt."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.fusing import own_activation
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.model import AT_ONCE

SAMPLES = 10_000
TINY = 1e-6


@dataclass(frozen=True)
class Chance:
    """Losses by which others are judged.

    ``even`` is that of guessing evenly (all outputs alike; for values, their mean), ``constant``
    that of the best answer that is the same for every sample, ``floor`` the lowest there can be.
    """

    even: float
    constant: float
    floor: float

    def learnt(self, loss: float) -> float:
        """How much of what can be learnt has been: 0 is no better than a constant, 1 is all."""
        if not math.isfinite(loss):
            return -math.inf
        return (self.constant - loss) / max(self.constant - self.floor, TINY)


def chance_of(loss: Loss, encoded: Array, outputs: int) -> Chance:
    """The losses of constant ``outputs`` over targets as the loss wants them.

    A cross-entropy takes logits: that of a network is fused with its last activation.
    """
    loss, few = copy.copy(loss), encoded[:SAMPLES]
    if not own_activation(loss):
        even, *others = (_loss(loss, answer, few) for answer in _constants(loss, few, outputs))
        return Chance(even, min(even, *others), 0.0)
    smoothing = loss.label_smoothing if isinstance(loss, CrossEntropy) else 0.0
    share = (1.0 - smoothing) * _share(few, outputs) + smoothing / outputs
    logits = np.log(share) if isinstance(loss, CrossEntropy) else np.log(share / (1 - share))
    constant, even = _loss(loss, logits, few), _loss(loss, np.zeros(outputs), few)
    floor = _entropy(smoothing, outputs)
    if few.ndim > 1 and isinstance(loss, CrossEntropy) and loss.weights is None and not smoothing:
        floor = float(-(few * np.log(np.maximum(few, TINY))).sum(axis=1).mean())
    return Chance(even, min(constant, even), floor)


def _constants(loss: Loss, encoded: Array, outputs: int) -> list[Array]:
    """Answers without knowledge first, then what may be the best that is always the same.

    The median for absolute errors; for hinge the commonest class, a margin ahead.
    """
    margin: float = getattr(loss, "margin", 1.0)  # which hinge has
    if encoded.ndim == 1:
        ahead = np.zeros(outputs)
        if encoded.dtype.kind not in "iu":  # of a loss of one's own
            return [ahead]
        ahead[np.bincount(encoded, minlength=outputs).argmax()] = margin
        return [np.zeros(outputs), ahead]
    some = encoded[: max(AT_ONCE // outputs, 1)]
    return [np.mean(encoded, axis=0), margin * np.median(some, axis=0)]


def _loss(loss: Loss, output: Array, encoded: Array) -> float:
    """The mean loss of answering every sample by the same ``output``."""
    total, weights, size = 0.0, 0.0, max(AT_ONCE // len(output), 1)
    for start in range(0, len(encoded), size):
        some = encoded[start : start + size]
        outputs = np.tile(np.asarray(output, np.float32), (len(some), 1))
        weight = loss.weight(some)
        total += float(loss.value_and_grad(outputs, some)[0]) * weight
        weights += weight
    return total / (weights or 1.0)


def _share(encoded: Array, outputs: int) -> Array:
    """How much of the targets each output has, never quite nothing or all of it."""
    if encoded.ndim == 1:
        counts: Array = np.bincount(encoded, minlength=outputs) / len(encoded)
    else:
        counts = np.mean(encoded, axis=0)
    return np.clip(counts, TINY, 1.0 - TINY)


def _entropy(smoothing: float, classes: int) -> float:
    """What label smoothing leaves of the loss where every sample is right."""
    if not smoothing:
        return 0.0
    wrong = smoothing / classes
    right = 1.0 - smoothing + wrong
    return -right * math.log(right) - (classes - 1) * wrong * math.log(wrong)
