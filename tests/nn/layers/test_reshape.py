from __future__ import annotations

import pytest

from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layers.flatten import Flatten
from nnfs_cli.nn.layers.reshape import Reshape


@pytest.mark.parametrize(
    ("shape", "expected"), [([3, 4], (3, 4)), ([2, -1], (2, 6)), ([-1], (12,)), ([1, 12], (1, 12))]
)
def test_shapes(shape: list[int], expected: tuple[int, ...]) -> None:
    assert Reshape(shape).build((2, 6)) == expected


@pytest.mark.parametrize("shape", [[5], [5, -1], [-1, -1], [0, -1], [24]])
def test_impossible_shapes(shape: list[int]) -> None:
    with pytest.raises(ShapeError, match="product is 12"):
        Reshape(shape).build((2, 6))


def test_flatten() -> None:
    assert Flatten().build((28, 28, 3)) == (2352,)
    assert Flatten().build(()) == (1,)
