"""The contract of a layer: build, forward, backward."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from nnfs_cli.components.component import Component, family
from nnfs_cli.components.fields import Words
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.compute.resources import require_memory
from nnfs_cli.compute.scratch import Scratch, Workspace
from nnfs_cli.compute.team import Team
from nnfs_cli.nn.initializer import Initializer
from nnfs_cli.nn.parameter import Buffer, Parameter

MANY = 1 << 24
"""So many numbers are worth asking how much memory is free, which takes half a millisecond."""
NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Of a layer: a word without the dots that paths have."""
NAME_WORDS = Words("a letter with letters, digits and _ behind it, 60 at most,", "encoder_1")
TOGETHER = 10
"""Arrays as large as a buffer: mean, variance, and two parameters' values, gradients and slots."""


@family("layer")
class Layer(Component):
    """A differentiable function of a batch, with parameters perhaps.

    Shapes given to :meth:`build` exclude the batch axis; arrays have it first, images are
    (N, height, width, channels). The laws that let networks run without allocating:

    1. Writable are ``self.out(x)``, ``self.scratch(...)``, the ``dy`` you are given, a parameter's
       ``grad`` and your States; ``self.gradient(shape)`` and ``self.temporary(shape)``, each asked
       for once in a call. Nothing else, and no allocation in every step.
    2. The output is valid until your next call, dL/dx until the layer before has used it.
    3. ``backward`` assigns gradients; it never adds to them.
    4. Scalars are Python floats: a NumPy float64 scalar would turn float32 into float64.
    5. With ``input_gradient`` false, backward may return :data:`NO_GRADIENT`.
    6. Declare below what ``backward`` reads again. The container decides who may overwrite whom.

    A copy, by pickle too, has the same settings and is not built; a model's copy is.
    """

    trainable: bool = Field(
        default=True, kw_only=True, description="false freezes the layer's parameters (and buffers)"
    )

    name: Annotated[str, Field(pattern=NAME, max_length=60), NAME_WORDS] | None = Field(
        default=None,
        kw_only=True,
        description="what the layer is called in place of its type and number, such as dense_1; "
        "layers with a name are not counted, so that init_from finds the others all the same",
    )

    keeps_input: ClassVar[bool] = True
    """Backward reads the input again."""
    keeps_output: ClassVar[bool] = True
    """Backward reads the output again."""
    elementwise: ClassVar[bool] = False
    """Forward writes to ``self.out(x)``, which may be ``x`` itself."""
    returns_view: ClassVar[bool] = False
    """The output may be a view of the input."""
    monotone: ClassVar[bool] = False
    """Elementwise, and a larger input never gives a smaller output."""
    selects: ClassVar[bool] = False
    """The output is the largest of some inputs."""
    random: ClassVar[bool] = False
    """Forward draws from ``self.generator`` in training."""

    def __post_init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.buffers: dict[str, Buffer] = {}
        self.learns = self.trainable
        self.input_shape: Shape = ()
        self.output_shape: Shape = ()
        self.inplace = False
        self.input_gradient = True
        self.next_layer: Layer | None = None
        self.owner: weakref.ref[Layer] | None = None
        self.dtype: npt.DTypeLike = np.float32
        self.team = Team()
        self.generator = np.random.Generator(np.random.PCG64(0))
        self.scratch = Scratch()
        self.workspace = Workspace()
        """That of all layers, once a model has them."""

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    def prepare(self, dtype: npt.DTypeLike, learns: bool = True) -> None:
        """Before ``build``: fix the dtype, and freeze what lies inside a frozen layer."""
        self.dtype = self.scratch.dtype = dtype
        self.learns = learns and self.trainable
        for child in self.children().values():
            child.prepare(dtype, self.learns)

    def build(self, input_shape: Shape) -> Shape:
        """Declare the parameters and return the output's shape, or raise ShapeError."""
        return input_shape

    def forward(self, x: Array, training: bool) -> Array:
        """The output for a batch; ``training`` switches dropout and batch statistics on.

        ``x`` stays as it is: it may be the data themselves, which cannot be written.
        """
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """Assign dL/dparameter to each ``grad`` and return dL/dx, given dy = dL/dy."""
        raise NotImplementedError

    def flops(self, input_shape: Shape) -> int:
        """Floating point operations of forward for one sample, by the usual count."""
        return int(np.prod(input_shape))

    def children(self) -> dict[str, Layer]:
        """The layers inside this one, by name."""
        return {}

    def chain(self) -> list[Layer]:
        """The simple layers that this one stands for, in order of execution."""
        return [self]

    def walk(self, path: str = "") -> Iterator[tuple[str, Layer]]:
        """Every layer inside this one with its path, such as ``residual_1.dense_2``."""
        for name, child in self.children().items():
            inner = f"{path}.{name}" if path else name
            yield inner, child
            yield from child.walk(inner)

    def skip_input_gradient(self) -> None:
        """Do not compute this layer's dL/dx any more: it is not needed."""
        self.input_gradient = False

    def parameter(
        self,
        name: str,
        shape: Shape,
        initializer: Initializer,
        decays: bool = True,
        weight_decay: float | None = None,
    ) -> Parameter:
        """Declare a parameter (in ``build``), with a ``weight_decay`` of its own if it has one."""
        initial = partial(initializer.sample, shape=shape)
        declared = Parameter(name, shape, initial, decays, self.learns, weight_decay)
        self.parameters[name] = declared
        return self.parameters[name]

    def buffer(self, name: str, shape: Shape, fill: float) -> Buffer:
        """Declare a buffer (in ``build``). Raises MachineError if there is no room for it."""
        if math.prod(shape) > MANY:
            needed = TOGETHER * math.prod(shape) * np.dtype(self.dtype).itemsize
            what = f"a {self.word} of {shape_text(shape)} features"
            require_memory(needed, what, "give the layer before it fewer units")
        self.buffers[name] = Buffer(name, np.full(shape, fill, dtype=self.dtype))
        return self.buffers[name]

    def out(self, x: Array) -> Array:
        """Where an elementwise layer writes its output: ``x`` itself if it is not read again."""
        return x if self.inplace else self.scratch("out", x.shape)

    def gradient(self, shape: Shape) -> Array:
        """Where backward writes its dL/dx, in other memory than that of its dy."""
        return self.workspace.gradient(shape, self.dtype)

    def temporary(self, shape: Shape) -> Array:
        """Memory for the length of a call: other layers take the same."""
        return self.workspace.temporary(shape, self.dtype)


NO_GRADIENT: Array = np.empty(0, dtype=np.float32)
"""What backward returns where dL/dx is not needed."""
