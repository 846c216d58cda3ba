"""A pass without learning: the same figures however the samples are cut into batches."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from nnfs_cli import F1, Accuracy, BatchNorm, CrossEntropy, Dense, Dropout, Model, ReLU
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.nn import model as model_file
from nnfs_cli.training.evaluate import evaluate

N, FEATURES, CLASSES = 21, 4, 3


def pieces(size: int, samples: int = N, **options: object) -> tuple[Model, CrossEntropy, Batches]:
    generator = np.random.default_rng(1)
    inputs = generator.integers(0, 256, (samples, FEATURES)).astype(np.uint8)
    data = Samples(inputs, generator.integers(0, CLASSES, samples))
    scale, shift = np.full((), 1 / 255, np.float32), np.zeros((), np.float32)
    preprocessing = Preprocessing((FEATURES,), scale, shift, labels=tuple("abc"))
    model = Model([Dense(5), BatchNorm(), ReLU(), Dropout(0.5), Dense(CLASSES)], (FEATURES,))
    model.inference_batch = size
    loss = CrossEntropy(**options)  # type: ignore[arg-type]
    return model, loss, Batches(data, preprocessing, data.targets, size)


@pytest.mark.parametrize("options", [{}, {"class_weights": [0.1, 1.0, 7.0]}])
def test_batches_make_no_difference(options: dict[str, object]) -> None:
    found = [evaluate(*_with_accuracy(size, options), keep=True) for size in (1, 4, N)]
    for other in found[1:]:
        assert other.loss == pytest.approx(found[0].loss, rel=1e-5)
        assert other.metrics == found[0].metrics
        np.testing.assert_allclose(other.predictions, found[0].predictions, rtol=1e-5)


def _with_accuracy(
    size: int, options: dict[str, object]
) -> tuple[Model, CrossEntropy, list[Accuracy], Batches]:
    model, loss, batches = pieces(size, **options)
    return model, loss, [Accuracy()], batches


def test_predictions_are_probabilities_in_the_order_of_the_samples() -> None:
    model, loss, batches = pieces(4)
    result = evaluate(model, loss, [], batches, keep=True)
    assert result.predictions.sum(axis=1) == pytest.approx(np.ones(N), rel=1e-5)
    whole = batches.preprocessing.apply(batches.samples.inputs, np.empty((N, FEATURES), np.float32))
    logits = model.forward(whole, training=False)
    assert np.array_equal(result.predictions.argmax(axis=1), logits.argmax(axis=1))


def test_evaluating_changes_nothing() -> None:
    model, loss, batches = pieces(4)
    before = model.flat.all_values.copy(), batches.samples.inputs.copy()
    buffers = [buffer.value.copy() for buffer in model.named_buffers().values()]
    first = evaluate(model, loss, [Accuracy()], batches)
    second = evaluate(model, loss, [Accuracy()], batches)
    assert first.figures() == second.figures()
    assert np.array_equal(model.flat.all_values, before[0])
    assert np.array_equal(batches.samples.inputs, before[1])
    after = [buffer.value for buffer in model.named_buffers().values()]
    assert all(map(np.array_equal, after, buffers))


def test_progress_counts_the_samples() -> None:
    seen: list[tuple[int, int]] = []
    model, loss, batches = pieces(8)
    evaluate(model, loss, [], batches, progress=lambda *counts: seen.append(counts))
    assert seen == [(8, N), (16, N), (N, N)]


def test_outputs_that_are_not_kept_are_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figures and the same progress, whatever number of samples is held at once."""
    model, loss, batches = pieces(4)
    metrics = [Accuracy(), F1()]
    kept = evaluate(model, loss, metrics, batches, keep=True)
    for most in (1, 4 * CLASSES, 2 * 4 * CLASSES, N * CLASSES):
        monkeypatch.setattr(model_file, "AT_ONCE", most)
        seen: list[tuple[int, int]] = []
        found = evaluate(model, loss, metrics, batches, progress=lambda *c, to=seen: to.append(c))
        assert found.figures() == kept.figures()
        assert found.predictions.shape == (0, CLASSES)
        assert seen == [(done, N) for done in (4, 8, 12, 16, 20, N)]


def test_memory_does_not_grow_with_the_outputs_of_all_samples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, loss, batches = pieces(100, samples=40_000)
    monkeypatch.setattr(model_file, "AT_ONCE", 1_000)
    tracemalloc.start()
    evaluate(model, loss, [], batches, threads=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000 * CLASSES * 4 / 2


def test_record_names_the_split() -> None:
    model, loss, batches = pieces(8)
    result = evaluate(model, loss, [Accuracy()], batches)
    assert {*result.record("val")} == {"val_loss", "val_accuracy"}
