"""The contract of an optimizer: one step on the flat vector of all parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, ClassVar, TypeVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.parameter import FlatParameters, Parameter

Own = TypeVar("Own", bound="Optimizer")

BLOCK = 32_768
"""Scalars updated at a time: a few such float32 vectors stay in a core's L2 cache."""
FLUSH_EVERY = 128
FLUSH_BELOW = 1e-30
"""Memory that fades away (of a dead unit, a pixel that is always black) is set to zero before it
reaches the denormal numbers below 1e-38, with which processors calculate many times slower."""
NUMBER = (float, int, np.floating)
NEGLIGIBLE = 1e-7
"""What a float32 number does not notice, relative to itself."""
PENALTY = "penalty"
"""The name of :meth:`Optimizer.penalty` among the figures of an epoch."""


@family("optimizer")
class Optimizer(Component):
    """Changes the parameters w to lower the loss, given the gradient g.

    Weight decay is L2 regularization, g + weight_decay · w, unless ``decoupled``:
    then w shrinks by lr · weight_decay · w beside the step (Loshchilov and Hutter, 2017,
    arXiv:1711.05101). ``l1`` adds l1 · sign(w) to g. Both leave biases and gains alone. A layer's
    own ``weight_decay`` and ``bias_decay`` take the place of this one.

    So what training lowers is the loss and a ``penalty``, the sum over weights of
    weight_decay / 2 · w² + l1 · abs(w), which stands beside the loss in each epoch. Where decay is
    decoupled, no function has such a gradient: of weight_decay there is no penalty then.
    """

    lr: float = Field(gt=0.0, le=1e6, description="learning rate: the size of a step")
    weight_decay: float = Field(
        default=0.0,
        ge=0.0,
        le=1e6,
        kw_only=True,
        description="strength of the pull of weights towards zero; biases and gains stay (PyTorch "
        "pulls them: with lr 0.1 and 0.01 a bias of 1 becomes 0.999 in a step of adamw)",
    )
    l1: float = Field(
        default=0.0,
        ge=0.0,
        le=1e6,
        kw_only=True,
        description="strength of L1 regularization, which zeroes weights",
    )

    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the vectors it can remember from step to step."""
    decoupled: ClassVar[bool] = False

    def needed_slots(self) -> tuple[str, ...]:
        """The slots that these settings need."""
        return self.slots

    def bind(self, parameters: FlatParameters) -> None:
        """Work on these parameters from now on, with all memory cleared.

        Raises UsageError if there are none, or if it works on those of another model.
        """
        if not isinstance(parameters, FlatParameters):
            raise UsageError(
                f"bind expects a model's parameters, received {type(parameters).__name__}",
                "call bind(model.flat)",
            )
        if not len(parameters.values):
            raise UsageError(
                "there is nothing to train: no layer has parameters that learn",
                "add a `dense` layer, or unfreeze one",
            )
        if self._bound() not in (None, parameters):
            raise UsageError(
                "the optimizer already works on the parameters of another model",
                "make one for each model",
            )
        self.steps = 0
        self.parameters = parameters
        self.memory = {name: parameters.zeros() for name in self.needed_slots()}
        strengths = [
            (first, last, l1, 0.0 if self.decoupled else decay)
            for first, last, l1, decay in self._stretches()
        ]
        self._penalties = [each for each in strengths if each[2] or each[3]]
        self.update_only(slice(0, len(parameters.values)))

    @property
    def penalizes(self) -> bool:
        """Whether some of what it works on has a penalty."""
        return bool(self._penalties)

    @property
    def strongest_decay(self) -> float:
        """The largest weight_decay of any of its weights, coupled or not."""
        return max(decay for _, _, _, decay in self._stretches())

    def unbound(self: Own) -> Own:
        """The same optimizer, which works on no parameters yet."""
        settings = fields(self)
        return type(self)(**{field.name: getattr(self, field.name) for field in settings})

    def _bound(self) -> FlatParameters | None:
        return vars(self).get("parameters")

    def update_only(self, shard: slice) -> None:
        """Update only this shard of the flat vector: the rest is other workers'."""
        self.shard = shard
        vectors = [self.parameters.values, self.parameters.grads, *self.memory.values()]
        temporary = np.empty_like(vectors[0][:BLOCK])
        self._blocks, self._spare = [], np.empty_like(temporary)
        for first, last, l1, weight_decay in self._stretches():
            low, high = max(first, shard.start), min(last, shard.stop)
            for start in range(low, high, BLOCK):
                stop = min(start + BLOCK, high)
                values, grads, *slots = (vector[start:stop] for vector in vectors)
                part = temporary[: stop - start]
                self._blocks.append(Block(values, grads, slots, part, l1, weight_decay))

    def _stretches(self) -> Iterator[tuple[int, int, float, float]]:
        """Where the flat vector has which penalties: start, stop, l1, weight decay."""

        def penalties(parameter: Parameter) -> tuple[float, float]:
            l1, usual = (self.l1, self.weight_decay) if parameter.decays else (0.0, 0.0)
            own = parameter.weight_decay
            return l1, usual if own is None else own

        start = 0
        for (l1, weight_decay), alike in groupby(self.parameters.trainable.values(), penalties):
            stop = start + sum(parameter.size for parameter in alike)
            yield start, stop, l1, weight_decay
            start = stop

    def penalty(self) -> float:
        """The sum over weights of weight_decay / 2 · w² + l1 · abs(w), whose gradient is added."""
        total = 0.0
        for first, last, l1, l2 in self._penalties:
            for start in range(first, last, BLOCK):
                w = self.parameters.values[start : min(start + BLOCK, last)]
                total += 0.5 * l2 * float(np.vdot(w, w)) if l2 else 0.0
                total += l1 * float(np.sum(np.abs(w), dtype=np.float64)) if l1 else 0.0
        return total

    def with_penalty(self, record: dict[str, float]) -> dict[str, float]:
        """An epoch's record, with the penalty behind the training's loss if there is one."""
        if not self.penalizes:
            return record
        return {"train_loss": record["train_loss"], PENALTY: self.penalty()} | record

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: value for name, value in vars(self).items() if name not in ("_blocks", "_spare")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if "shard" in state:
            self.update_only(self.shard)

    def step(self, lr: float | None = None) -> None:
        """Update every parameter once, with the learning rate ``lr`` (default: ``self.lr``).

        The gradients stay, with the penalties of weight decay and ``l1`` added to them.
        """
        if self._bound() is None:
            raise UsageError(
                "the optimizer has no parameters to work on", "call bind(model.flat) first"
            )
        lr = self.lr if lr is None else lr
        if not (isinstance(lr, NUMBER) and 0.0 <= lr < math.inf):
            raise UsageError(f"step expects a learning rate of at least 0, received {lr!r:.60}")
        self.steps += 1
        self.start_step(lr)
        for block in self._blocks:
            if block.l1 or block.weight_decay:
                self._decay(block, lr)
            self.update(block.values, block.grads, block.temporary, *block.slots)
            if self.steps % FLUSH_EVERY == 0:
                self._flush(block)

    def start_step(self, lr: float) -> None:
        """Compute this step's scalars, once for all blocks."""
        self.step_lr = lr

    def update(self, w: Array, g: Array, temporary: Array, *slots: Array) -> None:
        """Update one block of w in place; ``temporary`` is free to use, and so is :meth:`spare`.

        ``g`` stays as it is: layers.csv tells its norm.
        """
        raise NotImplementedError

    def spare(self, w: Array) -> Array:
        """A second temporary as long as the block ``w``."""
        return self._spare[: len(w)]

    def _decay(self, block: Block, lr: float) -> None:
        w, g, temporary = block.values, block.grads, block.temporary
        if block.l1:
            # Twice as fast as np.sign, whose branches no processor can predict.
            g += np.multiply(np.greater(w, 0.0, out=temporary), block.l1, out=temporary)
            g -= np.multiply(np.less(w, 0.0, out=temporary), block.l1, out=temporary)
        if block.weight_decay and self.decoupled:
            w *= 1.0 - lr * block.weight_decay
        elif block.weight_decay:
            np.multiply(w, block.weight_decay, out=temporary)
            g += temporary

    def flush_below(self, slot: str) -> float:
        """The size below which a number of this slot may be set to zero: no step shows it."""
        return FLUSH_BELOW

    def _flush(self, block: Block) -> None:
        for name, slot in zip(self.memory, block.slots, strict=True):
            np.abs(slot, out=block.temporary)
            np.copyto(slot, 0.0, where=block.temporary < self.flush_below(name))


def flush_below(slot: str, epsilon: float) -> float:
    """The same for steps of size mean / (sqrt(square) + ε), in which either counts beside ε.

    With an ε below 1e-8 both are kept down to smaller numbers: a mean without the square that it
    is divided by would make steps many times too long.
    """
    if slot == "gradient_square":
        return min(FLUSH_BELOW, (NEGLIGIBLE * epsilon) ** 2)
    return min(FLUSH_BELOW, NEGLIGIBLE**3 * 0.1 * epsilon)


@dataclass(eq=False)
class Block:
    """A stretch of the flat vectors that fits in cache, as views."""

    values: Array
    grads: Array
    slots: list[Array]
    temporary: Array
    l1: float
    weight_decay: float
