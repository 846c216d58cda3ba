"""Convolution: the same small window of weights slides over the whole image."""

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
from nnfs_cli.nn.layers.depthwise import Depthwise
from nnfs_cli.nn.layers.patches import Patches
from nnfs_cli.nn.layers.weighted import Weighted
from nnfs_cli.nn.layers.window import Padding, Pair, Window, pair, windows

Kernel = Annotated[int, Field(ge=1, le=11)]


@layer("conv2d")
class Conv2D(Weighted):
    """Two-dimensional convolution: every output pixel is a weighted sum of the pixels around it.

    y[n, r, c, f] = b[f] + Σ_{i, j, k} x[n, s r + d i, s c + d j, k] W[i, j, k, f]

    for a padded x, stride s and dilation d. As matrices, y = P W + b, where each row of P is a
    patch of the image (see `patches.py`). Gradients: dL/dW = Pᵀ dy, dL/db = Σ dy; dL/dP = dy Wᵀ,
    whose rows, added up where they were copied from, are dL/dx. At stride 1 that is again a
    convolution, of the padded dy with W turned by 180°, and faster (`convolve_back`).

    Shapes: x (N, H, W, C), W (kernel rows, kernel columns, C / groups, filters), b (filters,),
    y (N, output rows, output columns, filters). ``groups`` splits channels and filters into so
    many convolutions side by side; as many groups as channels is a depthwise convolution.
    LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.

    ``activation`` is shorthand for that activation as the next layer.
    """

    filters: int = Field(ge=1, le=65_536, description="number of output channels")
    kernel_size: Kernel | Annotated[list[Kernel], Field(min_length=2, max_length=2)] = Field(
        description="the window: a side, or [height, width]"
    )
    strides: Pair = Field(default=1, description="pixels from window to window, or [down, right]")
    padding: Padding = Field(
        default="valid",
        description="zeros around the image: none (valid), as many as keep its size at stride 1 "
        "(same), or a number on every side",
    )
    dilation: Pair = Field(
        default=1, description="distance of the window's pixels, or [down, right]"
    )
    groups: int = Field(
        default=1, ge=1, description="groups of channels that are convolved separately"
    )

    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """Declare W and b; refuse what is no image, too small or not divisible."""
        size = (self.kernel_size, self.strides, self.padding, self.dilation)
        self.axes = windows(self.word, input_shape, *size)
        channels = input_shape[2]
        if channels % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"conv2d cannot split {channels} channels and {self.filters} filters "
                f"into {self.groups} groups",
                "choose `groups` that divide both",
            )
        self.declare((*pair(self.kernel_size), channels // self.groups, self.filters))
        self.image_shape = (*(axis.outputs for axis in self.axes), self.filters)
        self.patches: dict[str, Patches] = {}
        self.depthwise = None
        if self.groups == channels == self.filters > 1:
            self.depthwise = Depthwise(self, self.axes, channels)
        return self.activated(self.image_shape)

    def forward(self, x: Array, training: bool) -> Array:
        """y = P W + b."""
        self.x = x
        y, row = self.scratch("out", (len(x), *self.image_shape)), self.bias_row()
        if self.depthwise:
            self.depthwise.forward(x, self.weight.value, y)
            if row is not None:
                pixels = y.reshape(-1, row.size)
                pixels += row
            return y
        if "x" not in self.patches:
            sizes = (x.shape[3], self.filters, self.groups)
            self.patches["x"] = Patches(self, "x", self.axes, *sizes)
        outputs, weight = self.by_group(y), self.by_group(self.weight.value)
        for places, patches in self.patches["x"].blocks(x):
            matmul(patches, weight, out=outputs[:, places])
            if row is not None:
                block = y.reshape(-1, self.filters)[places].reshape(-1, row.size)
                block += row  # while it is in the cache
        return y

    def bias_row(self) -> Array | None:
        """The bias of a row of pixels: added to many numbers at once, it costs little."""
        if not self.use_bias:
            return None
        row = self.scratch("bias_row", self.image_shape[1:])
        np.copyto(row, self.bias.value)
        return row.reshape(-1)

    def backward(self, dy: Array) -> Array:
        """dL/dW = Pᵀ dy, dL/db = Σ dy, dL/dx = the rows of dy Wᵀ, added up where they were in x."""
        if self.use_bias:
            self.assign_bias_gradient(dy)
        if self.depthwise:
            return self.back_by_depth(self.depthwise, dy)
        if self.input_gradient and pair(self.strides) == (1, 1):
            return self.convolve_back(dy)
        outputs, grad = self.by_group(dy), self.by_group(self.weight.grad)
        product = self.scratch("product", grad.shape)
        grad.fill(0.0)
        for places, patches in self.patches["x"].blocks(self.x):  # dL/dW = Pᵀ dy
            grad += matmul(patches.swapaxes(1, 2), outputs[:, places], out=product)
        if not self.input_gradient:
            return NO_GRADIENT
        dx = self.gradient(self.x.shape)
        transposed = self.by_group(self.weight.value).swapaxes(1, 2)
        weight = self.scratch("transposed", transposed.shape)
        np.copyto(weight, transposed)  # BLAS is slow with small transposed matrices
        self.patches["x"].put_back(outputs, weight, dx)
        return dx

    def back_by_depth(self, depthwise: Depthwise, dy: Array) -> Array:
        """Assign dL/dW, return dL/dx, of a depthwise convolution."""
        dx = self.gradient(self.x.shape) if self.input_gradient else None
        depthwise.backward(self.x, dy, self.weight.grad, self.weight.value, dx)
        return NO_GRADIENT if dx is None else dx

    def convolve_back(self, dy: Array) -> Array:
        """Assign dL/dW and return dL/dx where windows are next to each other, at stride 1.

        From the patches Q of the padded dy: dL/dx is their convolution Q W' with W' = W turned by
        180°; and as Q W' meets every x with every weight, dL/dW' = Qᵀ x.
        """
        if "dy" not in self.patches:
            axes = (transposed(self.axes[0]), transposed(self.axes[1]))
            sizes = (self.filters, self.x.shape[3], self.groups)
            self.patches["dy"] = Patches(self, "dy", axes, *sizes)
        value, grad = self.turned(self.weight.value), self.turned(self.weight.grad)
        weight, d_weight = self.scratch("turned", value.shape), self.scratch("d", value.shape)
        np.copyto(weight, value)
        d_weight.fill(0.0)
        weight = weight.reshape(self.groups, -1, value.shape[-1])
        total = d_weight.reshape(weight.shape)
        product = self.scratch("product", weight.shape)
        dx = self.gradient(self.x.shape)
        x_by_group, dx_by_group = self.by_group(self.x), self.by_group(dx)
        for places, patches in self.patches["dy"].blocks(dy):
            matmul(patches, weight, out=dx_by_group[:, places])
            total += matmul(patches.swapaxes(1, 2), x_by_group[:, places], out=product)
        np.copyto(grad, d_weight)
        return dx

    def assign_bias_gradient(self, dy: Array) -> None:
        """dL/db = Σ dy: rows of pixels first, since sums over a short axis are slow."""
        rows = dy.reshape(-1, dy.shape[2] * self.filters)
        np.sum(column_sums(rows).reshape(-1, self.filters), axis=0, out=self.bias.grad)

    def by_group(self, array: Array) -> Array:
        """A view (groups, ..., channels / groups) of an array (..., channels)."""
        return array.reshape(-1, self.groups, array.shape[-1] // self.groups).swapaxes(0, 1)

    def turned(self, weight: Array) -> Array:
        """W' as a view of W: (groups, rows, columns, filters / groups, channels / groups)."""
        rows, columns, channels, _ = weight.shape
        split = weight[::-1, ::-1].reshape(rows, columns, channels, self.groups, -1)
        return split.transpose(3, 0, 1, 4, 2)

    def flops(self, input_shape: Shape) -> int:
        """A multiplication and an addition for each weight at each place."""
        return 2 * self.image_shape[0] * self.image_shape[1] * self.weight.size


def transposed(axis: Window) -> Window:
    """The window, of stride 1, by which dL/dx sees dy: it has as many outputs as x has pixels."""
    before, after = (axis.reach - 1 - padding for padding in (axis.before, axis.after))
    return Window(axis.outputs, axis.kernel, 1, axis.dilation, before, after)
