from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Shape
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.gradcheck import check_layer
from nnfs_cli.nn.layer import NO_GRADIENT, Layer
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.residual import Residual
from nnfs_cli.nn.model import Model


def conv(filters: int, strides: int = 1) -> dict[str, Any]:
    keys = {"kernel_size": 3, "strides": strides, "padding": "same"}
    return {"type": "conv2d", "filters": filters} | keys


def residual(*layers: Any, **keys: Any) -> Layer:
    return Layer.read({"type": "residual", "layers": list(layers)} | keys)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (residual(conv(4, 2), "batch_norm", "elu", conv(4)), (7, 6, 2)),
        (residual(conv(2), shortcut="projection"), (5, 4, 2)),
        (residual("max_pool2d", conv(3)), (6, 8, 2)),
        (residual({"type": "dense", "units": 5}), (3,)),
    ],
)
def test_projections(layer: Residual, shape: Shape) -> None:
    assert [result for result in check_layer(layer, shape) if not result.ok] == []
    assert "shortcut" in layer.children()


def test_a_projection_is_a_layer_of_the_model() -> None:
    model = Model([Conv2D(2, 3), residual(conv(4, 2), conv(4))], (9, 9, 1))
    assert model.named_parameters()["residual_1.shortcut.weight"].shape == (1, 1, 2, 4)
    assert model.output_shape == (4, 4, 4)
    assert "residual_1.shortcut" in {row.path for row in model.summary()}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (residual(conv(4), shortcut="identity"), (5, 5, 2)),
        (residual("flatten"), (5, 5, 2)),
        (residual({"type": "conv2d", "filters": 2, "kernel_size": 3}), (9, 9, 2)),
    ],
)
def test_what_no_shortcut_reaches(layer: Residual, shape: Shape) -> None:
    with pytest.raises(ShapeError, match="residual adds its input"):
        layer.build(shape)


def test_a_first_layer_projects_without_a_gradient_by_the_input() -> None:
    layer = residual({"type": "dense", "units": 3})
    model = Model([layer], (4,), dtype=np.float64)
    x, dy = np.random.default_rng(0).normal(size=(2, 4)), np.array([[1.0, -2.0, 3.0], [0.5, 0, 1]])
    model.forward(x, True)
    assert model.backward(dy.copy()) is NO_GRADIENT
    assert not any(inner.input_gradient for _, inner in model.walk())
    for parameter in (layer.children()["shortcut"], layer.children()["dense_1"]):
        np.testing.assert_allclose(parameter.parameters["weight"].grad, x.T @ dy, rtol=1e-12)
