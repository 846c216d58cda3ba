"""From a layer of the network to the key of the config that it stands under."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import names_of
from nnfs_cli.nn.layers.weighted import Weighted


def keys_of(layers: Sequence[Layer], key: str = "layers", path: str = "") -> Iterator[Place]:
    """Every layer of a config with its key (``layers.2.activation``) and its path in the model."""
    for index, (own, layer) in enumerate(zip(names_of(layers), layers, strict=True)):
        name = f"{path}{own}"
        yield Place(f"{key}.{index}", name, layer)
        if isinstance(layer, Weighted) and layer.activation is not None:
            yield Place(f"{key}.{index}.activation", f"{name}.activation", layer.activation)
        inner = getattr(layer, "layers", None)
        if inner:
            yield from keys_of(inner, f"{key}.{index}.layers", f"{name}.")


class Place:
    """A layer, where it stands in the config and in the model."""

    def __init__(self, key: str, path: str, layer: Layer) -> None:
        self.key, self.path, self.layer = key, path, layer


def weighted_layers(layers: Sequence[Layer]) -> list[Place]:
    """The layers of weighted sums, first to last."""
    return [place for place in keys_of(layers) if isinstance(place.layer, Weighted)]


def override(key: str, value: Any) -> str:
    """``key=value``; texts as bare words, lists and mappings as YAML's flow style."""
    return f"{key}={value if isinstance(value, str) else json.dumps(value)}"
