"""Scaling that another run brings along: ``normalize: init_from``."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.kept_scaling import scaled_as
from nnfs_cli.data.prepare import Data
from nnfs_cli.errors import UsageError

GENERATOR = np.random.default_rng(0)


def values(width: int, mean: float, **settings: bool) -> Data:
    x = GENERATOR.normal(mean, 3.0, (40, width))
    return data_from_arrays(x, x[:, :1] * 2 + 0.5, test=0, validation=0, **settings)


def test_inputs_and_targets_keep_the_scaling_of_the_other() -> None:
    other = values(2, 50.0, normalize_targets=True).preprocessing
    own = values(2, 0.0, normalize_targets=True)
    found = scaled_as(other, own)
    x = own.train.inputs
    scaled = found.preprocessing.apply(x, np.empty_like(x))
    np.testing.assert_allclose(scaled, x * other.scale - other.shift, rtol=1e-6, atol=1e-6)
    assert other.target_mean is not None
    assert np.array_equal(found.preprocessing.target_mean, other.target_mean)
    assert np.array_equal(found.preprocessing.target_deviation, other.target_deviation)
    assert found.train is own.train
    plain = scaled_as(values(2, 9.0).preprocessing, own).preprocessing
    assert np.array_equal(plain.target_mean, own.preprocessing.target_mean)


def test_another_shape_or_no_other_run_is_refused() -> None:
    own = values(2, 0.0)
    with pytest.raises(UsageError, match="the inputs are 2, and those of the run"):
        scaled_as(values(3, 0.0).preprocessing, own)
    with pytest.raises(UsageError, match="none is named; add init_from: RUN"):
        scaled_as(None, own)
