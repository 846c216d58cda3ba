from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.dataset import Dataset, Loaded
from nnfs_cli.data.datasets.blobs import Blobs
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.datasets.toy import Toy
from nnfs_cli.data.datasets.xor import Xor
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.images.geometry import like_mnist
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.scaling import fit_scaling, moments
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import draw, quotas
from nnfs_cli.errors import DataError, UsageError

TOYS = sorted(word for word, member in Dataset.members().items() if issubclass(member, Toy))


def scaled(data: Data, inputs: Array) -> Array:
    return data.preprocessing.apply(inputs, np.empty(inputs.shape, dtype=np.float32))


def from_arrays(tmp_path: Path, x: Any, y: Any, **fields: Any) -> Data:
    np.savez(tmp_path / "data.npz", x=x, y=y)
    return prepare(Npz(path=str(tmp_path / "data.npz"), **fields), Source())


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_that_is_the_training_data_itself_is_named(tmp_path: Path, split: str) -> None:
    for name in ("data", "other"):
        np.savez(tmp_path / f"{name}.npz", x=np.arange(60.0), y=np.repeat([0, 1, 2], 20))
    (tmp_path / "link.npz").symlink_to("data.npz")
    told = f"data.{split} is the training data itself"
    for name, same in (("data", True), ("link", True), ("other", False)):
        fields = {split: str(tmp_path / f"{name}.npz")}
        data = prepare(Npz(path=str(tmp_path / "data.npz"), **fields), Source())
        assert (told in data.notice) is same


def test_division_is_stratified_complete_and_disjoint(tmp_path: Path) -> None:
    x, y = np.arange(1000.0), np.repeat([0, 1, 2], [700, 250, 50])
    data = from_arrays(tmp_path, x, y, validation=0.1, test=0.2, normalize="none")
    assert data.validation is not None
    assert data.test is not None
    np.testing.assert_array_equal(np.bincount(data.test.targets), [140, 50, 10])
    np.testing.assert_array_equal(np.bincount(data.validation.targets), [56, 20, 4])
    parts = [data.train.inputs, data.validation.inputs, data.test.inputs]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts).ravel()), x)


def test_validation_by_count_and_none() -> None:
    assert len(prepare(Digits(validation=100), Source()).validation or []) == 100
    assert prepare(Digits(validation=0), Source()).validation is None
    assert prepare(Digits(validation=0.0), Source()).validation is None


def test_the_split_has_its_own_seed() -> None:
    first, again, other = (
        prepare(Digits(split_seed=seed), Source()).train.inputs for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_limit_takes_the_first_as_they_stand() -> None:
    every = prepare(Digits(validation=0), Source()).train
    data = prepare(Digits(limit=200, limit_takes="first", validation=0), Source())
    assert np.array_equal(data.train.inputs, every.inputs[:200])
    assert np.array_equal(data.train.targets, every.targets[:200])
    divided = prepare(Digits(limit=200, limit_takes="first", validation=50), Source())
    assert (divided.sizes["train"], divided.sizes["validation"]) == (150, 50)
    first = {*map(bytes, data.train.inputs)}
    assert {*map(bytes, divided.train.inputs)} <= first
    with pytest.raises(UsageError, match="limit_takes: first needs a limit"):
        Digits(limit_takes="first")


def test_limit_keeps_every_class() -> None:
    data = prepare(Digits(limit=20, validation=0), Source())
    np.testing.assert_array_equal(np.bincount(data.train.targets), [2] * 10)
    assert len(data.test or []) == 355
    assert len(prepare(Digits(limit=10**6, validation=0), Source()).train) == 1442


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Digits(validation=1442), "too few samples: 1,442 of 1,442"),
        (Digits(limit=10), "too few samples: 1 of 10"),
        (Digits(limit=5, validation=0), "no training sample is of class"),
        (Digits(limit=1, validation=0), "of one class"),
    ],
)
def test_too_little_to_learn_from(dataset: Dataset, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        prepare(dataset, Source())
    assert caught.value.hint


def test_a_share_is_below_one() -> None:
    with pytest.raises(UsageError, match="a fraction is below 1"):
        Digits(validation=1.0)


def test_draw_keeps_shares_and_spares() -> None:
    y = np.repeat([0, 1, 2, 3], [1, 2, 30, 67])
    for count in range(97):
        drawn = draw(y, count, stream(count, Purpose.SPLIT), spare=1)
        assert len(np.unique(drawn)) == count
        left = np.bincount(np.delete(y, drawn), minlength=4)
        assert left.min() >= 1
        assert abs(left[2] - 30 * (1 - count / 100)) < 2
    with pytest.raises(ValueError, match="cannot take 97"):
        draw(y, 97, stream(0, Purpose.SPLIT), spare=1)
    assert quotas(np.array([5, 5]), 4, np.array([0, 3]), np.array([5, 5])).tolist() == [1, 3]


@pytest.mark.parametrize("normalize", ["none", "unit", "symmetric", "standard"])
def test_scaling_is_fitted_on_the_training_split_only(tmp_path: Path, normalize: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal([5, -3000, 0], [1e-3, 100, 0], (200, 3))
    data = from_arrays(tmp_path, x, np.arange(200) % 2, normalize=normalize)
    train = data.train.inputs.astype(np.float64)
    low, high = train.min(0), train.max(0)
    mean, deviation = train.mean(0), train.std(0)
    constant = np.array([1, 1, 1 / deviation[2] if deviation[2] else 1])
    expected = {
        "none": lambda x: x,
        "unit": lambda x: (x - low) / np.where(high > low, high - low, 1),
        "symmetric": lambda x: (2 * x - low - high) / np.where(high > low, high - low, 1),
        "standard": lambda x: (x - mean) / np.where(deviation > 0, deviation, constant),
    }[normalize]
    for part in (data.train, data.validation, data.test):
        assert part is not None
        close = scaled(data, part.inputs)
        np.testing.assert_allclose(close, expected(part.inputs), rtol=1e-3, atol=1e-2)
        assert np.isfinite(close).all()
    if normalize == "standard":
        everything = x.astype(np.float32).astype(np.float64)
        assert abs(mean[1] - everything.mean(0)[1]) > 1
        np.testing.assert_allclose(data.preprocessing.shift[1], mean[1] / deviation[1], rtol=1e-6)


def test_images_are_scaled_by_channel() -> None:
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 3)).astype(np.uint8)
    images[..., 1] //= 4
    images[..., 2] = 7
    scale, shift = fit_scaling(images, "standard", 255)
    flat = images.reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(scale[:2], 1 / flat.std(0)[:2], rtol=1e-6)
    assert scale[2] == 1
    assert shift[2] == 7
    double, one = fit_scaling(images, "symmetric", 255)
    np.testing.assert_allclose(np.array([0, 255]) * double - one, [-1, 1], atol=1e-6)
    unit, zero = fit_scaling(images, "unit", 255)
    np.testing.assert_allclose(unit, 1 / 255, rtol=1e-7)
    assert zero == 0


def test_digits_in_unit_range() -> None:
    data = prepare(Digits(normalize="unit"), Source())
    inputs = scaled(data, data.train.inputs)
    assert (inputs.min(), inputs.max()) == (0, 1)


def test_moments_agree_with_numpy() -> None:
    x = np.random.default_rng(1).normal(1e4, 1, (70_001, 5)).astype(np.float32)
    mean, deviation = moments(x)
    np.testing.assert_allclose(mean, x.astype(np.float64).mean(0), rtol=1e-12)
    np.testing.assert_allclose(deviation, x.astype(np.float64).std(0), rtol=1e-9)


@pytest.mark.parametrize("word", TOYS)
def test_toys_same_seed_same_bytes(word: str) -> None:
    def of(**fields: Any) -> Data:
        return prepare(Dataset.read({"type": word, **fields}), Source())

    first = of()
    assert of().hash == first.hash
    assert of(seed=1).hash != first.hash
    assert of(split_seed=1).hash != first.hash
    assert first.test is not None
    assert len(first.test) == Dataset.members()[word]().test_samples  # type: ignore[attr-defined]
    assert first.train.inputs.dtype == np.float32
    if first.classes:
        balance = np.bincount(first.test.targets)
        assert balance.max() - balance.min() <= 1
        assert np.bincount(first.train.targets).min() > 0
    else:
        assert first.train.targets.shape == (900, 1)
    train = {row.tobytes() for row in first.train.inputs}
    assert not any(row.tobytes() in train for row in first.test.inputs)


def test_xor_is_xor() -> None:
    loaded = Xor(noise=0.0, samples=8).load(Source())
    corners = loaded.train.inputs.astype(int)
    assert {tuple(c) for c in corners} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    np.testing.assert_array_equal(corners[:, 0] ^ corners[:, 1], loaded.train.targets)
    noisy = Xor().load(Source())
    rounded = np.rint(noisy.train.inputs).astype(int)
    np.testing.assert_array_equal(rounded[:, 0] ^ rounded[:, 1], noisy.train.targets)


def test_hash_tells_values_targets_and_order_apart(tmp_path: Path) -> None:
    x, y = np.arange(40.0), np.arange(40) % 2
    fields: dict[str, Any] = {"validation": 0, "test": 0}
    first = from_arrays(tmp_path, x, y, **fields).hash
    assert from_arrays(tmp_path, x, y, **fields).hash == first
    assert from_arrays(tmp_path, x, 1 - y, **fields).hash != first
    assert from_arrays(tmp_path, x[::-1], y, **fields).hash != first
    assert from_arrays(tmp_path, x.astype(np.uint8), y, **fields).hash != first
    assert len(first) == 64


def test_preprocessing_survives_json() -> None:
    before = prepare(Blobs(), Source()).preprocessing
    after = Preprocessing.from_json(json.loads(json.dumps(before.to_json())))
    assert after.to_json() == before.to_json()
    np.testing.assert_array_equal(after.scale, before.scale)
    assert after.scale.dtype == np.float32
    assert after.input_shape == (2,)
    assert after.labels == ("0", "1", "2")


def test_arrays_in_memory_are_not_changed() -> None:
    x, y = np.arange(60.0).reshape(20, 3), ["cat", "dog"] * 10
    before = x.copy()
    data = data_from_arrays(x, y, validation=4, normalize="unit")
    assert (len(data.train), len(data.validation or []), len(data.test or [])) == (12, 4, 4)
    assert data.preprocessing.labels == ("cat", "dog")
    given = data_from_arrays(x, y, test=(x[:2], y[:2]), validation=0)
    assert (len(given.train), len(given.test or [])) == (20, 2)
    np.testing.assert_array_equal(x, before)
    with pytest.raises(DataError, match="one entry for each sample"):
        data_from_arrays(x, y[:3])


def test_runs_of_earlier_versions_centre_digits_alone() -> None:
    """They knew by the data's name, not by measuring, that images are centred figures."""
    pixels = Preprocessing((8, 8, 1), np.ones(()), np.zeros(()), ("a", "b"), "digit", white=16)
    stored = {key: value for key, value in pixels.to_json().items() if key != "figures"}
    assert Preprocessing.from_json(stored).figures == like_mnist(8)
    assert Preprocessing.from_json(stored | {"kind": "image"}).figures is None
    measured = like_mnist(28).to_json()
    assert Preprocessing.from_json(stored | {"figures": measured}).figures == like_mnist(28)


def test_a_split_that_is_not_there_is_named() -> None:
    data = data_from_arrays([[1.0], [2.0], [3.0], [4.0]], ["a", "b"] * 2, test=0, validation=0)
    assert data.split("train") is data.train
    with pytest.raises(DataError, match="has no test samples here; there is train"):
        data.split("test")
    with pytest.raises(UsageError, match="tset"):
        data.split("tset")


def test_a_data_set_without_training_samples_is_refused() -> None:
    class Nothing(Digits):
        def load(self, source: Source) -> Loaded:
            loaded = super().load(source)
            return replace(loaded, train=loaded.train.pick(np.arange(0)))

    with pytest.raises(DataError, match="there are no training samples"):
        prepare(Nothing(), Source())
