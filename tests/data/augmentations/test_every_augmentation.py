"""What every registered augmentation must do; a new one is tested by being there."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import MAX_PIXELS, Augmentation
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.dataset import Dataset  # registers every augmentation
from nnfs_cli.errors import ShapeError

WORDS = sorted({member.word for member in registry()["augmentation"].values()})
STRONG: dict[str, dict[str, Any]] = {"flip": {"vertical": 0.5}, "erase": {"probability": 1.0}}
NOTHING: dict[str, dict[str, Any]] = {
    "brightness": {"fraction": 0.0},
    "contrast": {"fraction": 0.0},
    "crop": {"padding": 0},
    "elastic": {"alpha": 0.0},
    "erase": {"size": 0},
    "flip": {"horizontal": 0.0, "vertical": 0.0},
    "noise": {"std": 0.0},
    "rotate": {"degrees": 0.0},
    "scale": {"fraction": 0.0},
    "shear": {"degrees": 0.0},
    "shift": {"pixels": 0.0},
}
SHAPES: list[Shape] = [(12, 12, 1), (9, 14, 3), (15, 8, 2)]
WHITE = 255

every_augmentation = pytest.mark.parametrize("word", WORDS)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def example(word: str, **keys: Any) -> Augmentation:
    return Augmentation.read({"type": word} | STRONG.get(word, {}) | keys)


def built(word: str, shape: Shape, **keys: Any) -> Augmentation:
    part = example(word, **keys)
    part.build(shape, WHITE)
    return part


def random_images(n: int, shape: Shape) -> Array:
    return np.random.default_rng(n).integers(0, 256, (n, *shape)).astype(np.float32)


def test_the_data_set_takes_them() -> None:
    assert Dataset(augment=WORDS).augment[0].word == WORDS[0]  # type: ignore[arg-type]


@every_augmentation
@every_shape
def test_shape_dtype_and_range(word: str, shape: Shape) -> None:
    part = built(word, shape)
    generator = np.random.default_rng(0)
    for n in (5, 1, 0, 7):
        changed = part.apply(random_images(n, shape), generator)
        assert changed.shape == (n, *shape)
        assert changed.dtype == np.float32
        assert n == 0 or (changed.min() >= 0 and changed.max() <= WHITE)


@every_augmentation
@every_shape
def test_the_generator_decides(word: str, shape: Shape) -> None:
    part = built(word, shape)
    images = random_images(6, shape)
    first, again, other = (
        part.apply(images.copy(), np.random.default_rng(seed)).copy() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    fresh = built(word, shape).apply(images.copy(), np.random.default_rng(1))
    np.testing.assert_array_equal(first, fresh)


@every_augmentation
@every_shape
def test_every_sample_has_its_own_numbers(word: str, shape: Shape) -> None:
    twins = np.repeat(random_images(1, shape), 12, axis=0)
    changed = built(word, shape).apply(twins, np.random.default_rng(0))
    assert len(np.unique(changed.reshape(12, -1), axis=0)) > (3 if word == "flip" else 9)


@every_augmentation
@every_shape
def test_zero_strength_is_the_identity(word: str, shape: Shape) -> None:
    images = random_images(5, shape)
    part = built(word, shape, **NOTHING[word])
    changed = part.apply(images.copy(), np.random.default_rng(0))
    np.testing.assert_array_equal(changed, images)


@every_augmentation
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_data_is_never_written(word: str, dtype: type) -> None:
    images = random_images(6, SHAPES[0]).astype(dtype)
    images.flags.writeable = False
    out = np.empty(images.shape, dtype=np.float32)
    changed = Augmenter([example(word)], SHAPES[0], WHITE).apply(
        images, np.random.default_rng(0), out
    )
    assert changed is out
    assert (changed != images).any()


@every_augmentation
def test_what_is_no_image_is_refused(word: str) -> None:
    for shape in [(6,), (6, 6), (2, 6, 6, 1)]:
        with pytest.raises(ShapeError, match=f"^{word} is for images"):
            built(word, shape)


@every_augmentation
def test_steps_allocate_nothing_large(word: str) -> None:
    shape = (32, 32, 3)
    part, generator, images = (
        built(word, shape),
        np.random.default_rng(0),
        random_images(256, shape),
    )
    part.apply(images, generator)
    tracemalloc.start()
    part.apply(images, generator)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.1 * images.nbytes, peak


@every_augmentation
def test_description_round_trip(word: str) -> None:
    description = describe(example(word))
    assert describe(Augmentation.read(description)) == description


@every_augmentation
@pytest.mark.parametrize("end", ["ge", "le"])
def test_at_its_limits_every_number_stays_finite(word: str, end: str) -> None:
    fields = registry()["augmentation"][word].__pydantic_fields__  # type: ignore[attr-defined]
    for name, field in fields.items():
        limit = next(getattr(item, end) for item in field.metadata if hasattr(item, end))
        part = example(word, **{name: limit if abs(limit) < MAX_PIXELS or name == "fill" else 5})
        part.build(SHAPES[0], WHITE)
        assert np.isfinite(part.apply(random_images(5, SHAPES[0]), np.random.default_rng(0))).all()
