"""What `check` forecasts, against a clock of the test's own and other networks."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.experiment.check import Check, check

CLASSES = """\
data: {type: moons, samples: 200, test_samples: 10, validation: 0.25}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: sgd
train: {batch_size: 10, epochs: 4}
"""
VALUES = CLASSES.replace("moons", "sine").replace("units: 2", "units: 1")
VALUES = VALUES.replace("cross_entropy", "mse")


def built(folder: Path, text: str, *overrides: str) -> Built:
    path = folder / "c.yaml"
    path.write_text(text)
    config, document = load_config(path, overrides)
    return build(config, Source(offline=True), document)


def checked(folder: Path, text: str, *overrides: str) -> Check:
    return check(built(folder, text, *overrides))


def test_it_takes_eight_steps(tmp_path: Path) -> None:
    experiment = built(tmp_path, CLASSES)
    check(experiment)
    assert experiment.training.progress.step == 8


def test_an_epoch_takes_as_many_steps_as_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a validation of 50 samples, of which 150 are tried.

    A clock goes on by a quarter of a second whenever it is asked.
    """
    monkeypatch.setattr("nnfs_cli.experiment.check.TRIAL_SECONDS", 1e9)
    monkeypatch.setattr(time, "perf_counter", map(float, itertools.count(0, 0.25)).__next__)
    found = checked(tmp_path, CLASSES)
    assert found.epochs == 4
    assert found.seconds_per_epoch == pytest.approx(15 * 0.25 + 0.25 * 50 / 150)
    found = checked(tmp_path, CLASSES, "data.validation=0")
    assert found.seconds_per_epoch == 20 * 0.25


def test_a_fused_end_is_said(tmp_path: Path) -> None:
    note = "the final softmax and cross_entropy are computed as one function of logits"
    ends = "layers=[{type: dense, units: 2}, softmax]"
    assert note in checked(tmp_path, CLASSES, ends).notes
    assert note not in checked(tmp_path, CLASSES).notes


def test_weights_and_guesses_are_of_classes(tmp_path: Path) -> None:
    given = "loss={type: cross_entropy, class_weights: {'1': 3}}"
    found = checked(tmp_path, CLASSES, given)
    assert (found.classes, found.class_weights) == (("0", "1"), {"0": 1.0, "1": 3.0})
    assert found.expected_loss == "(guessing among 2 classes: 0.6931)"
    found = checked(tmp_path, VALUES)
    assert (found.classes, found.class_weights, found.expected_loss) == ((), {}, "")


def test_a_first_loss_far_above_guessing_is_said(tmp_path: Path) -> None:
    note = "the first loss is far above guessing: are the weights or inputs too large?"
    wild = "layers=[{type: dense, units: 2, initializer: {type: normal, std: 50}}]"
    assert note in checked(tmp_path, CLASSES, wild).notes
    assert note not in checked(tmp_path, CLASSES).notes
    values = "layers=[{type: dense, units: 1, initializer: {type: normal, std: 50}}]"
    assert note not in checked(tmp_path, VALUES, values).notes
