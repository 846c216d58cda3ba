from __future__ import annotations

import math

import pytest

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.schedules.cosine import Cosine
from nnfs_cli.nn.schedules.inverse_sqrt import InverseSqrt
from nnfs_cli.nn.schedules.inverse_time import InverseTime
from nnfs_cli.nn.schedules.plateau import Plateau
from nnfs_cli.nn.schedules.polynomial import Polynomial


def test_polynomial_by_hand() -> None:
    assert [Polynomial(final=0.2)(step, 4, []) for step in range(5)] == pytest.approx(
        [1.0, 0.8, 0.6, 0.4, 0.2]
    )


def test_cosine_restarts_in_every_cycle() -> None:
    schedule = Cosine(cycles=3)
    factors = [schedule(step, 30, []) for step in range(31)]
    assert [factors[step] for step in (0, 10, 20)] == [1.0, 1.0, 1.0]
    assert [factors[step] for step in (5, 15, 25)] == pytest.approx([0.5, 0.5, 0.5])
    assert factors[30] == 0.0


def test_inverse_sqrt_continues_the_transformer_s_warmup() -> None:
    schedule = InverseSqrt(timescale=100, warmup=100)
    for step in (0, 50, 99, 100, 250, 1000):
        done = step + 1 if step < 100 else step
        paper = min(done**-0.5, done * 100**-1.5) / 100**-0.5
        assert schedule(step, 2000, []) == pytest.approx(paper)


def test_inverse_time_is_the_decay_of_old_keras() -> None:
    schedule = InverseTime(decay=0.01, warmup=4)
    lr = 0.5
    for iterations in range(300):  # after the warmup
        keras = lr * (1.0 / (1.0 + 0.01 * iterations))  # as its get_updates has it
        assert lr * schedule(4 + iterations, 300, []) == pytest.approx(keras)
    assert schedule(104, 10**6, []) == schedule(104, 105, []) == 0.5  # it needs no end
    assert [schedule(step, 300, []) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def records(key: str, values: list[float]) -> list[dict[str, float]]:
    return [{"train_loss": 1.0, key: value} for value in values]


def test_plateau_falls_after_patience_and_keeps_its_limit() -> None:
    schedule = Plateau(patience=1, gamma=0.5, min_factor=0.2)
    factors = [schedule(0, 100, records("val_loss", [1.0] * epochs)) for epochs in range(9)]
    assert factors == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2]


def test_plateau_knows_which_way_is_better() -> None:
    rising = [0.1, 0.2, 0.3, 0.4, 0.5]
    assert Plateau(monitor="val_accuracy", patience=0)(0, 1, records("val_accuracy", rising)) == 1
    assert Plateau(monitor="val_top_3", patience=0)(0, 1, records("val_top_3", rising)) == 1
    assert Plateau(monitor="val_mse", patience=0)(0, 1, records("val_mse", rising)) < 1
    assert Plateau(patience=0)(0, 1, records("val_loss", rising)) < 1


def test_an_undefined_value_is_neither_progress_nor_a_lack_of_it() -> None:
    nan = math.nan
    assert Plateau(patience=1)(0, 1, records("val_loss", [nan] * 9)) == 1.0
    assert Plateau(patience=1)(0, 1, records("val_loss", [1.0, nan, 1.0, nan])) == 1.0
    assert Plateau(patience=1)(0, 1, records("val_loss", [nan, 1.0, nan, 1.0, nan, 1.0])) == 0.1


def test_plateau_watches_the_training_loss_without_a_validation_loss() -> None:
    flat = [{"train_loss": 1.0}] * 3
    assert Plateau(patience=1)(0, 1, flat) == 0.1


def test_plateau_reads_each_training_anew() -> None:
    schedule = Plateau(patience=1)
    assert schedule(0, 1, records("val_loss", [1.0, 1.0, 1.0])) == 0.1
    assert schedule(0, 1, records("val_loss", [3.0, 2.0, 1.0])) == 1.0


def test_plateau_names_what_is_recorded() -> None:
    with pytest.raises(UsageError, match=r"'val_acuracy'.*did you mean 'val_accuracy'"):
        Plateau(monitor="val_acuracy")(0, 1, records("val_accuracy", [1.0]))
