"""A traced step is the step that the training takes, whatever its config has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.components.component import Component, layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.team import Team
from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.inspection.trace import Tracer, formula, paragraphs
from nnfs_cli.inspection.trace_text import step_lines
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.training.loop import Step

STEPS = 5
CONFIGS = {
    "softmax fused, dropout, momentum, clipping": """
data: {type: moons, samples: 60, test_samples: 20, validation: 0.2}
layers:
  - {type: dense, units: 8, activation: tanh}
  - {type: dropout, rate: 0.3}
  - {type: dense, units: 2}
  - softmax
loss: {type: cross_entropy, label_smoothing: 0.1, class_weights: {1: 3.0}}
optimizer: {type: sgd, lr: 0.5, momentum: 0.9, nesterov: true, weight_decay: 0.01}
train: {epochs: 3, batch_size: 16, clip_norm: 0.05}
""",
    "logits, batch norm, pooled first, augmented": """
data: {type: digits, limit: 60, validation: 10, augment: [{type: shift, pixels: 2}]}
layers:
  - {type: conv2d, filters: 3, kernel_size: 3, activation: relu}
  - max_pool2d
  - batch_norm
  - flatten
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: {type: adamw, lr: 0.01}
schedule: {type: cosine, warmup: 0.3}
train: {epochs: 2, batch_size: 20}
""",
    "values, frozen layer, residual, clipped values": """
data: {type: sine, samples: 50, test_samples: 10, validation: 0}
layers:
  - {type: dense, units: 6, activation: silu, trainable: false}
  - {type: residual, layers: [{type: dense, units: 6, activation: relu}]}
  - {type: dense, units: 1}
loss: huber
optimizer: {type: rmsprop, lr: 0.01}
train: {epochs: 4, batch_size: full, clip_value: 0.01}
""",
    "two classes, one sigmoid": """
data: {type: circles, samples: 40, test_samples: 20, validation: 0}
layers: [{type: dense, units: 5, activation: gelu}, {type: dense, units: 1}, sigmoid]
loss: binary_cross_entropy
optimizer: {type: lion, lr: 0.01}
train: {epochs: 3, batch_size: 7}
""",
}


def built_from(text: str, folder: Path) -> Built:
    path = folder / "c.yaml"
    path.write_text("train: {workers: 1}\n" * ("train" not in text) + text)
    config, document = load_config(path, ["train.workers=1"])
    return build(config, Source(), document)


@pytest.fixture(params=CONFIGS)
def built(request: pytest.FixtureRequest, tmp_path: Path) -> Built:
    return built_from(CONFIGS[request.param], tmp_path)


def test_the_steps_of_a_training(built: Built) -> None:
    tracer = Tracer(built)
    steps = (event for event in built.training if isinstance(event, Step))
    for traced in tracer.steps(STEPS if len(built.training.batches) > 1 else 2, None, None):
        step = next(steps)
        assert (traced.step, traced.epoch, traced.batch) == (step.step, step.epoch, step.batch)
        assert traced.loss.value == pytest.approx(step.loss, rel=2e-4)
        assert traced.lr == pytest.approx(step.lr)
        assert len(traced.samples) == step.samples
        for parameter in traced.parameters:
            assert parameter.new is not None
            value = built.network.model.flat.by_path[parameter.path].value
            np.testing.assert_allclose(
                value, parameter.new, rtol=2e-3, atol=2e-5, err_msg=parameter.path
            )


def test_a_step_later_in_a_training(built: Built) -> None:
    """After some steps, with the optimizer's memory, its count of steps and the history."""
    for event in built.training:
        if isinstance(event, Step) and event.step == 2:
            break
    (traced,) = Tracer(built).steps(1, None, None)
    step = next(event for event in built.training if isinstance(event, Step))
    assert traced.step == step.step == 3
    assert traced.loss.value == pytest.approx(step.loss, rel=2e-4)


def test_the_training_is_left_as_it_is(built: Built) -> None:
    before = built.network.model.flat.all_values.copy()
    list(Tracer(built).steps(2, None, None))
    assert np.array_equal(built.network.model.flat.all_values, before)
    assert built.training.progress.step == built.network.optimizer.steps == 0
    assert not any(slot.any() for slot in built.network.optimizer.memory.values())


def test_gradients_are_slopes_of_the_loss(tmp_path: Path) -> None:
    """Central differences of the traced loss, by the weights themselves."""
    built = built_from(CONFIGS["two classes, one sigmoid"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, None)
    for parameter in traced.parameters:
        assert parameter.gradient is not None
        value = built.network.model.flat.by_path[parameter.path].value.reshape(-1)
        for index in range(value.size):
            kept, losses = value[index], []
            for shift in (-1e-2, 1e-2):
                value[index] = kept + shift
                moved = float(value[index])
                (there,) = Tracer(built).steps(1, None, None)
                losses.append((moved, there.loss.value))
            value[index] = kept
            (a, low), (b, high) = losses
            slope = (high - low) / (b - a)
            assert parameter.gradient.reshape(-1)[index] == pytest.approx(slope, abs=2e-4)


def test_one_sample_and_a_batch_of_choice(tmp_path: Path) -> None:
    built = built_from(CONFIGS["two classes, one sigmoid"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, 11)
    assert traced.samples == [11]
    inputs = built.data.train.inputs.astype(np.float64)
    x = (inputs[11:12] - inputs.mean(axis=0)) / inputs.std(axis=0)
    np.testing.assert_allclose(traced.layers[0].x, x, rtol=1e-5)
    every = [step.samples for step in Tracer(built).steps(6, None, None)]
    assert sorted(number for some in every for number in some) == list(range(40))
    (third,) = Tracer(built).steps(1, 3, None)
    assert third.samples == every[2]


@pytest.mark.parametrize(
    ("batch", "sample", "error", "words"),
    [
        (0, None, DataError, "there is no batch 0"),
        (7, None, DataError, "batches 1 to 6"),
        (None, -1, DataError, "no training sample -1"),
        (None, 40, DataError, "0 to 39"),
        (1, 1, UsageError, "exclude each other"),
    ],
)
def test_what_is_not_there(
    tmp_path: Path, batch: int | None, sample: int | None, error: type[Exception], words: str
) -> None:
    built = built_from(CONFIGS["two classes, one sigmoid"], tmp_path)
    with pytest.raises(error) as raised:
        list(Tracer(built).steps(1, batch, sample))
    assert words in f"{raised.value.message} {raised.value.hint}"  # type: ignore[attr-defined]


def test_notes_say_what_a_training_does_otherwise(tmp_path: Path) -> None:
    built = built_from(CONFIGS["logits, batch norm, pooled first, augmented"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, None)
    notes = {layer.path: " ".join(layer.notes) for layer in traced.layers}
    assert "pools before it activates" in notes["max_pool2d_1"]
    assert "leaves dL/dx out" in notes["conv2d_1"]
    assert "leaves" not in notes["dense_1"]
    built = built_from(CONFIGS["two classes, one sigmoid"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, None)
    assert "the loss at once" in " ".join(traced.layers[-1].notes)


def test_one_sample_of_a_training_by_full_batches(tmp_path: Path) -> None:
    built = built_from(CONFIGS["values, frozen layer, residual, clipped values"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, 7)
    samples = built.training.batches.samples
    np.testing.assert_allclose(traced.loss.targets, samples.targets[7:8], rtol=1e-6)
    assert traced.samples == [7]


def test_it_says_where_a_training_writes_over_the_inputs(tmp_path: Path) -> None:
    """As the memory of the network itself says; a layer may return an array of its own."""

    @layer("doubled")
    class Doubled(Activation):
        """y = 2 x."""

        def forward(self, x: Array, training: bool) -> Array:
            return np.multiply(x, 2.0, out=self.scratch("mine", x.shape))

        def backward(self, dy: Array) -> Array:
            return np.multiply(dy, 2.0, out=dy)

    more = "layers:\n  - {type: dense, units: 8}\n  - doubled\n  - relu\n  - doubled"
    name = "softmax fused, dropout, momentum, clipping"
    built = built_from(CONFIGS[name].replace("layers:", more), tmp_path)
    (traced,) = Tracer(built).steps(1, None, None)
    said = [any("writes y over x" in note for note in each.notes) for each in traced.layers]
    model, shared = built.network.model, []
    model.join(Team(), 0)
    x = built.training.batches.inputs[:16].astype(np.float32)
    for step in model.steps:
        y = step.forward(x, True)
        shared.append(step.inplace and np.shares_memory(x, y))
        x = y
    assert said == [*shared, False]  # the softmax is the loss's
    assert model.steps[1].inplace
    assert not shared[1]
    assert any(shared)


def test_a_probability_too_small_for_the_plain_formula(tmp_path: Path) -> None:
    """p below 1e-7 of the true class: dL/dlogits is p - t all the same."""
    built = built_from(CONFIGS["softmax fused, dropout, momentum, clipping"], tmp_path)
    built.network.model.flat.by_path["dense_2.weight"].value *= 200.0
    (traced,) = Tracer(built).steps(1, None, None)
    assert traced.loss.predictions.min() < 1e-7
    logits = traced.layers[-1].x
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p, y = e / e.sum(axis=1, keepdims=True), traced.loss.targets
    w = np.where(y == 1, 3.0, 1.0)
    expected = w[:, np.newaxis] * (p - 0.9 * np.eye(2)[y] - 0.05) / w.sum()
    np.testing.assert_allclose(traced.layers[-1].dx, expected, rtol=1e-9, atol=1e-12)


def test_a_layer_of_ones_own_without_docstrings(tmp_path: Path) -> None:
    """It has no formula; the contract's sentences are none."""

    class Bare(Layer):
        def forward(self, x, training):  # type: ignore[no-untyped-def]
            return x

    assert formula(Bare.forward) == ""
    assert formula(Dense.forward) == "y = x W + b"


@pytest.mark.parametrize("component", [Adam(), CrossEntropy()])
def test_the_formulas_are_the_first_paragraphs_of_a_page(component: Component) -> None:
    lines = [line.strip() for line in (type(component).__doc__ or "").splitlines()]
    whole = "\n".join(lines).strip().replace("``", "`").split("\n\n")
    assert len(whole) > 2
    for count in range(1, len(whole)):
        assert paragraphs(component, count).split() == " ".join(whole[:count]).split()


def test_frozen_parameters_are_said_and_have_no_gradient(tmp_path: Path) -> None:
    built = built_from(CONFIGS["values, frozen layer, residual, clipped values"], tmp_path)
    (traced,) = Tracer(built).steps(1, None, None)
    lines = [*step_lines(traced, lambda batch: [])]
    assert lines.count("  W is frozen") == lines.count("  b is frozen") == 1
    learning = sum(parameter.gradient is not None for parameter in traced.parameters)
    assert learning == 4
    assert sum("dL/dW" in line for line in lines if "frozen" not in line) >= 2
