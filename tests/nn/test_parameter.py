"""Parameters as views into two vectors."""

from __future__ import annotations

import multiprocessing
import sys

import numpy as np
import pytest

from nnfs_cli.compute.arrays import shape_text
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.parameter import Buffer, FlatParameters, Parameter


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


def test_assigning_copies_into_the_vector(parameters: dict[str, Parameter]) -> None:
    flat = FlatParameters(parameters, np.float32)
    weight = parameters["weight"]
    weight.value = [[1, 2, 3], [4, 5, 6]]  # type: ignore[assignment]
    weight.grad = weight.value * 2
    weight.value *= 3
    assert flat.values[:6].tolist() == [3, 6, 9, 12, 15, 18]
    assert flat.grads[:6].tolist() == [2, 4, 6, 8, 10, 12]
    with pytest.raises(UsageError, match=r"the value of p has shape \(2 x 3\), received \(3 x 2\)"):
        weight.value = np.ones((3, 2))
    buffer = Buffer("running_mean", np.zeros(2))
    value = buffer.value
    buffer.value = np.ones(2)
    assert value.tolist() == [1, 1]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_forked_processes_share_only_what_is_meant_to_be(
    parameters: dict[str, Parameter], shared: bool
) -> None:
    flat = FlatParameters(parameters, np.float32)
    flat.all_values[...], flat.grads[...] = np.arange(19), np.arange(14)
    for _ in range(2 * shared):  # the second time changes nothing
        flat.share_memory()
    values = [flat.all_values, flat.grads, flat.zeros()]
    before = [array.copy() for array in values]
    assert before[0].tolist() == list(range(19))
    assert parameters["weight"].value.tolist() == [[0, 1, 2], [3, 4, 5]]

    def add_one() -> None:
        for array in values:
            array += 1
        parameters["frozen"].value += 10

    child = multiprocessing.get_context("fork").Process(target=add_one)
    child.start()
    child.join()
    added = [(array - old).tolist() for array, old in zip(values, before, strict=True)]
    assert child.exitcode == 0
    assert added == [[shared] * 14 + [11 * shared] * 5, [shared] * 14, [shared] * 14]
