"""The training loop, against the same arithmetic written naively."""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from nnfs_cli import (
    MSE,
    SGD,
    Accuracy,
    Adam,
    BatchNorm,
    CrossEntropy,
    Dense,
    Dropout,
    Model,
    ReLU,
    Softmax,
    Tanh,
)
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import NumberedStreams, Purpose, stream
from nnfs_cli.compute.team import Team
from nnfs_cli.config.config import load_config
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError, UsageError
from nnfs_cli.experiment.build import build
from nnfs_cli.nn.fusing import fuse
from nnfs_cli.nn.layer import Layer
from nnfs_cli.training.clipping import clip
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.loop import Epoch, Step, Training
from nnfs_cli.training.train import train

RECIPES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
N, FEATURES, CLASSES = 23, 4, 3


def still() -> SGD:
    return SGD(lr=1e-30)


"""An optimizer that changes no weight."""


def samples(count: int = N, seed: int = 1) -> Samples:
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((count, FEATURES)).astype(np.float32)
    return Samples(inputs, generator.integers(0, CLASSES, count))


def plain() -> Preprocessing:
    one, zero = np.ones((), np.float32), np.zeros((), np.float32)
    return Preprocessing((FEATURES,), one, zero, labels=tuple("abc"))


def training(
    layers: Sequence[Any] = (),
    loss: Any = None,
    optimizer: Any = None,
    batch_size: int | Literal["full"] = 5,
    epochs: int = 2,
    validation: Samples | None = None,
    **settings: Any,
) -> Training:
    layers = list(layers) or [Dense(6), Tanh(), Dense(CLASSES)]
    model = Model(layers, (FEATURES,), seed=3)
    fused = fuse(model, loss or CrossEntropy())

    def batches(part: Samples, size: int | Literal["full"]) -> Batches:
        encoded = fused.encode_targets(part.targets, CLASSES, model.output_shape)
        return Batches(part, plain(), encoded, size)

    watched = batches(validation, 4) if validation else None
    return Training(
        model=model,
        loss=fused,
        optimizer=optimizer or SGD(lr=0.1),
        batches=batches(samples(), batch_size),
        epochs=epochs,
        validation=watched,
        **settings,
    )


def steps(of: Training) -> list[Step]:
    return [event for event in of if isinstance(event, Step)]


def naive_losses(
    of: Training, weights: list[np.ndarray], lr: float, size: int, epochs: int
) -> list[float]:
    """Softmax regression on one tanh layer by stochastic gradient descent, in float64."""
    w1, b1, w2, b2 = (w.astype(np.float64) for w in weights)
    x_all, t_all = of.batches.inputs.astype(np.float64), of.batches.samples.targets
    losses = []
    for epoch in range(epochs):
        order = stream(of.seed, Purpose.ORDER, epoch).permutation(len(x_all))
        for first in range(0, len(order), size):
            chosen = order[first : first + size]
            x, t = x_all[chosen], np.eye(CLASSES)[t_all[chosen]]
            h = np.tanh(x @ w1 + b1)
            z = h @ w2 + b2
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            losses.append(float(-np.mean(np.log((p * t).sum(axis=1)))))
            dz = (p - t) / len(x)
            da = dz @ w2.T * (1 - h**2)
            w2 -= lr * h.T @ dz
            b2 -= lr * dz.sum(axis=0)
            w1 -= lr * x.T @ da
            b1 -= lr * da.sum(axis=0)
    return losses


@pytest.mark.parametrize("size", [1, 5, N, 1000])
def test_the_loop_is_gradient_descent(size: int) -> None:
    ours = training(batch_size=size, epochs=3)
    initial = [p.value.copy() for p in ours.model.named_parameters().values()]
    expected = naive_losses(ours, initial, 0.1, size, 3)
    found = [step.loss for step in steps(ours)]
    assert found == pytest.approx(expected, rel=2e-5)


def test_full_batch_is_one_step_an_epoch() -> None:
    events = list(training(batch_size="full", epochs=2))
    assert [type(event) for event in events] == [Step, Epoch, Step, Epoch]
    assert events[0].samples == N


def test_a_full_batch_has_the_samples_as_they_are_and_leaves_them_so() -> None:
    ours = training([ReLU(), Dense(6), ReLU(), Dense(CLASSES)], batch_size="full", epochs=2)
    before = ours.batches.inputs.copy()
    order = ours.batches.order(NumberedStreams(0, Purpose.ORDER), 3)
    batch = ours.batches.take(order, 0)
    assert np.array_equal(batch.x, before)
    assert np.array_equal(batch.targets, ours.batches.samples.targets)
    assert ours.batches.nbytes == before.nbytes + ours.batches.encoded.nbytes, "no copies"
    steps(ours)
    assert np.array_equal(ours.batches.inputs, before)


def test_a_full_batch_of_bytes_is_scaled_once_and_for_each_shard() -> None:
    """The first layer would write over its input if it were not the next epoch's as well."""
    bytes_ = Samples(np.arange(12, dtype=np.uint8).reshape(6, 2), np.arange(6) % 2)
    half, one = np.full((), 0.5, np.float32), np.ones((), np.float32)
    batches = Batches(bytes_, Preprocessing((2,), half, one, ("a", "b")), bytes_.targets, "full")
    expected = bytes_.inputs * 0.5 - 1.0
    for _ in range(2):
        batch = batches.take(batches.order(NumberedStreams(0, Purpose.ORDER), 0), 0)
        np.testing.assert_array_equal(batch.x, expected)
    assert batches.take(slice(6), 0) is batch
    model = Model([ReLU(), Dense(3), ReLU(), Dense(2)], (2,))
    loss = fuse(model, CrossEntropy())
    steps(Training(model=model, loss=loss, optimizer=SGD(lr=0.1), batches=batches, epochs=3))
    np.testing.assert_array_equal(batch.x, expected)
    team = Team()
    team.size = 2
    for team.rank, own in enumerate((slice(0, 3), slice(3, 6))):
        shard = batches.take(slice(6), 0, team)
        np.testing.assert_array_equal(shard.x, expected[own])
        np.testing.assert_array_equal(shard.encoded, bytes_.targets[own])
        np.testing.assert_array_equal(shard.targets, bytes_.targets)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_layer_cannot_work_in_place_on_what_later_epochs_take_again(kind: type) -> None:
    class Halves(Layer):
        word = "halves"

        def forward(self, x: Array, training: bool) -> Array:
            x *= 0.5
            return x

    given = Samples(np.arange(12).reshape(6, 2).astype(kind), np.arange(6) % 2)
    one = np.ones((), np.float32)
    batches = Batches(given, Preprocessing((2,), one, one, ("a", "b")), given.targets, "full")
    model = Model([Halves(), Dense(2)], (2,))
    own = Training(model=model, loss=CrossEntropy(), optimizer=SGD(), batches=batches, epochs=2)
    with pytest.raises(ValueError, match="read-only"):
        steps(own)
    if kind == np.float32:
        with pytest.raises(ValueError, match="read-only"):
            evaluate(model, CrossEntropy(), [], batches)
    np.testing.assert_array_equal(batches.take(slice(6), 0).x, given.inputs - 1.0)


class Signs(MSE):
    """Squared error to -1 and 1, made of 0 and 1 in place."""

    word = "signs"

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        targets *= 2
        targets -= 1
        return super().value_and_grad(outputs, targets)


class Spoiler(Accuracy):
    word = "spoiler"
    spoils = 1

    def update(self, *given: Any, **named: Any) -> None:
        given[self.spoils][...] = 0


class PredictionSpoiler(Spoiler):
    spoils = 0


@pytest.mark.parametrize("size", [2, "full"])
@pytest.mark.parametrize("spoiler", [Signs, Spoiler, PredictionSpoiler])
def test_no_loss_or_metric_can_change_the_data_or_what_the_next_metric_sees(
    spoiler: Any, size: Any
) -> None:
    given = Samples(np.zeros((6, 2), np.float32), np.arange(6) % 2, weights=np.ones(6, np.float32))
    known = Preprocessing((2,), np.ones((), np.float32), np.zeros((), np.float32), ("a", "b"))
    loss: Any = Signs() if spoiler is Signs else MSE()
    encoded = loss.encode_targets(given.targets, 2, (2,))
    batches = Batches(given, known, encoded, size)
    metrics = [] if spoiler is Signs else [spoiler()]
    model = Model([Dense(2)], (2,))
    own = Training(
        model=model, loss=loss, optimizer=SGD(), batches=batches, epochs=1, metrics=metrics
    )
    with pytest.raises(ValueError, match="read-only"):
        steps(own)
    with pytest.raises(ValueError, match="read-only"):
        evaluate(model, loss, metrics, batches)
    np.testing.assert_array_equal(given.targets, np.arange(6) % 2)
    np.testing.assert_array_equal(encoded, np.eye(2)[np.arange(6) % 2])


def test_steps_count_and_the_last_batch_is_smaller() -> None:
    found = steps(training(batch_size=5, epochs=2))
    assert [step.samples for step in found[:5]] == [5, 5, 5, 5, 3]
    assert [(step.epoch, step.step, step.batch) for step in found[4:6]] == [(1, 5, 5), (2, 6, 1)]
    assert all(step.batches == 5 for step in found)


def test_the_epochs_loss_is_the_mean_over_its_samples() -> None:
    events = list(training(batch_size=5, epochs=1))
    losses = [event for event in events if isinstance(event, Step)]
    mean = sum(step.loss * step.samples for step in losses) / N
    epoch = events[-1]
    assert isinstance(epoch, Epoch)
    assert epoch.record["train_loss"] == pytest.approx(mean)


def test_the_epochs_loss_with_class_weights_is_weighted_over_uneven_batches() -> None:
    weights = [0.2, 1.0, 5.0]
    loss = CrossEntropy(class_weights=weights)
    ours = training([Dense(CLASSES)], loss, still(), batch_size=4, epochs=1)
    epoch = list(ours)[-1]
    x, t = ours.batches.inputs, ours.batches.samples.targets
    logits = ours.model.forward(x, training=False).astype(np.float64)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    w = np.array(weights)[t]
    expected = -(w * np.log(p[np.arange(N), t])).sum() / w.sum()
    assert isinstance(epoch, Epoch)
    assert epoch.record["train_loss"] == pytest.approx(expected, rel=1e-5)


def test_running_accuracy_counts_every_sample_once() -> None:
    ours = training([Dense(CLASSES)], optimizer=still(), metrics=[Accuracy()], epochs=2)
    records = [event.record for event in ours if isinstance(event, Epoch)]
    logits = ours.model.forward(ours.batches.inputs, training=False)
    expected = np.mean(logits.argmax(axis=1) == ours.batches.samples.targets)
    assert [record["train_accuracy"] for record in records] == [pytest.approx(expected)] * 2


def test_validation_is_in_the_record_and_in_the_history() -> None:
    ours = training(validation=samples(9, seed=2), metrics=[Accuracy()], epochs=2)
    epochs = [event for event in ours if isinstance(event, Epoch)]
    assert {*epochs[0].record} == {"train_loss", "train_accuracy", "val_loss", "val_accuracy"}
    assert ours.progress.history == [epoch.record for epoch in epochs]


def test_frozen_layers_do_not_change() -> None:
    layers = [Dense(6, trainable=False), BatchNorm(trainable=False), Tanh(), Dense(CLASSES)]
    ours = training(layers, optimizer=Adam(lr=0.1, weight_decay=0.1))
    before = ours.model.flat.all_values.copy()
    buffers = {name: s.value.copy() for name, s in ours.model.named_buffers().items()}
    frozen = {name: p.value.copy() for name, p in ours.model.named_parameters().items()}
    steps(ours)
    assert not np.array_equal(ours.model.flat.all_values, before)
    for name, parameter in ours.model.named_parameters().items():
        same = np.array_equal(parameter.value, frozen[name])
        assert same == (not name.startswith("dense_2")), name
    for name, buffer in ours.model.named_buffers().items():
        assert np.array_equal(buffer.value, buffers[name]), name


def test_a_final_softmax_trains_as_logits_do() -> None:
    logits = training([Dense(6), ReLU(), Dense(CLASSES)])
    ending = training([Dense(6), ReLU(), Dense(CLASSES), Softmax()])
    assert [step.loss for step in steps(ending)] == [step.loss for step in steps(logits)]
    assert np.array_equal(ending.model.flat.all_values, logits.model.flat.all_values)
    p = ending.model.predict(samples().inputs)
    assert p.sum(axis=1) == pytest.approx(np.ones(N), rel=1e-5)


def test_squared_error_on_classes_is_against_one_hot_rows() -> None:
    ours = training([Dense(CLASSES), Softmax()], MSE(), batch_size="full", epochs=1)
    p = ours.model.forward(ours.batches.inputs, training=False).astype(np.float64)
    t = np.eye(CLASSES)[ours.batches.samples.targets]
    assert steps(ours)[0].loss == pytest.approx(np.mean((p - t) ** 2), rel=1e-5)


def test_clipping() -> None:
    grads = np.array([3.0, -4.0], dtype=np.float32)
    clip(grads, 1.0, None, Team())
    assert grads == pytest.approx([0.6, -0.8])
    clip(grads, None, 0.7, Team())
    assert grads == pytest.approx([0.6, -0.7])
    clip(grads, 10.0, None, Team())
    assert grads == pytest.approx([0.6, -0.7])
    assert grads.dtype == np.float32


def test_clipping_bounds_every_step() -> None:
    ours = training(optimizer=SGD(lr=1.0), clip_norm=0.01)
    before = ours.model.flat.all_values.copy()
    next(iter(ours))
    assert np.linalg.norm(ours.model.flat.all_values - before) <= 0.01 * 1.0001


def test_training_is_deterministic() -> None:
    layers = [Dense(6), BatchNorm(), ReLU(), Dropout(0.3), Dense(CLASSES)]
    first, second = (training(copy.deepcopy(layers), optimizer=Adam()) for _ in range(2))
    assert [step.loss for step in steps(first)] == [step.loss for step in steps(second)]
    assert np.array_equal(first.model.flat.all_values, second.model.flat.all_values)
    other = training(copy.deepcopy(layers), optimizer=Adam(), seed=1)
    assert [step.loss for step in steps(other)] != [step.loss for step in steps(first)]


def test_nothing_to_train_is_said() -> None:
    with pytest.raises(UsageError, match="nothing to train"):
        training([Dense(CLASSES, trainable=False)])


def test_divergence_names_step_and_learning_rate() -> None:
    ours = training([Dense(CLASSES)], MSE(), SGD(lr=1e6), epochs=100)
    with pytest.raises(DivergedError, match=r"at step \d+ \(epoch \d+, learning rate 1e\+06\)"):
        steps(ours)


def test_steps_do_not_allocate() -> None:
    layers = [Dense(64), BatchNorm(), ReLU(), Dropout(0.3), Dense(CLASSES)]
    ours = training(layers, optimizer=Adam(), batch_size=8, epochs=200, metrics=[Accuracy()])
    events = iter(ours)
    for _ in range(30):
        next(events)
    tracemalloc.start()
    try:
        for _ in range(20):
            next(events)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(200):
            next(events)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 60_000  # the history of fifty epochs, and nothing a step


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_trains(path: Path, data_folder: Path) -> None:
    limits = [f"data.limit={30 if path.stem != 'spirals' else 90}", "data.validation=0"]
    watch_training = ["train.checkpoint.monitor=train_loss"]
    config, document = load_config(path, limits + watch_training)
    built = build(config, Source(data_dir=data_folder, offline=True), document)
    events = iter(built.training)
    first = next(events)
    assert isinstance(first, Step)
    assert np.isfinite(first.loss)
    assert np.isfinite(built.network.model.flat.all_values).all()


@pytest.mark.parametrize("what", ["a weight", "a running average", "the optimizer's memory"])
def test_what_a_checkpoint_could_not_give_back_is_a_divergence(what: str) -> None:
    ours = training([BatchNorm(), Dense(CLASSES)], optimizer=Adam())
    next(iter(ours))
    ours.check_finite()
    array = {
        "a weight": ours.model.flat.all_values,
        "a running average": ours.model.named_buffers()["batch_norm_1.running_variance"].value,
        "the optimizer's memory": ours.optimizer.memory["gradient_square"],
    }[what]
    array[-1] = np.inf
    with pytest.raises(DivergedError, match=f"diverged: {what} is no longer finite at step 2"):
        ours.check_finite()


def test_who_watches_a_training_sees_every_step_and_epoch() -> None:
    events: list[Step | Epoch] = []
    x = np.random.default_rng(0).normal(size=(40, 2))
    data = data_from_arrays(x, (x[:, 0] > 0).astype(int), test=0, validation=0)
    loss, sgd, watch = CrossEntropy(), SGD(lr=0.1), events.append
    told = train([Dense(2)], data, loss=loss, optimizer=sgd, epochs=2, batch_size=10, watch=watch)
    assert [type(event) for event in events] == ([Step] * 4 + [Epoch]) * 2
    assert [event.step for event in events if isinstance(event, Step)] == [*range(1, 9)]
    assert [event.record for event in events if isinstance(event, Epoch)] == told.history
