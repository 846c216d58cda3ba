"""Model: the root Sequential, its parameters in one flat vector, ready to train and predict."""

from __future__ import annotations

import copy
import math
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import Array, Shape, as_batch, as_numbers, as_shape, shape_text
from nnfs_cli.compute.random_streams import Purpose, StepStream, require_seed, stream
from nnfs_cli.compute.resources import require_memory
from nnfs_cli.compute.team import Team
from nnfs_cli.errors import DataError, ShapeError, UsageError
from nnfs_cli.nn.inference import infer
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layer_summary import LayerSummary, summary_of
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.parameter import Buffer, FlatParameters, Parameter

CACHE = 2 * 1024 * 1024
"""Bytes: a core's L2, more or less."""
MAX_SAMPLES = 512
AT_ONCE = 4_000_000
"""Outputs, 16 MB of them: those of 400,000 samples of ten classes, or of 800 of 5,000."""


class Model(Sequential):
    """A Sequential built for an input shape, with initial weights drawn from ``seed``.

    ``forward`` and ``backward`` are Sequential's. ``flat.values`` and ``flat.grads`` hold all
    parameters and gradients; the layers' own arrays are views into them.
    """

    def __init__(
        self,
        layers: list[Layer] | Sequential,
        input_shape: Shape,
        seed: int = 0,
        dtype: npt.DTypeLike = np.float32,
        most_parameters: int | None = None,
    ) -> None:
        """``most_parameters`` refuses, before allocating, what is larger than it should be."""
        super().__init__(layers.layers if isinstance(layers, Sequential) else layers)
        require_seed(seed)
        self._require_no_other_model()
        self._assemble(as_shape(input_shape), dtype)
        parameters = self.named_parameters()
        self._require_memory(parameters, most_parameters)
        self.flat = FlatParameters(parameters, dtype)
        self.initialize(seed)
        self.join(Team(), seed)
        for _, layer in self.walk():
            layer.owner = weakref.ref(self)

    def _assemble(self, input_shape: Shape, dtype: npt.DTypeLike) -> None:
        """Build the layers, which declare their parameters."""
        self.input_shape = input_shape
        self.head: Layer | None = None
        self.prepare(dtype)
        self.output_shape = self.build(input_shape)
        self.skip_input_gradient()
        self.share_workspace()
        self.streams: list[StepStream] = []
        self.idle: list[Sequential] = []
        self._interrupted = self._under_way = False
        self._returned: Shape | None = None
        self.inference_batch = self._fitting_batch()

    def _require_no_other_model(self) -> None:
        for path, layer in self.walk():
            if layer.owner and layer.owner():
                raise UsageError(
                    f"the layer {path} belongs to another model, whose weights it would leave",
                    "make new layers for each model, or take copy.deepcopy(layers)",
                )

    def __getstate__(self) -> dict[str, Any]:
        return {
            "settings": super().__getstate__(),
            "built": (self.input_shape, np.dtype(self.dtype), self.head is not None),
            "inference_batch": self.inference_batch,
            "flat": self.flat,
            "buffers": {path: buffer.value for path, buffer in self.named_buffers().items()},
            "generators": [layer.generator for layer in self.random_layers().values()],
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state["settings"])
        input_shape, dtype, split = state["built"]
        self._assemble(input_shape, dtype)
        if split:
            self.split_head()
        self.inference_batch = state["inference_batch"]
        self.flat = state["flat"]
        self.flat.adopt(self.named_parameters())
        for path, kept in self.named_buffers().items():
            kept.value = state["buffers"][path]
        for layer, generator in zip(
            self.random_layers().values(), state["generators"], strict=True
        ):
            layer.generator = generator
        for _, layer in self.walk():
            layer.owner = weakref.ref(self)

    def __copy__(self) -> Model:
        return copy.deepcopy(self)  # layers belong to one model

    def forward(self, x: Array, training: bool) -> Array:
        """The outputs for a batch (N, ...) of the network's own dtype, or converted to it.

        ``backward`` belongs to the last forward with ``training``. Raises ShapeError, DataError.
        """
        x = self.fitting(x)
        if not len(x):
            raise ShapeError("a batch without samples goes through no network", "leave it out")
        self._interrupted = self._under_way and not training
        self._under_way = self._under_way or training
        outputs = super().forward(x, training)
        self._returned = outputs.shape
        return outputs

    def fitting(self, x: Array) -> Array:
        """A batch in the network's dtype. Raises ShapeError if it was built for another shape."""
        return as_batch(x, self.input_shape, self.dtype)

    def backward(self, dy: Array) -> Array:
        """Assign dL/dparameter to every ``grad``, given dL/doutputs of the last forward.

        Raises UsageError if there was none, or if another batch went forward since the one in
        training; ShapeError if dy is not of the outputs' shape.
        """
        if self._returned is None:
            raise UsageError("no batch went forward yet", "call forward before backward")
        if type(dy) is not np.ndarray or dy.dtype != self.dtype:
            dy = np.asarray(as_numbers(dy, "the outputs' gradients"), self.dtype)
        if dy.shape != self._returned:
            raise ShapeError(
                f"the last forward returned shape ({shape_text(self._returned)}), "
                f"backward received ({shape_text(dy.shape)})",
                "backward belongs to the last forward",
            )
        if self._interrupted:
            raise UsageError(
                "a batch went forward with training=False between a forward in training and its "
                "backward, which would answer for the wrong batch",
                "call backward first, or look at other batches with `predict`",
            )
        self._under_way = False
        self.workspace.begin()
        return super().backward(dy)

    def _require_memory(self, parameters: dict[str, Parameter], most: int | None) -> None:
        """Values, gradients and two slots of an optimizer; the largest is drawn in float64."""
        sizes = [parameter.size for parameter in parameters.values()]
        if most is not None and sum(sizes) > most:
            raise DataError(f"{sum(sizes):,} parameters are declared where {most:,} have room")
        needed = 4 * sum(sizes) * np.dtype(self.dtype).itemsize + 8 * max(sizes, default=0)
        what = f"a network of {sum(sizes):,} parameters"
        require_memory(needed, what, "give its layers fewer units")

    def require_batch_memory(self, samples: int) -> None:
        """Raise MachineError if a batch's outputs, and gradients as large as inputs, cannot fit."""
        sizes = [
            math.prod(layer.output_shape) + math.prod(layer.input_shape)
            for _, layer in self.walk()
            if layer.parameters
        ]
        needed = samples * sum(sizes) * np.dtype(self.dtype).itemsize
        remedy = "lower train.batch_size or the layers' sizes"
        require_memory(needed, f"a step with a batch of {samples:,}", remedy)

    def initialize(self, seed: int) -> None:
        """Draw all weights anew; the stream's key is the parameter's place among parameters."""
        for number, parameter in enumerate(self.flat.by_path.values()):
            parameter.value[...] = parameter.initial(stream(seed, Purpose.WEIGHTS, number))

    def share_memory(self) -> None:
        """Move the parameters to memory that processes forked later share with this one."""
        self.flat.share_memory()
        self.idle = []

    def join(self, team: Team, seed: int) -> None:
        """From now on this is the model of one worker of ``team``, with random numbers of its own.

        The values of the parameters stay those of all workers.
        """
        self.flat.join(team)
        self.streams = []
        for _, layer in self.walk():
            layer.team = team
        for number, layer in enumerate(self.random_layers().values()):
            self.streams.append(StepStream(seed, Purpose.LAYER, number, team.rank))
            layer.generator = self.streams[-1].generator

    def start_step(self, step: int) -> None:
        """Let the random layers draw this step's numbers."""
        for numbers in self.streams:
            numbers.go_to(step)

    def split_head(self) -> None:
        """Take a final softmax or sigmoid out of ``forward``: the loss works on its input.

        ``predict`` goes on to apply it.
        """
        self.head = self.drop_last()
        self.idle = []

    def predict(self, inputs: Array) -> Array:
        """The outputs of all layers for (N, ...) inputs, as a new array."""
        outputs = infer(self, self.fitting(inputs), lambda x, _: x)
        if self.head is None:
            return outputs
        head = copy.deepcopy(self.head)  # with scratch memory of its own, for the caller to keep
        head.prepare(self.dtype)
        return head.forward(outputs, training=False)

    def activations(self, inputs: Array) -> dict[str, Array]:
        """The output of every layer for (N, ...) inputs, by path, first to last.

        In the order in which the layers were written, as in inference: ``dense_1`` before and
        ``dense_1.activation`` behind its activation, a final softmax too. Raises ShapeError.
        """
        from nnfs_cli.nn.layer_by_layer import LayerByLayer

        watched = LayerByLayer(self, self.flat.all_values, self.dtype)
        return watched.outputs(self.fitting(inputs), self.inference_batch)

    def replica(self) -> Sequential:
        """The same network with its own scratch memory, but the model's parameters and buffers."""
        twin = Sequential(copy.deepcopy(self.layers))
        twin.prepare(self.dtype)
        twin.build(self.input_shape)
        twin.share_workspace()
        for (_, own), (_, other) in zip(self.walk(), twin.walk(), strict=True):
            for name, parameter in own.parameters.items():
                other.parameters[name].bind(value=parameter.value)
            for name, buffer in own.buffers.items():
                other.buffers[name].bind(value=buffer.value)
        if self.head:
            twin.drop_last()
        return twin

    def _fitting_batch(self) -> int:
        """Samples for inference: a power of two, so many that a layer's outputs stay in cache."""
        shapes = [self.input_shape, *(row.output_shape for row in self.summary())]
        widest = max(math.prod(shape) for shape in shapes) * np.dtype(self.dtype).itemsize
        most = min(MAX_SAMPLES, max(1, CACHE // widest))
        return 1 << (most.bit_length() - 1)

    def blocks(self, count: int) -> Iterator[slice]:
        """So many samples in pieces of whole batches, each of at most ``AT_ONCE`` outputs or one
        batch."""
        batch = self.inference_batch
        size = max(AT_ONCE // (batch * math.prod(self.output_shape)), 1) * batch
        for start in range(0, max(count, 1), size):
            yield slice(start, min(start + size, count))

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter by path, such as ``dense_1.weight``, first layer to last."""
        return {f"{path}.{p.name}": p for path, at in self.walk() for p in at.parameters.values()}

    def named_buffers(self) -> dict[str, Buffer]:
        """Every buffer by path, such as ``batch_norm_1.running_mean``."""
        return {f"{path}.{b.name}": b for path, at in self.walk() for b in at.buffers.values()}

    def random_layers(self) -> dict[str, Layer]:
        """The layers that draw random numbers in training, by path."""
        return {path: layer for path, layer in self.walk() if layer.random}

    @property
    def parameter_count(self) -> int:
        """The number of scalars in all parameters, frozen ones included."""
        return int(self.flat.all_values.size)

    def summary(self) -> list[LayerSummary]:
        """A row for each layer, nested ones after the layer they are in."""
        return [summary_of(path, layer) for path, layer in self.walk() if layer.output_shape]
