"""Arrays of another range than that of the training are brought to it, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.value_range import ValueRange
from nnfs_cli.errors import DataError

BYTES = np.random.default_rng(0).integers(0, 256, (6, 5, 5, 1), dtype=np.uint8)
BYTES[0, 0, 0] = 255
UNIT = BYTES.astype(np.float32) / 255
ONE, ZERO = np.ones((), np.float32), np.zeros((), np.float32)


def trained(inputs: Array, white: int | None, shape: Shape = (5, 5, 1)) -> Preprocessing:
    kind = "image" if len(shape) == 3 else "vector"
    measured = ValueRange.of(inputs)
    return Preprocessing(shape, ONE, ZERO, ("a", "b"), kind, white=white, value_range=measured)


BY_WHITE = {255: BYTES, 1: UNIT, 65_535: BYTES.astype(np.float32) * 257}


@pytest.mark.parametrize("white", BY_WHITE)
@pytest.mark.parametrize(
    "given", [BYTES, BYTES.astype(np.float32), BYTES.astype(np.int64), UNIT, UNIT.astype(float),
              BYTES.astype(np.uint16) * 257]
)  # fmt: skip
def test_the_same_images_in_any_range_are_the_same(white: int, given: Array) -> None:
    preprocessing = trained(BY_WHITE[white], white)
    brought, note = preprocessing.in_range(given, "a.npy")
    np.testing.assert_allclose(brought, BY_WHITE[white], rtol=1e-6)
    same = given.max() == BY_WHITE[white].max()
    assert bool(note) != same
    if same:
        assert brought is given
    else:
        assert note == f"values from 0 to {given.max():g} brought to 0 to {white}"
    earlier = Preprocessing((5, 5, 1), ONE, ZERO, ("a", "b"), "image", white=white)
    np.testing.assert_array_equal(earlier.in_range(given, "a.npy")[0], brought)


def test_a_mask_of_true_and_false_is_black_and_white() -> None:
    mask = BYTES > 100
    for white, inputs in BY_WHITE.items():
        brought, _ = trained(inputs, white).in_range(mask, "a.npy")
        np.testing.assert_array_equal(brought, mask * np.float32(white))


@pytest.mark.parametrize(
    ("given", "white"),
    [
        ((UNIT - 0.5) / 0.3, 255),
        ((BYTES > 100).astype(np.uint8), 255),
        (UNIT * 2.9, 255),
        (UNIT * 60, 1),
        ((UNIT - 0.5) * 8, 1),
        (BYTES.astype(np.float32) * 1000, 255),
    ],
)
def test_what_is_uncertain_is_refused_with_both_ranges(given: Array, white: int) -> None:
    with pytest.raises(DataError, match=r"a\.npy has values from .* trained on values from 0 to"):
        trained(BY_WHITE[white], white).in_range(given, "a.npy")


@pytest.mark.parametrize(
    ("given", "white"),
    [(BYTES // 4, 255), (np.zeros_like(BYTES), 255), (np.zeros_like(UNIT), 1), (UNIT * 0.1, 1)],
)
def test_dark_images_stay_as_they_are(given: Array, white: int) -> None:
    brought, note = trained(BY_WHITE[white], white).in_range(given, "a.npy")
    assert brought is given
    assert note == ""


def test_images_of_an_unknown_white_are_compared_with_the_training() -> None:
    standard = trained((UNIT - 0.5) / 0.3, None)
    assert standard.in_range((UNIT - 0.4) / 0.3, "x")[1] == ""
    sixteen = trained(BYTES // 16, 255)
    assert sixteen.brightest is None
    for preprocessing, given in ((standard, BYTES), (sixteen, UNIT), (sixteen, BYTES)):
        with pytest.raises(DataError, match="scale them as the training data were"):
            preprocessing.in_range(given, "x")
    binary = trained((BYTES > 100).astype(np.uint8), 255)
    assert binary.brightest == 1
    np.testing.assert_allclose(binary.in_range(BYTES, "x")[0], UNIT)


def test_rows_of_pixels_are_known_as_such() -> None:
    rows = BYTES.reshape(6, 25)
    brought, note = trained(rows, None, (25,)).in_range(rows.astype(float) / 255, "x")
    np.testing.assert_allclose(brought, rows, rtol=1e-6)
    assert note
    back, _ = trained(rows.astype(np.float32) / 255, None, (25,)).in_range(rows, "x")
    np.testing.assert_allclose(back, rows / 255, rtol=1e-6)
    few = trained(np.array([[200.0, 3]]), None, (2,))
    values = np.array([[0.5, 0.1]])
    assert few.in_range(values, "x")[0] is values


@pytest.mark.parametrize("shape", [(4, 6, 3), (5, 5, 1), (3, 4, 3), (7,)])
def test_axes_in_another_order(shape: Shape) -> None:
    inputs = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    preprocessing = Preprocessing(shape, ONE, ZERO)
    np.testing.assert_array_equal(preprocessing.in_shape(inputs, "x"), inputs)
    np.testing.assert_array_equal(preprocessing.in_shape(inputs.reshape(2, -1), "x"), inputs)
    if len(shape) == 3:
        first = np.stack([np.stack([image[..., c] for c in range(shape[2])]) for image in inputs])
        expected = inputs if first.shape != inputs.shape else first
        np.testing.assert_array_equal(preprocessing.in_shape(first, "x"), expected)
    with pytest.raises(DataError, match="x has samples of"):
        preprocessing.in_shape(np.zeros((2, 2, 99)), "x")


def test_the_range_survives_the_checkpoint() -> None:
    for measured in (ValueRange.of(BYTES), ValueRange.of(UNIT)):
        assert ValueRange.from_json(measured.to_json()) == measured
    assert ValueRange.of(BYTES) == ValueRange(0, 255, True)
    assert not ValueRange.of(UNIT).whole
