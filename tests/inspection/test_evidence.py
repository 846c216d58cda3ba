"""What a diagnosis measures at the first weights, and how long it tries, by other means."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from nnfs_cli.inspection import trials
from nnfs_cli.inspection.chance import Chance
from nnfs_cli.inspection.diagnose import diagnose_config
from nnfs_cli.inspection.evidence import Evidence, one_batch_of, start_of
from nnfs_cli.inspection.findings.rate import lr_too_high, lr_too_low
from nnfs_cli.inspection.trials import losses_of
from nnfs_cli.training.layer_statistics import LayerStatistics
from nnfs_cli.training.loop import Step, Training

from .test_findings import BIAS, WEIGHT, built, config

__all__ = ["config"]
WILD = ["optimizer.lr=1e6", "loss=mse", "layers=[{type: dense, units: 2}]"]


@pytest.mark.parametrize(
    ("samples", "size", "batches"), [(1000, 100, 3), (1000, 2, 16), (512, 64, 4), (40, 16, 3)]
)
def test_the_start_by_hand(samples: int, size: int, batches: int) -> None:
    """Batches of at most 256 samples together and of sixteen at most, of one layer, in float64."""
    of = built(
        f"data.samples={samples}", f"train.batch_size={size}", "layers=[{type: dense, units: 2}]"
    )
    found = start_of(of.training, of.network.model)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1, 0))))
    order = draws.permutation(samples)
    weight = of.network.model.flat.values.astype(float)[:4].reshape(2, 2)
    seen = order[: batches * size]
    x, classes = of.data.train.inputs.astype(float), of.data.train.targets
    x = ((x - x.mean(axis=0)) / x.std(axis=0))[seen]
    e = np.exp(x @ weight)
    p = e / e.sum(axis=1, keepdims=True)
    assert found.loss == pytest.approx(
        -np.log(p[np.arange(len(x)), classes[seen]]).mean(), rel=1e-4
    )
    errors = (p - np.eye(2)[classes[seen]])[:size] / min(size, samples)
    both = [x[:size].T @ errors, errors.sum(axis=0)]
    norms = [math.sqrt((g**2).sum()) for g in both]
    assert found.gradient_norm == pytest.approx(math.hypot(*norms), rel=1e-4)
    rows = {row.name: row for row in found.rows}
    assert [rows[name].gradient_norm for name in (WEIGHT, BIAS)] == pytest.approx(norms, rel=1e-3)
    assert rows[WEIGHT].norm == pytest.approx(np.linalg.norm(weight), rel=1e-4)
    assert rows["dense_1"].mean is not None


def test_one_batch_is_the_one_that_comes_first() -> None:
    of = built().training
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1, 0))))
    first = draws.permutation(100)
    for most, count in ((32, 16), (10, 10)):
        one = one_batch_of(of, most)
        assert one.samples.inputs.tolist() == (
            of.batches.samples.inputs[np.sort(first[:count])].tolist()
        )
        assert len(one) == 1
    for steps, seconds, count in ((5, 9.0, 5), (999, 0.0, 1), (999, 99.0, 49)):
        of = built().training
        assert len(losses_of(of, steps, seconds)) == count


def test_what_short_trainings_come_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean of the last tenth of the losses; three rates, and more where little is learnt."""
    of = built()
    own = of.config.optimizer.lr
    chance = Chance(2.0, 1.0, 0.0)
    asked: list[tuple[float, int, int]] = []
    ends = {1.0: 0.9, 0.1: 0.8, 10.0: 0.7, 100.0: 0.45, 0.01: 0.0}

    def losses(training: Training, steps: int, seconds: float) -> list[float]:
        factor = float(f"{training.optimizer.lr / own:.3g}")
        asked.append((factor, steps, len(training.batches.samples)))
        end = 0.3 if len(training.batches) == 1 else ends[factor]
        return [9.0] * (steps - steps // 10) + [end] * (steps // 10)

    monkeypatch.setattr(trials, "losses_of", losses)
    found = trials.try_rates(of, of.network.model, chance)
    rates = {1.0: 0.1, 0.1: 0.2, 10.0: 0.3, 100.0: 0.55}
    assert found.learnt == pytest.approx(rates)
    assert (found.steps, found.one_batch, found.one_batch_steps) == (200, 16, 400)
    assert found.one_batch_learnt == pytest.approx(0.7)
    whole = [(factor, 200, 100) for factor in rates]
    assert asked == [*whole, *((100.0 * factor, 400, 16) for factor in (1.0, 10.0, 0.1))]
    assert of.training.progress.step == 0
    asked.clear()
    ends[1.0] = 0.5
    best = trials.try_rates(of, of.network.model, chance)
    assert [factor for factor, *_ in asked[:4]] == [1.0, 0.1, 10.0, 1.0]
    assert best.learnt[1.0] == pytest.approx(0.5)


def test_a_trial_that_diverges_has_learnt_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "losses_of", lambda *_: [0.0, math.inf])
    of = built()
    found = trials.try_rates(of, of.network.model, Chance(2.0, 1.0, 0.0))
    assert {*found.learnt.values(), found.one_batch_learnt} == {-math.inf}


def test_a_divergence_is_an_infinite_loss() -> None:
    wild = built(*WILD)
    assert losses_of(wild.training, 50, 9.0)[-1] == math.inf


@pytest.mark.parametrize("stopping", [None, 1])
def test_a_whole_trial_is_the_training(stopping: int | None) -> None:
    """Its history, its layers and its end are those of the training itself, which is left alone."""
    overrides = (
        []
        if stopping is None
        else ["train.early_stopping={monitor: train_loss, patience: 1, min_delta: 9}"]
    )
    of = built("data.validation=20", *overrides)
    found = trials.try_whole(of, of.network.model)
    assert (of.training.progress.step, of.training.progress.history) == (0, [])
    twin = built("data.validation=20").training
    statistics, layers = LayerStatistics(twin), {}
    for event in twin:
        if isinstance(event, Step) and (rows := statistics.after(event)):
            layers[event.epoch] = rows
        if twin.progress.epoch == (7 if stopping is None else 2):
            break
    assert found.history == twin.progress.history
    assert found.layers == layers
    assert np.array_equal(found.model.flat.all_values, twin.model.flat.all_values)
    assert (found.complete, found.diverged, found.stopped_early) == (True, False, bool(stopping))
    wild = built(*WILD)
    ended = trials.try_whole(wild, wild.network.model)
    assert (ended.complete, ended.diverged) == (False, True)


def test_a_trial_takes_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "WHOLE_SECONDS", 0.0)
    of = built()
    found = trials.try_whole(of, of.network.model)
    assert (found.complete, found.history) == (False, [])


def test_no_trial_begins_when_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one alone is tried, of a step; then no other rate can be proposed."""
    of, counts = built(), list[int]()
    real = trials.losses_of
    monkeypatch.setattr(
        trials, "losses_of", lambda *given: counts.append(len(found := real(*given))) or found
    )
    over = time.monotonic()
    found = trials.try_rates(of, of.network.model, Chance(2.0, 1.0, 0.0), over)
    assert list(found.learnt) == [1.0]
    assert counts[0] == 1
    assert len(counts) == 2
    assert trials.try_whole(of, of.network.model, over).history == []
    seen = Evidence(of, of.network.model, trials=found)
    assert (lr_too_high(seen), lr_too_low(seen)) == (None, None)


def test_a_step_that_takes_long_is_tried_with_fewer_samples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = built("train.batch_size=full")
    model = of.training.model
    assert trials.within_reach(of.training) is of.training
    monkeypatch.setattr(trials, "STEP_WORK", 3 * model.flops(model.input_shape) * 40)
    assert trials.within_reach(built().training).batches.batch_size == 16
    smaller = trials.within_reach(of.training)
    assert (smaller.batches.batch_size, len(smaller.batches)) == (40, 3)
    assert smaller.batches.samples is of.training.batches.samples
    for name, seconds in (("RATE", 0.0), ("RATES", 0.0), ("BATCH", 0.0), ("WHOLE", 0.0)):
        monkeypatch.setattr(trials, f"{name}_SECONDS", seconds)
    assert diagnose_config(of).note == "steps of 100 samples take long: tried with 40"
    assert diagnose_config(built()).note == ""
