"""Parameters and buffers: the arrays a network learns, and the arrays it merely keeps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import UNBOUND, Array, Shape, shape_text, shared_zeros
from nnfs_cli.compute.team import Team
from nnfs_cli.errors import UsageError


class Holder:
    """Holds arrays that others may hold too, as views: assigning to one copies into it.

    So ``parameter.value = numbers`` sets the very numbers that the optimizer updates.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        own = vars(self).get(name)
        if not isinstance(own, np.ndarray) or own is UNBOUND:
            super().__setattr__(name, value)
        elif value is not own:
            if np.shape(value) != own.shape:
                raise UsageError(
                    f"the {name} of {vars(self)['name']} has shape ({shape_text(own.shape)}), "
                    f"received ({shape_text(np.shape(value))})"
                )
            own[...] = value

    def bind(self, **arrays: Array) -> None:
        """Hold these arrays themselves from now on."""
        vars(self).update(arrays)


@dataclass(eq=False)
class Parameter(Holder):
    """An array that training changes: its ``value`` and the loss's gradient ``grad``.

    Both are views into a model's flat vectors, so that the optimizer works on one long vector.
    ``decays`` tells whether the optimizer's penalties apply (weights yes; biases and gains no);
    ``weight_decay``, where the layer has one of its own, takes the place of the optimizer's.
    """

    name: str
    shape: Shape
    initial: Callable[[np.random.Generator], Array]
    decays: bool = True
    trainable: bool = True
    weight_decay: float | None = None
    value: Array = field(default_factory=lambda: UNBOUND)
    grad: Array = field(default_factory=lambda: UNBOUND)

    @property
    def size(self) -> int:
        """The number of scalars."""
        return math.prod(self.shape)


@dataclass(eq=False)
class Buffer(Holder):
    """An array that a layer keeps but no gradient changes, such as a running mean."""

    name: str
    value: Array


class FlatParameters:
    """All parameters of a model as two contiguous vectors, ``values`` and ``grads``.

    Order: trainable ones that decay, trainable ones that do not, frozen ones. ``values`` and
    ``grads`` cover the trainable ones, of which the first ``decaying`` scalars decay. A copy has
    its own vectors, with gradients of zero.
    """

    def __init__(self, parameters: dict[str, Parameter], dtype: npt.DTypeLike) -> None:
        decaying = {n: p for n, p in parameters.items() if p.trainable and p.decays}
        steady = {n: p for n, p in parameters.items() if p.trainable and not p.decays}
        frozen = {n: p for n, p in parameters.items() if not p.trainable}
        self.by_path = parameters
        self.trainable = decaying | steady
        self.frozen = frozen
        self.decaying = sum(p.size for p in decaying.values())
        self.shared = False
        total, kept = (sum(p.size for p in some.values()) for some in (self.trainable, frozen))
        self._lay_out(np.zeros(total + kept, dtype), np.zeros(total, dtype))

    def _lay_out(self, everything: Array, grads: Array) -> None:
        """Make views of these vectors the parameters' values and gradients."""
        self.all_values, self.grads = everything, grads
        self.values = everything[: len(grads)]
        offset = 0
        for parameter in (*self.trainable.values(), *self.frozen.values()):
            there = slice(offset, offset + parameter.size)
            parameter.bind(value=everything[there].reshape(parameter.shape))
            if not parameter.trainable:
                parameter.bind(grad=np.zeros(parameter.shape, everything.dtype))
            offset += parameter.size
        self.make_worker_grads(1)
        self.join(Team())

    def share_memory(self) -> None:
        """Move all values and gradients to memory that processes forked later share with this one.

        What was a view of them before, an optimizer's blocks say, has to be made again.
        """
        if not self.shared:
            self.shared = True
            everything, grads = self.all_values, self.grads
            self._lay_out(self.zeros(len(everything)), self.zeros(len(grads)))
            self.all_values[...], self.grads[...] = everything, grads

    def zeros(self, count: int | None = None) -> Array:
        """A vector (by default as long as ``values``) that processes share if they share these."""
        count = len(self.values) if count is None else count
        dtype = self.all_values.dtype
        return shared_zeros((count,), dtype) if self.shared else np.zeros(count, dtype)

    def adopt(self, parameters: dict[str, Parameter]) -> None:
        """Give the values to these parameters, declared anew under the same paths."""
        self.by_path = parameters
        self.trainable = {path: parameters[path] for path in self.trainable}
        self.frozen = {path: parameters[path] for path in self.frozen}
        self._lay_out(self.all_values, self.grads)

    def __getstate__(self) -> dict[str, Any]:
        bare = {p: replace(at, value=UNBOUND, grad=UNBOUND) for p, at in self.by_path.items()}
        return {"parameters": bare, "values": self.all_values}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FlatParameters.__init__(self, state["parameters"], state["values"].dtype)
        self.all_values[...] = state["values"]

    def make_worker_grads(self, workers: int) -> None:
        """A vector of gradients for each worker; that of rank 0 also takes their sum."""
        self.worker_grads = [self.grads, *(self.zeros() for _ in range(1, workers))]

    def join(self, team: Team) -> None:
        """From now on this process is one of ``team``: backward assigns to its own gradients."""
        self.shard = team.shard(len(self.grads))
        for path, view in self.split(self.worker_grads[team.rank]).items():
            self.trainable[path].bind(grad=view)

    def add_worker_grads(self) -> Array:
        """Add up the workers' gradients, here this worker's shard of them, and return that."""
        total = self.grads[self.shard]
        for grads in self.worker_grads[1:]:
            total += grads[self.shard]
        return total

    def split(self, vector: Array) -> dict[str, Array]:
        """Cut a vector as long as ``values`` into one view for each trainable parameter.

        One as long as ``all_values``, into views for the frozen ones too.
        """
        views, offset = {}, 0
        longer = len(vector) > len(self.values)
        for path, parameter in (self.trainable | (self.frozen if longer else {})).items():
            views[path] = vector[offset : offset + parameter.size].reshape(parameter.shape)
            offset += parameter.size
        return views
