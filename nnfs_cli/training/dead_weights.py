"""Weights that nothing is learnt in: without a gradient, and unchanged, for two epochs running."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.model import Model

NAMED = 5
EPOCHS = 2


class Still(NamedTuple):
    """The values of weights, and for how many epochs they have not changed."""

    values: Array
    epochs: int


class DeadWeights:
    """Looks at a model at the end of every epoch.

    A gradient of zero in one batch alone proves nothing: a last batch of one sample has none in
    front of a batch normalization.
    """

    def __init__(self, model: Model, batch_size: int) -> None:
        self.model, self.batch_size = model, batch_size
        flat = model.flat
        grads, values = map(flat.split, (flat.grads, flat.values))
        self.parameters = [
            (path, grads[path].reshape(-1), values[path])
            for path, parameter in flat.trainable.items()
            if parameter.decays
        ]
        self.still = {path: Still(values.copy(), 0) for path, _, values in self.parameters}
        """Those that had no gradient when the last epoch ended."""
        self.warned = False

    def look(self, loss: float) -> str:
        """Which weights are dead and what may help, in a sentence, once; else nothing."""
        if self.warned:
            return ""
        still = {}
        for path, grads, values in self.parameters:
            if loss and is_zero(grads):
                before = self.still.get(path)
                if before is not None and np.array_equal(values, before.values):
                    still[path] = Still(before.values, before.epochs + 1)
                else:
                    still[path] = Still(values.copy(), 0)
        self.still = still
        dead = sorted(path for path, seen in still.items() if seen.epochs >= EPOCHS)
        if not dead:
            return ""
        self.warned = True
        more = f" and {len(dead) - NAMED:,} more" if len(dead) > NAMED else ""
        return (
            f"{', '.join(dead[:NAMED])}{more}: all gradients are zero, nothing is learnt there; "
            f"{self._remedy()}"
        )

    def _remedy(self) -> str:
        normalized = any(layer.is_a("batch_norm") for _, layer in self.model.walk())
        if normalized and self.batch_size == 1:
            return "batch_norm needs two samples a batch: raise train.batch_size"
        return "lower optimizer.lr, use leaky_relu for relu, or another initializer"


def is_zero(vector: Array) -> bool:
    """Whether all numbers are 0; mostly the first one says that they are not."""
    return not vector[0] and not vector.any()
