"""What a plugin's components return, compared with their contracts; only plugins pay for it."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from nnfs_cli.components.component import Component
from nnfs_cli.compute.arrays import Array, Shape, read_only, shape_text
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.dataset import Dataset, Loaded
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.initializer import Initializer
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.schedule import Schedule

Check = Callable[[Any, tuple[Any, ...], Any], str]
"""The component, the arguments of a method, what it returned: what was expected instead, or ""."""


WHY_FLOAT64 = (
    "trace, inspect and gradcheck compute in float64: keep the dtype of the arrays that are given"
)


def array(found: Any, dtype: Any, shape: Shape) -> str:
    """Expect an array."""
    wanted = f"an array of {np.dtype(dtype)} and shape ({shape_text(shape)})"
    same = is_plain(found) and found.dtype == dtype and found.shape == shape
    return "" if same else wanted


def is_plain(found: Any) -> bool:
    """Whether it is an array that computes as arrays do: a matrix or a masked one does not."""
    return type(found) is np.ndarray


def number(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a number."""
    real = isinstance(found, int | float | np.number) and not isinstance(found, bool)
    return "" if real else "a number"


def built(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect the shape of a layer's output."""
    whole = isinstance(found, tuple) and all(isinstance(n, int | np.integer) for n in found)
    return "" if whole and min(found, default=1) > 0 else "the output's shape, a tuple of integers"


def forward(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a batch of outputs."""
    x: Array = given[0]
    component.guarded_shape = x.shape
    alike = isinstance(component, Activation) and not component.output_shape
    return array(found, component.dtype, x.shape if alike else (len(x), *component.output_shape))


def backward(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a gradient of the last batch's shape; any array where it is not needed."""
    if not component.input_gradient and isinstance(found, np.ndarray):
        return ""
    return array(found, component.dtype, component.guarded_shape)


def value_and_grad(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a loss and its gradient."""
    outputs: Array = given[0]
    wanted = f"the loss, a number, and its gradient, {array(None, outputs.dtype, outputs.shape)}"
    if not isinstance(found, tuple) or len(found) != 2:
        return wanted
    wrong = number(component, given, found[0]) or array(found[1], outputs.dtype, outputs.shape)
    return wanted if wrong else ""


def rows(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a row, or a number, for each of the first argument's."""
    same = is_plain(found) and found.shape[:1] == given[0].shape[:1]
    return "" if same else f"an array of {len(given[0])} rows"


def predictions(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a row of real numbers for each of the outputs."""
    real = not rows(component, given, found) and found.dtype.kind == "f"
    return "" if real else f"an array of floats with {len(given[0])} rows"


def summed(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect sums that a checkpoint can hold, in a metric that has some."""
    sums = component.sums
    vector = is_plain(sums) and sums.dtype == np.float64 and sums.ndim == 1
    return "" if vector or not component.in_training else "self.sums to be a vector of float64"


def sample(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect the values of a parameter, real numbers."""
    dtype = getattr(found, "dtype", np.dtype(np.float64))
    return array(found, dtype if dtype.kind in "fiu" else np.float64, tuple(given[1]))


def factor(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect what a learning rate can be multiplied by."""
    wrong = number(component, given, found) or not 0 <= found < math.inf
    return "a number of at least 0" if wrong else ""


def images(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect as many images of the same shape."""
    return array(found, np.float32, given[0].shape)


def loaded(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect a data set's arrays."""
    return "" if isinstance(found, Loaded) else "Loaded, see nnfs_cli/data/dataset.py"


def nothing(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect None from what works in place: a returned value would be ignored."""
    return "" if found is None else "None: it changes the arrays that it is given"


def anything(component: Any, given: tuple[Any, ...], found: Any) -> str:
    """Expect nothing."""
    return ""


CONTRACTS: dict[type[Component], dict[str, Check]] = {
    Layer: {"build": built, "forward": forward, "backward": backward},
    Loss: {
        "value_and_grad": value_and_grad,
        "predictions": predictions,
        "encode_targets": rows,
        "weight": number,
    },
    Metric: {"reset": summed, "update": summed, "result": number},
    Optimizer: {"start_step": anything, "update": nothing},
    Schedule: {"factor": factor},
    Initializer: {"sample": sample},
    Augmentation: {"build": anything, "apply": images},
    Dataset: {"load": loaded},
}
READERS = (Loss, Metric)
"""They leave what they are given as it is: the backward pass, or the next metric, takes it too."""
OPTIONAL = {"build", "predictions", "encode_targets", "weight", "start_step"}


def guard(cls: type[Component]) -> None:
    """Let each method of its contract raise UsageError where it breaks it or is not there."""
    for base, checks in CONTRACTS.items():
        if not issubclass(cls, base):
            continue
        for name, check in checks.items():
            method = getattr(cls, name)
            if method is getattr(base, name):
                if name not in OPTIONAL:
                    setattr(cls, name, missing(cls, name))
            elif method.__module__ == cls.__module__:
                setattr(cls, name, guarded(cls, method, check))


def missing(cls: type[Component], name: str) -> Any:
    """A method that its family cannot do without, once it is called."""

    def call(self: Any, *given: Any, **named: Any) -> Any:
        raise UsageError(f"plugin {file_of(cls)}: {cls.__name__} has no method `{name}`")

    return call


def guarded(cls: type[Component], method: Any, check: Check) -> Any:
    """The method, its result checked where it is called on an instance of this very class."""

    @functools.wraps(method)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        place = f"plugin {file_of(cls)}: {cls.__name__}.{method.__name__}"
        if issubclass(cls, READERS):
            given, named = tuple(map(to_read, given)), {k: to_read(v) for k, v in named.items()}
        try:
            found = method(self, *given, **named)
        except (SystemExit, GeneratorExit, StopIteration) as error:
            raise UsageError(f"{place} raised {type(error).__name__}") from error
        except TypeError as error:
            if error.__traceback__ and error.__traceback__.tb_next is None:  # it was never entered
                raise UsageError(f"{place} takes other arguments: {error}") from error
            raise
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            hint = "what it is given stays as it is: write to an array of its own"
            raise UsageError(f"{place} fails: {error}", hint) from error
        expected = check(self, (*given, *named.values()), found) if type(self) is cls else ""
        if expected:
            because = f"; {WHY_FLOAT64}" if is_rounded(found) and "float64" in expected else ""
            raise UsageError(f"{place} returned {in_words(found)}", f"expected {expected}{because}")
        return found

    return call


def to_read(given: Any) -> Any:
    """An argument, as an array that cannot be written if it is one."""
    return read_only(given) if isinstance(given, np.ndarray) else given


def is_rounded(found: Any) -> bool:
    """Whether there is an array of float32 in what was returned."""
    if isinstance(found, tuple):
        return any(map(is_rounded, found))
    return isinstance(found, np.ndarray) and found.dtype == np.float32


def in_words(value: Any) -> str:
    """A returned value, in words."""
    if isinstance(value, tuple) and any(isinstance(part, np.ndarray) for part in value):
        return f"({', '.join(map(in_words, value))})"
    if isinstance(value, np.ndarray):
        kind = "an array" if is_plain(value) else f"a {type(value).__name__}"
        return f"{kind} of {value.dtype} and shape ({shape_text(value.shape)})"
    return "None" if value is None else f"{value!r:.40}"


def file_of(cls: type[Component]) -> str:
    """The plugin's file."""
    return str(getattr(sys.modules.get(cls.__module__), "__file__", cls.__module__))
