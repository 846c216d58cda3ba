"""The learning-rate range test: where it ends, what it proposes, and how well that trains."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.source import Source
from nnfs_cli.errors import TargetError
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.rate_test import Average, lowest_before_the_rise, range_test
from nnfs_cli.runs.events import Finished
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, prepare, start

CONFIGS = Path(__file__).parents[2] / "configs"
QUICK = ["xor", "moons", "sine", "spirals", "textbooks/textbook", "ellipses", "digits"]
A_POINT = 0.01


def built(name: str, *overrides: str) -> Built:
    return prepare(Request(CONFIGS / f"{name}.yaml", overrides))[0]


def test_rates_rise_evenly_in_their_logarithm() -> None:
    found = range_test(built("moons"), 1e-4, 1e-1, 60)
    steps = np.diff(np.log(found.rates))
    np.testing.assert_allclose(steps, math.log(1e3) / 59, rtol=1e-9)
    assert found.rates[0] == pytest.approx(1e-4)
    assert len(found.rates) == len(found.losses) == len(found.averages) <= 60


def test_the_step_is_taken_with_the_rate_that_is_told() -> None:
    """Gradient descent on one weight vector of an even loss: each step is rate times gradient."""
    one = built("sine", "layers=[{type: dense, units: 1, use_bias: false}]", "optimizer=sgd")
    first = one.network.model.flat.values.copy()
    whole = built("sine", "layers=[{type: dense, units: 1, use_bias: false}]", "optimizer=sgd")
    batches = whole.training.batches
    found = range_test(one, 1e-3, 1e-1, 30)
    weight = float(first[0])
    order = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1, 0))))
    places = order.permutation(len(batches.samples))
    for number, (rate, loss) in enumerate(zip(found.rates, found.losses, strict=True)):
        chosen = places[number * 32 : (number + 1) * 32]
        if len(chosen) < 32:
            break
        x, t = batches.inputs[chosen, 0].astype(float), batches.encoded[chosen, 0].astype(float)
        assert loss == pytest.approx(np.mean((weight * x - t) ** 2), rel=1e-4)
        weight -= rate * np.mean(2 * (weight * x - t) * x)
    assert number > 5


def test_the_experiment_stays_as_it_is() -> None:
    experiment = built("moons")
    before = experiment.network.model.flat.all_values.tobytes()
    one, other = range_test(experiment, steps=100), range_test(experiment, steps=100)
    assert experiment.network.model.flat.all_values.tobytes() == before
    assert experiment.training.progress.step == 0
    assert experiment.training.optimizer.lr == 5e-3
    assert one.losses == other.losses


def test_the_average_is_not_pulled_towards_zero() -> None:
    average = Average(300)
    for _ in range(60):
        assert not average.add(2.5)
    np.testing.assert_allclose(average.values, 2.5)
    assert [average.add(1e9) for _ in range(3)][-1]
    solved = Average(300)
    assert [solved.add(loss) for loss in [1.0] * 30 + [0.0] * 40][-1]


@pytest.mark.parametrize(
    ("averages", "least"),
    [
        ([1.0, 1.0, 0.9, 0.5, 0.2, 0.3, 0.9, 2.0], 4),
        ([1.0, 0.8, 0.4, 0.3, 0.9, 0.1], 3),  # what comes after the rise is luck
        ([1.0, 1.1, 0.95, 1.02, 0.6, 0.5], 5),  # noise is no rise
    ],
)
def test_the_lowest_before_the_rise(averages: list[float], least: int) -> None:
    assert lowest_before_the_rise(averages, 1.0) == least


def test_where_nothing_can_be_learnt() -> None:
    with pytest.raises(TargetError, match="nothing is learnt at any rate from 1e-12 to 1e-10"):
        range_test(built("moons"), 1e-12, 1e-10, 100)


def figure(name: str, runs: Path, *overrides: str) -> float:
    """The accuracy (r2) on test samples."""
    request = Request(CONFIGS / f"{name}.yaml", overrides, runs=RunsFolder(runs))
    end = next(event for event in start(request) if isinstance(event, Finished))
    assert end.record.test is not None
    return end.record.test["r2" if name == "sine" else "accuracy"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", QUICK)
def test_the_proposal_trains_as_well_as_the_recipe(name: str, seed: int, tmp_path: Path) -> None:
    found = range_test(built(name, f"seed={seed}"))
    own = figure(name, tmp_path, f"seed={seed}")
    proposed = figure(name, tmp_path, f"seed={seed}", f"optimizer.lr={found.proposal}")
    assert proposed >= own - A_POINT


@pytest.mark.slow
def test_the_proposal_for_mnist(tmp_path: Path) -> None:
    source = Source.from_environment(None, lambda *_: None)
    experiment = prepare(Request(CONFIGS / "mnist.yaml", source=source))[0]
    if experiment.data.substituted_for:
        pytest.skip("there is no copy of MNIST")
    assert 1e-3 <= range_test(experiment).proposal <= 1e-2


def test_a_loss_that_is_no_number_ends_the_test() -> None:
    told: list[tuple[int, int]] = []
    with pytest.raises(TargetError, match=r"from 1e\+30 to 1e\+35 in 20 steps; try --steps 80; "):
        range_test(
            built("sine", "optimizer=sgd"), 1e30, 1e35, 20, lambda *counts: told.append(counts)
        )
    assert told[-1] == (20, 20)
    assert len(told) < 20


def test_a_test_of_all_steps_proposes_no_longer_one() -> None:
    with pytest.raises(TargetError) as caught:
        range_test(built("sine", "optimizer=sgd", "train.batch_size=full"), 1e30, 1e35, 1000)
    assert caught.value.hint == "`nnfs diagnose CONFIG` looks for the reason"
