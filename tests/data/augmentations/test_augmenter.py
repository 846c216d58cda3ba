"""Several augmentations in a row: their order, their blocks, and warps joined into one."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.augmentations import augmenter
from nnfs_cli.data.augmentations.affine import Rotate, Scale, Shear, Shift
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.augmentations.elastic import Elastic
from nnfs_cli.data.augmentations.flip import Flip
from nnfs_cli.data.augmentations.tone import Brightness, Noise

SHAPE = (41, 37, 2)
INNER = (slice(None), slice(16, 25), slice(15, 22))


def ramps(n: int) -> Array:
    """Slopes, which reading between pixels never blurs: joined or not, the result is the same."""
    y, x = np.mgrid[:41, :37]
    slopes = np.random.default_rng(0).uniform(1, 3, (n, 2, 1, 1))
    first = slopes[:, 0] * y + slopes[:, 1] * x
    return np.stack([first, 255 - first], axis=3).astype(np.float32)


class Fixed(np.random.Generator):
    """Uniform numbers that do not depend on the order in which they are drawn."""

    def __init__(self) -> None:
        super().__init__(np.random.PCG64(0))

    def uniform(self, low=0.0, high=1.0, size=None):  # type: ignore[no-untyped-def]
        return low + (high - low) * np.linspace(0.1, 0.9, int(np.prod(size))).reshape(size)


@pytest.mark.parametrize(
    "warps",
    [
        [Rotate(degrees=40.0), Shift(pixels=3.0)],
        [Shift(pixels=3.0), Rotate(degrees=40.0)],
        [Scale(fraction=0.3), Shear(degrees=20.0), Rotate(degrees=30.0)],
    ],
    ids=lambda warps: "-".join(warp.word for warp in warps),
)
def test_joined_warps_do_what_they_do_one_by_one(warps: list[Augmentation]) -> None:
    images = ramps(4)
    joined = Augmenter(warps, SHAPE)
    assert len(joined.changes) == 1
    together = joined.apply(images, Fixed(), np.empty_like(images))
    alone = images
    for warp in warps:
        alone = Augmenter([warp], SHAPE).apply(alone, Fixed(), np.empty_like(images))
    assert np.abs(together - images)[INNER].max() > 5
    np.testing.assert_allclose(together[INNER], alone[INNER], rtol=1e-4)


def test_only_neighbours_with_the_same_fill_are_joined() -> None:
    parts = [Rotate(), Elastic(), Flip(), Noise(), Shift(), Scale(fill=9.0)]
    assert len(Augmenter(parts, SHAPE).changes) == 5


def test_the_order_counts() -> None:
    images = np.full((1, *SHAPE), 250, dtype=np.float32)
    generator = np.random.default_rng
    darker, lighter = Shift(pixels=8.0), Brightness(fraction=0.1)
    first = Augmenter([darker, lighter], SHAPE, 255)
    second = Augmenter([lighter, darker], SHAPE, 255)
    seeds = [n for n in range(20) if generator(n).uniform(-0.1, 0.1) > 0.05]
    assert seeds
    out = np.empty_like(images)
    assert any(first.apply(images, generator(n), out).min() > 0 for n in seeds)
    assert all(second.apply(images, generator(n), out).min() == 0 for n in seeds)


def test_large_batches_go_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augmenter, "BLOCK", 3 * 41 * 37 * 2)
    images = ramps(8)
    parts = [Flip(), Shift(), Noise()]
    whole = Augmenter(parts, SHAPE, 255)
    assert whole.block == 3
    out = whole.apply(images, np.random.default_rng(0), np.empty_like(images))
    generator, pieces = np.random.default_rng(0), Augmenter(parts, SHAPE, 255)
    for start in (0, 3, 6):
        piece = images[start : start + 3]
        expected = pieces.apply(piece, generator, np.empty_like(piece))
        np.testing.assert_array_equal(out[start : start + 3], expected)


def test_bytes_become_floats() -> None:
    images = ramps(3).astype(np.uint8)
    unchanged = Augmenter([], SHAPE).apply(
        images, np.random.default_rng(0), np.empty(images.shape, dtype=np.float32)
    )
    np.testing.assert_array_equal(unchanged, images)
    assert not Augmenter([], SHAPE)
    assert Augmenter([Flip()], SHAPE)


def test_each_has_its_own_buffers() -> None:
    parts = [Rotate(), Noise()]
    one, other = Augmenter(parts, SHAPE, 255), Augmenter(parts, SHAPE, 255)
    images = ramps(4)
    outs = [a.apply(images, np.random.default_rng(s), np.empty_like(images)).copy()
            for a, s in ((one, 0), (other, 1), (one, 0))]  # fmt: skip
    np.testing.assert_array_equal(outs[0], outs[2])
    assert parts[0].input_shape == ()
