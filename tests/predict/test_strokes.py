"""The measures by which ink is told from paper, by loops and by figures made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.predict.strokes import (
    contrast,
    find_ink,
    is_dark,
    narrow,
    paper,
    running_maximum,
    running_mean,
    thicken,
    thin,
)


def around(values: Array, row: int, column: int, reach: int) -> Array:
    """The places around one; beyond the edge the last ones are repeated."""
    rows = np.clip(np.arange(row - reach, row + reach + 1), 0, len(values) - 1)
    columns = np.clip(np.arange(column - reach, column + reach + 1), 0, values.shape[1] - 1)
    found: Array = values[np.ix_(rows, columns)]
    return found


@pytest.mark.parametrize("reach", [1, 2, 3, 5])
def test_what_runs_over_a_window(reach: int) -> None:
    values = np.random.default_rng(reach).normal(size=(9, 13))
    largest, mean = running_maximum(values, reach), running_mean(values, reach)
    assert largest.shape == mean.shape == values.shape
    for place in np.ndindex(values.shape):
        assert largest[place] == around(values, *place, reach).max()
        assert mean[place] == pytest.approx(around(values, *place, reach).mean())


def test_what_is_narrow_stands_out() -> None:
    """Narrower than the window of two fifths of the longer side and one place."""
    values = np.zeros((20, 10, 2))
    values[5:9, :, 1] = 7.0  # of a window of 9
    values[:, :, 0] = 3.0
    assert np.array_equal(narrow(values), values[:, :, 1])
    values[4:13, :, 1] = 7.0
    assert not narrow(values).any()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_ink_is_dark_where_few_places_are(sign: float) -> None:
    """By the third moment of the differences from the mean around, over all channels."""
    values = np.zeros((30, 20, 3))
    values[10:20, 9:11] = sign * np.array([60.0, 90.0, 30.0])
    grey = values.mean(axis=2)
    moment = sum((grey[p] - around(grey, *p, 6).mean()) ** 3 for p in np.ndindex(grey.shape))
    assert is_dark(values) == (moment < 0) == (sign < 0)


def test_the_contrast_is_the_median_of_the_stronger_half() -> None:
    """What is at least half as strong as the peak, the median of the eight strongest places."""
    ink = np.zeros((40, 50))
    ink.flat[:20] = [100] * 5 + [99, 98, 97] + [60] * 4 + [49.5] + [40] * 7
    assert contrast(ink) == 98.5  # the peak is 100, so 50 and above count: 12 places
    large = np.zeros((200, 200))
    large.flat[:25] = [100] * 10 + [50] * 5 + [10] * 10
    assert contrast(large) == 100.0  # the peak is of twenty places
    assert contrast(np.ones((2, 2))) == 1.0


def strokes(paper_levels: Array, depth: float) -> Array:
    """A frame of dark lines, two places wide, on paper."""
    image = paper_levels.astype(np.float64)
    for cut in (np.s_[20:22, 15:45], np.s_[38:40, 15:45], np.s_[20:40, 15:17], np.s_[20:40, 43:45]):
        image[cut] = 200.0 - depth
    return image[..., np.newaxis]


def test_strokes_from_paper_to_full() -> None:
    """Of the contrast, 15 % is paper and 90 % is full."""
    image = strokes(np.full((60, 60), 200.0), 100.0)
    for column, level in enumerate((10, 15, 30, 52.5, 80, 90, 95)):
        image[28:31, 20 + 3 * column] = 200.0 - level
    ink, dark = find_ink(image, None)
    assert dark
    found = [ink[29, 20 + 3 * column] for column in range(7)]
    assert found == pytest.approx([0, 0, 0.2, 0.5, 65 / 75, 1, 1], abs=1e-4)
    same, _ = find_ink(255.0 - image, False)
    np.testing.assert_allclose(same, ink, atol=1e-4)


@pytest.mark.parametrize(("grain", "low"), [(5.0, 15.0), (15.0, 30.0), (18.0, 36.0), (30.0, 40.0)])
def test_the_grain_of_paper_is_no_ink(grain: float, low: float) -> None:
    """Twice its median is paper, at least 15 and at most 40 % of the contrast."""
    levels = np.full((60, 60), 200.0)
    levels[:, np.arange(60) % 3 > 0] -= grain
    image = strokes(levels, 100.0)
    ink, _ = find_ink(image, True)
    assert ink[20, 31] == 1
    for darkness in (low - 1, low + 6):
        changed = image.copy()
        changed[29, 31] = 200.0 - darkness
        expected = max(0.0, (darkness - low) / (90.0 - low))
        assert find_ink(changed, True)[0][29, 31] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("depth", "is_ink"), [(11.9, False), (12.1, True)])
def test_less_than_twelve_levels_are_no_ink(depth: float, is_ink: bool) -> None:
    ink, _ = find_ink(strokes(np.full((60, 60), 200.0), depth), True)
    assert ink.any() == is_ink


def test_paper_is_a_quadratic_surface_in_each_channel() -> None:
    y, x = np.meshgrid(np.linspace(-1, 1, 70), np.linspace(-1, 1, 90), indexing="ij")
    surface = np.stack(
        [200 + 9 * x - 7 * y + 5 * x * x + 4 * x * y - 6 * y * y, 150 - 8 * y + 3 * x * y], axis=2
    )
    written = surface.copy()
    written[30:36, 20:70] -= 120
    np.testing.assert_allclose(paper(written.astype(np.float32)), surface, atol=1e-3)


@pytest.mark.parametrize("radius", [0.3, 1.0, 1.7, 2.5])
def test_disks_around_ink_and_around_paper(radius: float) -> None:
    """Each point of the ink covers as much of a place as a disk of the radius does, about."""
    ink = np.random.default_rng(1).random((7, 8)) * (np.arange(8) % 3 == 0)
    reach = int(np.ceil(radius))

    def grown(values: Array) -> Array:
        found = np.pad(values, reach)
        kept = found.copy()
        for row, column in np.ndindex(found.shape):
            for (r, c), value in np.ndenumerate(kept):
                cover = min(1.0, max(0.0, radius + 0.5 - np.hypot(r - row, c - column)))
                found[row, column] = max(found[row, column], cover * value)
        return found

    np.testing.assert_allclose(thicken(ink, radius), grown(ink))
    solid = np.minimum(ink + 0.7, 1.0)
    cut = slice(2 * reach, -2 * reach)
    expected = 1 - grown(np.pad(1 - solid, reach, constant_values=1))[cut, cut]
    np.testing.assert_allclose(thin(solid, radius), expected)
