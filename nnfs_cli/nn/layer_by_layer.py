"""A network that is watched layer by layer, in the order in which it was written.

A training swaps and overwrites what is not read again. Here every layer runs where the config has
it, nothing is overwritten, and each array that passes is kept.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from types import MethodType

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import UNBOUND, Array
from nnfs_cli.compute.random_streams import Purpose, StepStream
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.residual import Residual
from nnfs_cli.nn.layers.sequential import Backward, Forward, Sequential
from nnfs_cli.nn.parameter import FlatParameters


@dataclass(eq=False)
class Passage:
    """What one layer saw of a batch: ``x`` and ``y``, and behind backward ``dy`` and ``dx``.

    ``asks_where`` says that it asked where to write y, which in a training may be over x.
    """

    path: str
    layer: Layer
    x: Array = field(default_factory=lambda: UNBOUND)
    y: Array = field(default_factory=lambda: UNBOUND)
    dy: Array = field(default_factory=lambda: UNBOUND)
    dx: Array = field(default_factory=lambda: UNBOUND)
    asks_where: bool = False


class LayerByLayer:
    """A copy of a built network in which every array that passes is kept.

    ``values`` are those of its parameters, a model's ``flat.all_values``.

    ``passages`` has one entry a layer, first to last, those inside a residual before itself. The
    parameters and buffers are copies in ``dtype`` (float64 shows what rounding hides), so nothing
    that is done here changes the model. A final softmax or sigmoid is a layer like the others.
    """

    def __init__(
        self, network: Sequential, values: Array, dtype: npt.DTypeLike = np.float64
    ) -> None:
        self.network = Sequential(copy.deepcopy(network.layers))
        self.network.prepare(dtype)
        self.network.build(network.input_shape)
        self.dtype = dtype
        paths = {id(layer): path for path, layer in self.network.walk()}
        self.passages: list[Passage] = []
        self._backwards = self._watch(self.network, paths)
        self._copy_arrays(network, values)

    def _watch(self, network: Sequential, paths: dict[int, str]) -> list[Backward]:
        """Let all batches pass by passages, in the bodies of residuals too."""
        forwards: list[Forward] = []
        backwards: list[Backward] = []
        for step in network.written():
            step.inplace = False
            if isinstance(step, Residual):
                self._watch(step.body, paths)
                if step.projection:
                    self._watch_shortcut(step.projection, paths)
            passage = Passage(paths[id(step)], step)
            self.passages.append(passage)
            forwards.append(_forward_through(passage))
            backwards.append(_backward_through(passage))
        backwards.reverse()
        network.go_through(forwards, backwards)
        return backwards

    def _watch_shortcut(self, projection: Layer, paths: dict[int, str]) -> None:
        passage = Passage(paths[id(projection)], projection)
        self.passages.append(passage)
        vars(projection).update(
            forward=_forward_through(passage), backward=_backward_through(passage)
        )

    def _copy_arrays(self, network: Sequential, values: Array) -> None:
        own = {f"{path}.{p.name}": p for path, at in self._parts() for p in at.parameters.values()}
        self.flat = FlatParameters(own, self.dtype)
        self.flat.all_values[...] = values
        for (_, layer), (_, original) in zip(self._parts(), network.walk(), strict=True):
            for name, buffer in layer.buffers.items():
                buffer.value[...] = original.buffers[name].value

    def _parts(self) -> list[tuple[str, Layer]]:
        return list(self.network.walk())

    def start_step(self, step: int, seed: int) -> None:
        """Let the random layers draw what they draw in this step of a training by one worker."""
        random = [layer for _, layer in self._parts() if layer.random]
        for number, layer in enumerate(random):
            draws = StepStream(seed, Purpose.LAYER, number, 0)
            draws.go_to(step)
            layer.generator = draws.generator

    def forward(self, x: Array, training: bool) -> Array:
        """The outputs of a batch, once every passage has seen its layer."""
        return self.network.forward(np.asarray(x, self.dtype), training)

    def outputs(self, x: Array, batch_size: int) -> dict[str, Array]:
        """The output of every layer in inference, by path, first to last."""
        kept: dict[str, list[Array]] = {passage.path: [] for passage in self.passages}
        for start in range(0, max(len(x), 1), batch_size):
            self.forward(x[start : start + batch_size], training=False)
            for passage in self.passages:
                kept[passage.path].append(passage.y)
        return {path: np.concatenate(arrays) for path, arrays in kept.items()}

    def backward(self, dy: Array, of_logits: Array | None = None) -> Array:
        """dL/dx of the network's inputs; every passage has its gradients, every parameter too.

        ``of_logits`` is dL/dx of the last layer where the loss has computed it, as fusing does.
        """
        if of_logits is None:
            return self.network.backward(np.array(dy, self.dtype))
        last = self.passages[-1]
        last.dy, last.dx = np.array(dy, self.dtype), np.array(of_logits, self.dtype)
        dx = last.dx.copy()
        for backward in self._backwards[1:]:
            dx = backward(dx)
        return dx


def _forward_through(passage: Passage) -> Forward:
    layer = passage.layer
    forward = MethodType(type(layer).forward, layer)

    def out(x: Array) -> Array:
        passage.asks_where = True
        return layer.scratch("out", x.shape)

    vars(layer)["out"] = out

    def call(x: Array, training: bool) -> Array:
        passage.x = x.copy()
        y: Array = forward(x, training)
        passage.y = y.copy()
        return y

    return call


def _backward_through(passage: Passage) -> Backward:
    backward = MethodType(type(passage.layer).backward, passage.layer)

    def call(dy: Array) -> Array:
        passage.dy = dy.copy()
        dx: Array = backward(dy)
        passage.dx = dx.copy()
        return dx

    return call
