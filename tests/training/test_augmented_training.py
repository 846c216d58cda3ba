"""Training on augmented images: only the training split changes, and resuming repeats nothing."""

from __future__ import annotations

import copy
from itertools import islice
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.training.loop import Training
from nnfs_cli.training.train import train

CONFIG: dict[str, Any] = {
    "data": {"type": "digits", "limit": 200, "augment": ["shift", "noise"]},
    "layers": ["flatten", {"type": "dense", "units": 10}],
    "loss": "cross_entropy",
    "optimizer": {"type": "sgd", "lr": 0.1},
    "train": {"epochs": 2, "batch_size": 32, "workers": 1},
}


def built(augment: list[Any]) -> Built:
    config = copy.deepcopy(CONFIG)
    config["data"]["augment"] = augment
    return build(validate(Document(config)), Source())


def steps(training: Training, count: int) -> Array:
    for _ in islice(training, count):
        pass
    return training.model.flat.all_values.copy()


def test_it_changes_what_is_learnt_from_and_nothing_else() -> None:
    plain, augmented = built([]), built(["shift", "noise"])
    before = plain.data.train.inputs.copy()
    assert (steps(plain.training, 3) != steps(augmented.training, 3)).any()
    np.testing.assert_array_equal(augmented.data.train.inputs, before)
    one, other = plain.training.validation, augmented.training.validation
    assert one
    assert other
    np.testing.assert_array_equal(one.inputs, other.inputs)


def test_no_change_is_no_difference() -> None:
    still = [{"type": "rotate", "degrees": 0.0}, {"type": "noise", "std": 0.0}]
    plain, unmoved = built([]).training, built(still).training
    np.testing.assert_array_equal(steps(plain, 8), steps(unmoved, 8))


def test_an_epoch_interrupted_ends_as_if_it_had_not_been() -> None:
    whole = built(["rotate", "elastic", "noise"]).training
    expected = steps(whole, 9)
    first, second = (built(["rotate", "elastic", "noise"]).training for _ in range(2))
    values = steps(first, 4)
    second.model.flat.all_values[...] = values
    second.progress = copy.deepcopy(first.snapshot())
    np.testing.assert_array_equal(steps(second, 5), expected)


def test_every_epoch_sees_other_images() -> None:
    training = built(["noise"]).training
    seen = []
    step = training.step
    training.step = lambda batch: (seen.append(batch.x.copy()), step(batch))[1]  # type: ignore[method-assign]
    for _ in training:
        pass
    rows = np.concatenate(seen).reshape(-1, 64)
    assert len(np.unique(rows, axis=0)) == len(rows)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_from_python(dtype: type) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 255, (60, 6, 6, 1)).astype(dtype)
    images.flags.writeable = False
    from nnfs_cli import Dense, Flatten, Sequential, data_from_arrays

    seen: list[Array] = []

    class Looking(Augmentation):
        def apply(self, images: Array, generator: np.random.Generator) -> Array:
            seen.append(images.copy())
            return images

    data = data_from_arrays(images, np.arange(60) % 2, augment=[Looking()])
    train(Sequential([Flatten(), Dense(2)]), data, loss="cross_entropy", optimizer="sgd", epochs=1)
    rows = np.concatenate(seen).reshape(-1, 36)
    known = {row.tobytes() for row in data.train.inputs.astype(np.float32).reshape(-1, 36)}
    assert {row.tobytes() for row in rows} == known
