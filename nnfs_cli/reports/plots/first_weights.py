"""The weights of the first layer as images: what each of its units or filters looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.weighted import Weighted
from nnfs_cli.reports.plots.canvas import shown
from nnfs_cli.reports.plots.subject import Size, Subject
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 64
"""Images; of more units those with the largest weights."""
FRAME = 0.35
"""How much of the faint colour is between two images."""


@dataclass
class FirstWeights(Subject[Array]):
    """The images of ``units``, some of a layer's ``total``, called ``path``."""

    path: str
    noun: str
    units: Array
    total: int
    shape: tuple[int, int, int]
    name: str = "weights"
    size: Size = (6.4, 6.8)

    @classmethod
    def of(cls, network: Network) -> FirstWeights | None:
        """The weights of a network's first layer, if they are images; None if not."""
        shape = network.preprocessing.input_shape
        found = first_layer(network)
        if len(shape) != 3 or shape[2] not in (1, 3) or found is None:
            return None
        path, layer = found
        weight = layer.weight.value
        images, noun = shape, "units"
        if isinstance(layer, Conv2D):
            images, noun = weight.shape[:3], "filters"
        if math.prod(images) != weight.size // weight.shape[-1] or images[2] != shape[2]:
            return None
        if min(images[:2]) < 2:
            return None
        norms = np.linalg.norm(weight.reshape(-1, weight.shape[-1]), axis=0)
        units = np.sort(np.argsort(-norms, kind="stable")[:MOST])
        return cls(path, noun, units, weight.shape[-1], images)

    def look(self, network: Network) -> Array:
        """The images (units, height, width, channels)."""
        found = first_layer(network)
        assert found is not None
        weight = found[1].weight.value[..., self.units]
        return np.moveaxis(weight.reshape(*self.shape, -1), -1, 0).copy()

    def title(self, seen: Array) -> str:
        """Whose weights they are."""
        count, total = len(self.units), f"{self.total:,}"
        which = f"{count} of the {total}" if count < self.total else f"the {total}"
        return f"what {which} {self.noun} of {shown(self.path)} look for"

    def about(self) -> str:
        """How to read the colours."""
        if self.shape[2] == 3:
            return "grey is zero; each image has its own scale"
        return "orange raises the sum, blue lowers it; each image has its own scale"

    def draw(self, axes: Axes, theme: Theme, seen: Array) -> None:
        """The images in rows."""
        axes.imshow(mosaic(theme, seen), interpolation="nearest")
        axes.set_axis_off()


def first_layer(network: Network) -> tuple[str, Weighted] | None:
    """The first layer with weighted sums."""
    parts = network.model.walk()
    return next(((path, part) for path, part in parts if isinstance(part, Weighted)), None)


def mosaic(theme: Theme, images: Array) -> Array:
    """Images (N, height, width, channels) in a grid of colours, each by its own largest weight."""
    count, height, width, channels = images.shape
    across = math.ceil(math.sqrt(count))
    gap = max(1, width // 14)
    down = math.ceil(count / across)
    grid = np.empty((down * (height + gap) - gap, across * (width + gap) - gap, 3))
    grid[...] = theme.blend(theme.ground, theme.faint)(FRAME)[:3]
    signs = theme.signs()
    for number, image in enumerate(images):
        level = image / (np.abs(image).max() or 1) / 2 + 0.5
        top, left = number // across * (height + gap), number % across * (width + gap)
        cell = level if channels == 3 else signs(level[..., 0])[..., :3]
        grid[top : top + height, left : left + width] = cell
    return grid
