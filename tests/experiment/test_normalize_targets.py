"""Targets of any size are learnt as those of size one, and given back in their own units."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.losses.mse import MSE
from nnfs_cli.nn.metrics.errors import RootMeanSquaredError
from nnfs_cli.nn.optimizers.sgd import SGD
from nnfs_cli.training.train import train

X = np.random.default_rng(0).normal(size=(200, 3))
Y = (X @ [1.0, -2.0, 0.5] + 3.0)[:, None] * 250_000.0


def trained(targets: np.ndarray, **settings: object):  # type: ignore[no-untyped-def]
    data = data_from_arrays(X, targets, normalize="none", **settings)
    model = Sequential([Dense(1)])
    return data, train(
        model, data, loss=MSE(), optimizer=SGD(lr=0.1), epochs=20, metrics=[RootMeanSquaredError()]
    )


def test_as_if_they_had_been_scaled_by_hand() -> None:
    data, network = trained(Y, normalize_targets=True)
    mean, deviation = data.train.targets.mean(), data.train.targets.std()
    _, by_hand = trained((Y - mean) / deviation)
    expected = by_hand.predict(X) * deviation + mean
    np.testing.assert_allclose(network.predict(X), expected, rtol=1e-3, atol=1e-3 * deviation)
    assert network.test["loss"] == pytest.approx(by_hand.test["loss"], rel=1e-2, abs=1e-6)
    assert network.test["rmse"] == pytest.approx(by_hand.test["rmse"] * deviation, rel=1e-2)
    assert network.history[-1]["val_rmse"] == pytest.approx(
        by_hand.history[-1]["val_rmse"] * deviation, rel=1e-2
    )


def test_it_is_fitted_on_the_training_split_and_survives_a_checkpoint() -> None:
    data = data_from_arrays(X, Y, normalize_targets=True)
    again = Preprocessing.from_json(data.preprocessing.to_json())
    assert data.test is not None
    scaled = again.scale_targets(data.train.targets)
    assert np.abs([scaled.mean(), scaled.std() - 1]).max() < 1e-5
    np.testing.assert_allclose(
        again.unscale(again.scale_targets(data.test.targets)), data.test.targets, rtol=1e-5
    )


def test_large_targets_are_pointed_out() -> None:
    assert "normalize_targets" in data_from_arrays(X, Y).notice
    assert not data_from_arrays(X, Y, normalize_targets=True).notice
    assert not data_from_arrays(X, Y / 250_000).notice


def test_classes_have_no_scale() -> None:
    with pytest.raises(DataError, match="normalize_targets is for regression"):
        data_from_arrays(X, (X[:, 0] > 0).astype(int), normalize_targets=True)
