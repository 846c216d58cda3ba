from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.data.datasets.digits import FILE, Digits, cubic_weights, mnist_geometry
from nnfs_cli.data.source import Source


def test_the_bundle_is_scikit_learns() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="compares with scikit-learn's copy")
    theirs = datasets.load_digits()
    with np.load(FILE) as ours:
        np.testing.assert_array_equal(ours["images"], theirs.images)
        np.testing.assert_array_equal(ours["labels"], theirs.target)


def test_division_is_fixed_and_stratified() -> None:
    loaded = Digits().load(Source())
    assert loaded.test is not None
    assert (len(loaded.train), len(loaded.test)) == Digits.sizes
    whole = np.bincount(np.concatenate([loaded.train.targets, loaded.test.targets]))
    np.testing.assert_array_equal(np.bincount(loaded.test.targets), whole // 5)
    with np.load(FILE) as members:
        images, labels = members["images"], members["labels"].tolist()
    seen, tested = dict.fromkeys(range(10), 0), []
    for position, label in enumerate(labels):
        seen[label] += 1
        if seen[label] % 5 == 0:
            tested.append(position)
    np.testing.assert_array_equal(loaded.test.inputs[..., 0], images[tested])
    assert loaded.train.inputs.shape == (1442, 8, 8, 1)
    assert loaded.train.inputs.max() == 16


def test_mnist_geometry_is_mnists() -> None:
    images = Digits(geometry="mnist").load(Source()).train.inputs[..., 0]
    assert images.shape == (1442, 28, 28)
    assert images.dtype == np.uint8
    assert images.max() == 255
    rows, columns = images.any(axis=2), images.any(axis=1)
    for inked in (rows, columns):
        first, last = inked.argmax(axis=1), 27 - inked[:, ::-1].argmax(axis=1)
        assert (last - first).max() < 20
    pixels = np.arange(28) + 0.5
    ink = images.sum(axis=(1, 2))
    centre = (images.sum(axis=2) @ pixels / ink, images.sum(axis=1) @ pixels / ink)
    assert np.abs(np.array(centre) - 14.5).max() < 0.6


def test_enlarging_keeps_flat_areas_and_the_order_of_axes() -> None:
    np.testing.assert_allclose(cubic_weights(8, 20).sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(cubic_weights(8, 8), np.eye(8), atol=1e-6)
    tall = np.zeros((1, 8, 8), dtype=np.float32)
    tall[0, :, 3:5] = 255
    (image,) = mnist_geometry(tall)
    assert image.any(axis=1).sum() == 20
    assert image.any(axis=0).sum() < 10
