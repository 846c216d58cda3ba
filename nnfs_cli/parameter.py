"""Parameters and states: the arrays a network learns, and the arrays it merely keeps."""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnfs_cli.team import Team

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

UNBOUND: Array = np.empty(0, dtype=np.float32)
UNBOUND.flags.writeable = False


@dataclass(eq=False)
class Parameter:
    """An array that training changes: its ``value`` and the loss's gradient ``grad``.

    Both are views into a model's flat vectors, so that the optimizer works on one long vector.
    ``decays`` tells whether weight decay applies (weights yes; biases and gains no).
    """

    name: str
    shape: Shape
    initial: Callable[[np.random.Generator], Array]
    decays: bool = True
    trainable: bool = True
    value: Array = field(default_factory=lambda: UNBOUND)
    grad: Array = field(default_factory=lambda: UNBOUND)

    @property
    def size(self) -> int:
        """The number of scalars."""
        return math.prod(self.shape)


@dataclass(eq=False)
class State:
    """An array that a layer keeps but no gradient changes, such as a running mean."""

    name: str
    value: Array


class FlatParameters:
    """All parameters of a model as two contiguous vectors, ``values`` and ``grads``.

    Order: trainable ones that decay, trainable ones that do not, frozen ones. ``values`` and
    ``grads`` cover the trainable part, of which the first ``decaying`` scalars decay.
    """

    def __init__(self, parameters: dict[str, Parameter], dtype: npt.DTypeLike) -> None:
        decaying = {n: p for n, p in parameters.items() if p.trainable and p.decays}
        steady = {n: p for n, p in parameters.items() if p.trainable and not p.decays}
        frozen = {n: p for n, p in parameters.items() if not p.trainable}
        self.by_path = parameters
        self.trainable = decaying | steady
        self.decaying = sum(p.size for p in decaying.values())
        total = sum(p.size for p in self.trainable.values())
        everything = shared_zeros((total + sum(p.size for p in frozen.values()),), dtype)
        self.all_values = everything
        self.values = everything[:total]
        self.grads = shared_zeros((total,), dtype)
        offset = 0
        for parameter in (*self.trainable.values(), *frozen.values()):
            there = slice(offset, offset + parameter.size)
            parameter.value = everything[there].reshape(parameter.shape)
            if not parameter.trainable:
                parameter.grad = np.zeros(parameter.shape, dtype=dtype)
            offset += parameter.size
        self.make_shares(1)
        self.join(Team())

    def make_shares(self, workers: int) -> None:
        """A vector of gradients for each worker; the first one's also takes their sum."""
        others = [shared_zeros(self.grads.shape, self.grads.dtype) for _ in range(1, workers)]
        self.shares = [self.grads, *others]

    def join(self, team: Team) -> None:
        """From now on this process is one of ``team``: backward assigns to its own share."""
        self.part = team.part(len(self.grads))
        for path, view in self.split(self.shares[team.rank]).items():
            self.trainable[path].grad = view

    def add_shares(self) -> Array:
        """Add up the workers' gradients, here this worker's part of them, and return that."""
        total = self.grads[self.part]
        for share in self.shares[1:]:
            total += share[self.part]
        return total

    def split(self, vector: Array) -> dict[str, Array]:
        """Cut a vector as long as ``values`` into one view for each trainable parameter."""
        views, offset = {}, 0
        for path, parameter in self.trainable.items():
            views[path] = vector[offset : offset + parameter.size].reshape(parameter.shape)
            offset += parameter.size
        return views


def shared_zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Zeros in memory that processes forked later share with this one."""
    size = math.prod(shape)
    memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    return np.frombuffer(memory, dtype, size).reshape(shape)


def shape_text(shape: Sequence[int]) -> str:
    """A shape as people write it: ``28 x 28 x 1``."""
    return " x ".join(str(n) for n in shape) if shape else "scalar"
