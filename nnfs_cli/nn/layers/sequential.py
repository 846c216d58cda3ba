"""Sequential: layers one after another; backward is the same chain walked in reverse."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import MethodType

from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.scratch import Workspace
from nnfs_cli.errors import ShapeError, UsageError
from nnfs_cli.nn.layer import NO_GRADIENT, Layer

Forward = Callable[[Array, bool], Array]
Backward = Callable[[Array], Array]


@layer("sequential")
class Sequential(Layer):
    """Layers one after another: y = f_n(... f_2(f_1(x))).

    Backward is the chain rule: dL/dx = J_1ᵀ J_2ᵀ ... J_nᵀ dL/dy, evaluated from the right.
    """

    layers: list[Layer] = Field(min_length=1, description="the layers, first to last")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.steps = [step for child in self.layers for step in child.chain()]
        self.first = 0
        for step, next_layer in pairwise(self.steps):
            step.next_layer = next_layer
        self.steps = pool_first(self.steps)
        self._line_up()
        for child in self.layers:
            if child.chain()[0] is child and len(child.chain()) > 1:
                Written(child).take_calls()
        children = [child for _, child in self.walk()]
        if len({id(child) for child in children}) < len(children):
            raise UsageError(
                "the same layer object stands in a network twice",
                "make one for each place: a layer remembers its batch for the way back",
            )

    def build(self, input_shape: Shape) -> Shape:
        """Build each layer on the shape that the one before it returns."""
        shape = input_shape
        for index, child in enumerate(self.layers):
            child.input_shape = shape
            try:
                shape = child.output_shape = child.build(shape)
            except ShapeError as error:
                error.location = ("layers", index, *error.location)
                raise
        plan_overwriting(self.steps)
        return shape

    def forward(self, x: Array, training: bool) -> Array:
        """Send a batch through every layer."""
        for forward in self._forwards:
            x = forward(x, training)
        return x

    def backward(self, dy: Array) -> Array:
        """Send the gradient back through every layer."""
        for backward in self._backwards:
            dy = backward(dy)
        return dy if self.input_gradient else NO_GRADIENT

    def drop_last(self) -> Layer:
        """Leave the last step out of ``forward`` and ``backward``, and return it."""
        last = self.steps.pop()
        plan_overwriting(self.steps)
        self._line_up()
        return last

    def written(self) -> list[Layer]:
        """The steps in the order in which they were written: no pooling before its activation."""
        return [
            step
            for child in self.layers
            for step in (child.written() if isinstance(child, Sequential) else child.chain())
        ]

    def go_through(self, forwards: list[Forward], backwards: list[Backward]) -> None:
        """Call these instead of the steps, in this order: for who wants to see what passes."""
        self._forwards, self._backwards = forwards, backwards

    def _line_up(self) -> None:
        """Bind what a batch goes through: each step's own formula, whatever it answers by hand."""
        self.go_through(
            [MethodType(type(step).forward, step) for step in self.steps],
            [MethodType(type(step).backward, step) for step in reversed(self.steps[self.first :])],
        )

    def skip_input_gradient(self) -> None:
        """Start backward's last call at the first layer with parameters to learn."""
        self.input_gradient = False
        learners = [i for i, step in enumerate(self.steps) if has_parameters(step)]
        self.first = learners[0] if learners else len(self.steps)
        if learners:
            self.steps[self.first].skip_input_gradient()
        self._line_up()

    def share_workspace(self) -> None:
        """Let all layers inside, once they are built, work in the same memory."""
        self.workspace = Workspace(turns=2)
        for _, step in self.walk():
            step.workspace = self.workspace

    def flops(self, input_shape: Shape) -> int:
        """The sum over the layers."""
        return sum(child.flops(child.input_shape) for child in self.layers)

    def children(self) -> dict[str, Layer]:
        """The layers by name: their own, else type and order, ``dense_1``, ``relu_1``, ..."""
        return dict(zip(names_of(self.layers), self.layers, strict=True))

    def chain(self) -> list[Layer]:
        """The layers themselves: a nested Sequential runs as part of the outer one."""
        return self.steps


def names_of(layers: Sequence[Layer]) -> list[str]:
    """What layers side by side are called: their own names, else their types with a number.

    Layers with a name of their own are not counted. Raises UsageError if two have the same name.
    """
    names: dict[str, None] = {}
    counts: dict[str, int] = {}
    for child in layers:
        if child.name is None:
            counts[child.word] = counts.get(child.word, 0) + 1
        name = child.name or f"{child.word}_{counts[child.word]}"
        if name in names:
            raise UsageError(f"two layers are called {name}", "give each a name of its own")
        names[name] = None
    return [*names]


class Written:
    """A layer with an activation as shorthand, called by hand: as it was written, both of them.

    So ``for layer in model.layers: x = layer.forward(x, False)`` is the network. It knows the
    layer weakly, since the layer holds it.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = weakref.proxy(layer)
        self.formula, self.others = type(layer), layer.chain()[1:]

    def take_calls(self) -> None:
        """Answer in the layer's place."""
        vars(self.layer).update(forward=self.forward, backward=self.backward)

    def forward(self, x: Array, training: bool) -> Array:
        """The layer, then its activation."""
        x = self.formula.forward(self.layer, x, training)
        for step in self.others:
            x = step.forward(x, training)
        return x

    def backward(self, dy: Array) -> Array:
        """The activation, then the layer."""
        for step in reversed(self.others):
            dy = step.backward(dy)
        return self.formula.backward(self.layer, dy)


def pool_first(steps: list[Layer]) -> list[Layer]:
    """Swap an activation that keeps the order of numbers with a max pooling behind it.

    max(f(a), f(b)) = f(max(a, b)), and the gradients are the same too, but a 2 x 2 pooling leaves a
    quarter of the numbers to be activated.
    """
    steps = list(steps)
    for i in range(len(steps) - 1):
        if steps[i].monotone and steps[i + 1].selects:
            steps[i], steps[i + 1] = steps[i + 1], steps[i]
    return steps


def plan_overwriting(steps: list[Layer]) -> None:
    """Let each elementwise step write its output over its input where that is not read again.

    ``needed`` follows the memory that flows from step to step: does anybody read it later? The
    chain's own input belongs to the caller, so it starts as needed.
    """
    needed = True
    for step in steps:
        step.inplace = step.elementwise and not needed and not step.keeps_input
        same_memory = step.inplace or step.returns_view
        needed = step.keeps_output or (same_memory and (needed or step.keeps_input))


def has_parameters(layer: Layer) -> bool:
    """Whether the layer or one inside it has parameters to learn."""
    own = any(parameter.trainable for parameter in layer.parameters.values())
    return own or any(has_parameters(child) for child in layer.children().values())
