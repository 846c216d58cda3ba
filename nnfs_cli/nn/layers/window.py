"""A window that slides along an image: what convolution and pooling have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from nnfs_cli.compute.arrays import Shape, shape_text
from nnfs_cli.errors import ShapeError

Side = Annotated[int, Field(ge=1, le=65_536)]
Pair = Side | Annotated[list[Side], Field(min_length=2, max_length=2)]
"""A whole number, or [height, width]."""
Padding = Literal["valid", "same"] | Annotated[int, Field(ge=0, le=64)]


@dataclass(frozen=True)
class Window:
    """A window along one axis: ``kernel`` numbers, ``dilation`` apart, a ``stride`` each time.

    ``before`` and ``after`` are the numbers padded at the axis' ends::

        kernel 3, dilation 1, stride 2, before 1, after 1       0 [a b c d e] 0
        three outputs, of the windows 0ab, bcd and de0          └─┴─┘ └─┴─┘
                                                                    └─┴─┘
    """

    size: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def reach(self) -> int:
        """How many numbers the window spans, gaps included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The axis' length with its padding."""
        return self.before + self.size + self.after

    @property
    def inside(self) -> slice:
        """Where the axis lies in its padding."""
        return slice(self.before, self.before + self.size)

    @property
    def outputs(self) -> int:
        """At how many places the window fits."""
        return (self.padded - self.reach) // self.stride + 1

    @property
    def disjoint(self) -> bool:
        """No number is in two windows."""
        return self.stride >= self.kernel

    @property
    def leaves_or_overlaps(self) -> bool:
        """Some numbers are in no window, or in several."""
        return self.stride != self.kernel or self.outputs * self.kernel != self.padded

    def slices(self) -> Iterator[slice]:
        """For each number of the kernel: where it lies in the padded axis, window by window."""
        for start in range(0, self.reach, self.dilation):
            yield slice(start, start + (self.outputs - 1) * self.stride + 1, self.stride)


def windows(
    word: str,
    input_shape: Shape,
    kernel: int | list[int],
    strides: int | list[int],
    padding: str | int,
    dilation: int | list[int] = 1,
) -> tuple[Window, Window]:
    """The windows along an image's rows and columns, or ShapeError for the layer ``word``."""
    require_image(word, input_shape)
    sizes = zip(input_shape[:2], pair(kernel), pair(strides), pair(dilation), strict=True)
    rows, columns = (window(padding, *numbers) for numbers in sizes)
    if rows.padded < rows.reach or columns.padded < columns.reach:
        raise ShapeError(
            f"{word}'s window of {shape_text((rows.reach, columns.reach))} is larger than the "
            f"padded image of {shape_text((rows.padded, columns.padded))}",
            "choose a smaller one, or `padding: same`",
        )
    if max(rows.before - rows.reach, columns.before - columns.reach) >= 0:
        raise ShapeError(
            f"{word} pads {padding} where its window is {shape_text((rows.reach, columns.reach))}",
            "pad less, or some windows would see nothing but padding",
        )
    return rows, columns


def require_image(word: str, input_shape: Shape) -> None:
    """Raise ShapeError unless the shape is that of an image."""
    if len(input_shape) != 3:
        raise ShapeError(
            f"{word} expects images of height x width x channels, "
            f"received {shape_text(input_shape)}",
            "put a `reshape` layer before it",
        )


def pair(value: int | list[int]) -> tuple[int, int]:
    """(height, width) from a number for both, or a list of two."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def window(padding: str | int, size: int, kernel: int, stride: int, dilation: int) -> Window:
    """``same`` pads as much as gives ceil(size / stride) outputs, an odd number more behind."""
    reach = dilation * (kernel - 1) + 1
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        before, after = total // 2, total - total // 2
    else:
        before = after = padding if isinstance(padding, int) else 0
    return Window(size, kernel, stride, dilation, before, after)
