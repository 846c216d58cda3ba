"""Model: the root Sequential, its parameters in one flat vector, ready to train and predict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnfs_cli.available import require_memory
from nnfs_cli.errors import DataError
from nnfs_cli.layers.layer import Layer
from nnfs_cli.layers.sequential import Sequential, plan_overwriting
from nnfs_cli.parameter import Array, FlatParameters, Parameter, Shape, State
from nnfs_cli.random_streams import Purpose, StepStream, stream
from nnfs_cli.team import Team

PREDICT_BATCH = 1024


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
        self.input_shape = input_shape
        self.head: Layer | None = None
        self.prepare(dtype)
        self.output_shape = self.build(input_shape)
        self.skip_input_gradient()
        parameters = self.named_parameters()
        self._require_memory(parameters, most_parameters)
        self.flat = FlatParameters(parameters, dtype)
        self.streams: list[StepStream] = []
        self.initialize(seed)

    def _require_memory(self, parameters: dict[str, Parameter], most: int | None) -> None:
        """Values, gradients and two slots of an optimizer; the largest is drawn in float64."""
        sizes = [parameter.size for parameter in parameters.values()]
        if most is not None and sum(sizes) > most:
            raise DataError(f"{sum(sizes):,} parameters are declared where {most:,} have room")
        needed = 4 * sum(sizes) * np.dtype(self.dtype).itemsize + 8 * max(sizes, default=0)
        what = f"a network of {sum(sizes):,} parameters"
        require_memory(needed, what, "give its layers fewer units")

    def initialize(self, seed: int) -> None:
        """Draw all weights anew; the stream's key is the parameter's place among parameters."""
        for number, parameter in enumerate(self.flat.by_path.values()):
            parameter.value[...] = parameter.initial(stream(seed, Purpose.WEIGHTS, number))

    def join(self, team: Team, seed: int) -> None:
        """From now on this is the model of one worker of ``team``, with random numbers of its own.

        The values of the parameters stay those of all workers.
        """
        self.flat.join(team)
        self.streams = []
        for _, part in self.walk():
            part.team = team
        for number, part in enumerate(self.random_layers().values()):
            self.streams.append(StepStream(seed, Purpose.LAYER, number, team.rank))
            part.generator = self.streams[-1].generator

    def start_step(self, step: int) -> None:
        """Let the random layers draw this step's numbers."""
        for numbers in self.streams:
            numbers.go_to(step)

    def split_head(self) -> None:
        """Take a final softmax or sigmoid out of ``forward``: the loss works on its input.

        ``predict`` goes on to apply it.
        """
        self.head = self.steps.pop()
        plan_overwriting(self.steps)

    def predict(self, inputs: Array) -> Array:
        """The outputs of all layers for (N, ...) inputs, as a new array."""
        inputs = np.asarray(inputs, dtype=self.dtype)
        outputs = np.empty((len(inputs), *self.output_shape), dtype=self.dtype)
        for start in range(0, len(inputs), PREDICT_BATCH):
            batch = slice(start, start + PREDICT_BATCH)
            y = self.forward(inputs[batch], training=False)
            outputs[batch] = self.head.forward(y, training=False) if self.head else y
        return outputs

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter by path, such as ``dense_1.weight``, first layer to last."""
        return {f"{path}.{p.name}": p for path, at in self.walk() for p in at.parameters.values()}

    def named_states(self) -> dict[str, State]:
        """Every state by path, such as ``batch_norm_1.running_mean``."""
        return {f"{path}.{s.name}": s for path, at in self.walk() for s in at.states.values()}

    def random_layers(self) -> dict[str, Layer]:
        """The layers that draw random numbers in training, by path."""
        return {path: part for path, part in self.walk() if part.random}

    @property
    def parameter_count(self) -> int:
        """The number of scalars in all parameters, frozen ones included."""
        return int(self.flat.all_values.size)

    def summary(self) -> list[LayerSummary]:
        """A row for each layer, nested ones after the layer they are in."""
        return [
            LayerSummary(
                path, _words(part), part.output_shape, _count(part), part.flops(part.input_shape)
            )
            for path, part in self.walk()
            if part.output_shape
        ]


@dataclass(frozen=True)
class LayerSummary:
    """What a table of layers shows of one: ``flops`` is for one sample, forward."""

    path: str
    type: str
    output_shape: Shape
    parameters: int
    flops: int


def _words(part: Layer) -> str:
    """``dense + relu`` where the activation is shorthand."""
    steps = [part] if isinstance(part, Sequential) else part.chain()
    return " + ".join(step.word for step in steps)


def _count(part: Layer) -> int:
    inner = sum(_count(child) for child in part.children().values())
    return inner + sum(parameter.size for parameter in part.parameters.values())
