"""From a config to a training: what does not fit is said at the line that causes it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy

OFFLINE = Source(offline=True)
TEXT = """\
data: {type: moons, samples: 40, test_samples: 10, validation: 0.25}
layers:
  - {type: dense, units: 8, activation: relu}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
schedule: constant
metrics: [accuracy]
train:
  checkpoint: {monitor: val_accuracy}
"""


def built(folder: Path, text: str = TEXT, *overrides: str) -> Built:
    path = folder / "c.yaml"
    path.write_text(text)
    config, document = load_config(path, overrides)
    return build(config, OFFLINE, document)


def test_everything_is_built_from_the_config(tmp_path: Path) -> None:
    found = built(tmp_path, TEXT, "train.batch_size=7", "train.clip_norm=2", "seed=5")
    training = found.training
    assert found.monitor == "val_accuracy"
    assert found.network.model.parameter_count == 42
    assert (training.batches.batch_size, training.clip_norm, training.seed) == (7, 2.0, 5)
    assert len(training.batches.samples) == 30
    assert training.validation is not None
    assert len(training.validation.samples) == 10
    assert found.network.classes == 2


def test_the_config_can_be_built_twice(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(TEXT)
    config, document = load_config(path)
    first, second = build(config, OFFLINE, document), build(config, OFFLINE, document)
    next(iter(first.training))
    assert config.described() == load_config(path)[0].described()
    fresh = second.network.model.flat.all_values
    assert not np.shares_memory(fresh, first.network.model.flat.all_values)
    again = build(config, OFFLINE, document)
    assert np.array_equal(fresh, again.network.model.flat.all_values)


def test_dropout_and_frozen_layers_leave_the_other_weights_as_they_are(tmp_path: Path) -> None:
    plain = built(tmp_path)
    wider = TEXT.replace("  - {type: dense, units: 2}", "  - {type: dropout, rate: 0.5}\n"
                         "  - {type: dense, units: 2}")  # fmt: skip
    with_dropout = built(tmp_path, wider)
    assert np.array_equal(
        plain.network.model.flat.all_values, with_dropout.network.model.flat.all_values
    )


def test_a_final_softmax_is_fused(tmp_path: Path) -> None:
    found = built(tmp_path, TEXT.replace("units: 2}", "units: 2, activation: softmax}"))
    assert found.network.model.head is not None
    assert isinstance(found.network.loss, CrossEntropy)
    assert found.network.loss.from_logits


FAULTS = {
    "c.yaml:4:": TEXT.replace("units: 2}", "units: 3}"),
    "c.yaml:3:": TEXT.replace("type: moons, samples: 40, test_samples: 10", "type: digits"),
    "c.yaml:5:": TEXT.replace("loss: cross_entropy", "loss: {type: cross_entropy, "
                              "from_logits: false}"),
    "c.yaml:8:": TEXT.replace("[accuracy]", "[rmse]"),
    "c.yaml:10:": TEXT.replace("monitor: val_accuracy", "monitor: val_recall"),
    "c.yaml:7:": TEXT.replace("schedule: constant", "schedule: {type: plateau, monitor: val_r2}"),
}  # fmt: skip


@pytest.mark.parametrize("where", FAULTS)
def test_what_does_not_fit_is_reported_at_its_line(tmp_path: Path, where: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(where)):
        built(tmp_path, FAULTS[where])


def test_nothing_to_train(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"`layers=.*nothing to train"):
        built(tmp_path, TEXT, "layers=[{type: dense, units: 2, trainable: false}]")


def test_overrides_are_named_where_they_cause_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"c\.yaml:4:5 with `layers\.1\.units=5`: the data has"):
        built(tmp_path, TEXT, "layers.1.units=5")


@pytest.mark.parametrize(
    ("loss", "units", "works"),
    [
        ("mse", 1, True),
        ("mse", 2, False),
        ("huber", 1, True),
        ("cross_entropy", 2, False),
        ("hinge", 1, False),
    ],
)
def test_losses_and_values(tmp_path: Path, loss: str, units: int, works: bool) -> None:
    text = TEXT.replace("moons", "sine").replace("metrics: [accuracy]", "metrics: [rmse]")
    text = text.replace("monitor: val_accuracy", "monitor: val_rmse")
    overrides = [f"loss={loss}", f"layers.1.units={units}"]
    if works:
        assert built(tmp_path, text, *overrides).network.classes is None
    else:
        with pytest.raises(ConfigError):
            built(tmp_path, text, *overrides)


def test_without_validation_monitors_watch_the_training_loss(tmp_path: Path) -> None:
    text = TEXT.replace("monitor: val_accuracy", "every_epochs: 2")
    assert built(tmp_path, text, "data.validation=0").monitor == "train_loss"
    assert built(tmp_path, text).monitor == "val_loss"
    with pytest.raises(ConfigError, match="needs a validation split"):
        built(tmp_path, TEXT, "data.validation=0")
