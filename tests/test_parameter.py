"""Parameters as views into two vectors."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.parameter import FlatParameters, Parameter, shape_text


@pytest.fixture
def parameters() -> dict[str, Parameter]:
    def parameter(shape: tuple[int, ...], decays: bool, trainable: bool) -> Parameter:
        return Parameter("p", shape, lambda _: np.zeros(shape), decays, trainable)

    return {
        "bias": parameter((3,), False, True),
        "frozen": parameter((5,), True, False),
        "weight": parameter((2, 3), True, True),
        "scalar": parameter((), True, True),
        "gain": parameter((4,), False, True),
    }


def test_order_and_extent(parameters: dict[str, Parameter]) -> None:
    flat = FlatParameters(parameters, np.float32)
    assert list(flat.trainable) == ["weight", "scalar", "bias", "gain"]
    assert list(flat.by_path) == list(parameters)
    assert (flat.decaying, len(flat.values), len(flat.grads), len(flat.all_values)) == (
        7,
        14,
        14,
        19,
    )
    assert flat.values.dtype == flat.grads.dtype == np.float32


def test_arrays_are_views(parameters: dict[str, Parameter]) -> None:
    flat = FlatParameters(parameters, np.float32)
    flat.values[...] = np.arange(14)
    flat.grads[...] = -np.arange(14)
    assert parameters["weight"].value.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert parameters["scalar"].grad == -6
    assert parameters["gain"].value.tolist() == [10, 11, 12, 13]
    parameters["bias"].value[1] = 70
    assert flat.values[8] == 70
    assert parameters["frozen"].value.tolist() == [0] * 5
    assert not np.shares_memory(parameters["frozen"].grad, flat.grads)
    assert np.shares_memory(flat.values, flat.all_values)


def test_another_vector_is_cut_likewise(parameters: dict[str, Parameter]) -> None:
    flat = FlatParameters(parameters, np.float32)
    vector = np.arange(14.0)
    pieces = flat.split(vector)
    flat.values[...] = vector
    assert {path: piece.tolist() for path, piece in pieces.items()} == {
        path: parameters[path].value.tolist() for path in flat.trainable
    }
    pieces["gain"][...] = 0
    assert vector[-4:].tolist() == [0] * 4


def test_nothing_to_learn() -> None:
    flat = FlatParameters({}, np.float32)
    assert (flat.decaying, flat.values.size, flat.split(flat.values)) == (0, 0, {})


def test_shape_text() -> None:
    assert [shape_text(s) for s in ((28, 28, 1), (3,), ())] == ["28 x 28 x 1", "3", "scalar"]


def test_sizes_beyond_64_bits() -> None:
    assert Parameter("w", (10**12, 10**12), lambda _: np.zeros(0)).size == 10**24
