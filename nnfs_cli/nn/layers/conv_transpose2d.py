"""Transposed convolution: every pixel is spread over a window of a larger image."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.matmul import matmul
from nnfs_cli.compute.sums import column_sums
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layer import NO_GRADIENT
from nnfs_cli.nn.layers.conv2d import Kernel
from nnfs_cli.nn.layers.patches import Patches
from nnfs_cli.nn.layers.weighted import Weighted
from nnfs_cli.nn.layers.window import Padding, Pair, Window, pair, require_image, window


@layer("conv_transpose2d", "conv2d_transpose")
class ConvTranspose2D(Weighted):
    """Transposed two-dimensional convolution: each pixel adds to a window of a larger image.

    y[n, s r + d i, s c + d j, f] = b[f] + Σ x[n, r, c, k] W[i, j, k, f] over all r, i, c, j that
    lead there, and k, with stride s and dilation d; the padding is then cut off. It is what
    backward of a conv2d does to dy. As matrices: the patches of y, added up where they overlap,
    are x W. Gradients, with the patches Q of dy: dL/dW = xᵀ Q, dL/db = Σ dy, dL/dx = Q Wᵀ.

    Shapes: x (N, H, W, C), W (kernel rows, kernel columns, C, filters), b (filters,),
    y (N, output rows, output columns, filters). Rows: s (H - 1) + d (kernel - 1) + 1 - 2 padding,
    as in PyTorch; with ``padding: same`` s H, as in Keras.
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016,
    arXiv:1603.07285.

    ``activation`` is shorthand for that activation as the next layer.
    """

    filters: int = Field(ge=1, le=65_536, description="number of output channels")
    kernel_size: Kernel | Annotated[list[Kernel], Field(min_length=2, max_length=2)] = Field(
        description="the window: a side, or [height, width]"
    )
    strides: Pair = Field(
        default=1, description="pixels of the output from window to window, or [down, right]"
    )
    padding: Padding = Field(
        default="valid",
        description="cut off the output's rim: nothing (valid), as much as leaves strides x the "
        "input's size (same), or a number on every side",
    )
    dilation: Pair = Field(
        default=1, description="distance of the window's pixels, or [down, right]"
    )

    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """Declare W and b; refuse what is no image, or would be cut off whole."""
        require_image(self.word, input_shape)
        sizes = zip(
            input_shape[:2],
            pair(self.kernel_size),
            pair(self.strides),
            pair(self.dilation),
            strict=True,
        )
        rows, columns = (output_window(self.padding, *numbers) for numbers in sizes)
        self.axes = rows, columns
        self.declare((*pair(self.kernel_size), input_shape[2], self.filters))
        self.image_shape = (rows.size, columns.size, self.filters)
        self.patches: Patches | None = None
        return self.activated(self.image_shape)

    def forward(self, x: Array, training: bool) -> Array:
        """y = x W + b, every window's patch added where it belongs."""
        self.x = x
        if self.patches is None:
            self.patches = Patches(self, "y", self.axes, self.filters, x.shape[3])
        y = self.scratch("out", (len(x), *self.image_shape))
        self.patches.put_back(rows_of(x), self.as_matrix(), y)
        if self.use_bias:
            y += self.bias.value
        return y

    def backward(self, dy: Array) -> Array:
        """dL/dW = xᵀ Q, dL/db = Σ dy, dL/dx = Q Wᵀ, with the patches Q of dy."""
        assert self.patches is not None
        if self.use_bias:
            column_sums(dy.reshape(-1, self.filters), out=self.bias.grad)
        weight = self.as_matrix()
        total, addend = (self.scratch(name, weight.shape) for name in ("total", "addend"))
        dx = self.gradient(self.x.shape)
        total.fill(0.0)
        x, dx_rows = rows_of(self.x), rows_of(dx)
        for places, patches in self.patches.blocks(dy):
            total += matmul(x[:, places].swapaxes(1, 2), patches, out=addend)
            if self.input_gradient:
                matmul(patches, weight.swapaxes(1, 2), out=dx_rows[:, places])
        grad = self.weight.grad
        rows, columns, channels, filters = grad.shape
        np.copyto(grad, total.reshape(channels, rows, columns, filters).transpose(1, 2, 0, 3))
        return dx if self.input_gradient else NO_GRADIENT

    def as_matrix(self) -> Array:
        """W as (1, C, rows · columns · filters), copied."""
        rows, columns, channels, filters = self.weight.shape
        matrix = self.scratch("matrix", (channels, rows, columns, filters))
        np.copyto(matrix, self.weight.value.transpose(2, 0, 1, 3))
        return matrix.reshape(1, channels, -1)

    def flops(self, input_shape: Shape) -> int:
        """A multiplication and an addition for each weight at each pixel of the input."""
        return 2 * input_shape[0] * input_shape[1] * self.weight.size


def output_window(padding: str | int, size: int, kernel: int, stride: int, dilation: int) -> Window:
    """The window along an axis of the output that stands at as many places as the input has pixels.

    Raises ShapeError if nothing of the output would be left.
    """
    if padding == "same":
        return window(padding, size * stride, kernel, stride, dilation)
    cut = padding if isinstance(padding, int) else 0
    outputs = stride * (size - 1) + dilation * (kernel - 1) + 1 - 2 * cut
    if outputs < 1:
        raise ShapeError(
            f"conv_transpose2d cuts {cut} off every side, which leaves nothing", "pad less"
        )
    return window(cut, outputs, kernel, stride, dilation)


def rows_of(images: Array) -> Array:
    """(N, H, W, C) as (1, N · H · W, C)."""
    return images.reshape(1, -1, images.shape[3])
