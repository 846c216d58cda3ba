"""Inference on several threads: the bytes of one thread, whatever happens on them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from nnfs_cli import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Model,
    ReLU,
    Residual,
    Softmax,
)
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn import inference
from nnfs_cli.nn.inference import fitting_threads, infer

N, SHAPE = 61, (6, 5, 2)


def network() -> Model:
    body: list[Layer] = [Conv2D(4, 3, padding="same"), BatchNorm()]
    layers = [Conv2D(4, 3, padding="same"), Residual(body), ReLU(), Dropout(0.5), Flatten()]
    model = Model([*layers, Dense(3, activation=Softmax())], SHAPE)
    model.inference_batch = 4
    return model


def inputs() -> Array:
    return np.random.default_rng(0).integers(0, 256, (N, *SHAPE)).astype(np.uint8)


def scale(batch: Array, memory: Array) -> Array:
    return np.divide(batch, 255, out=memory, dtype=np.float32)


@pytest.mark.parametrize("threads", [1, 2, 3, 20])
@pytest.mark.parametrize("split", [False, True])
def test_threads_make_no_difference(threads: int, split: bool) -> None:
    model, x = network(), inputs()
    if split:
        model.split_head()
    expected = []
    for start in range(0, N, 4):
        batch = (x[start : start + 4] / np.float32(255)).astype(np.float32)
        expected += model.forward(batch, training=False).tolist()
    seen: list[tuple[int, int]] = []
    found = infer(model, x, scale, threads, lambda *counts: seen.append(counts))
    assert found.tolist() == expected
    assert seen == sorted(seen)
    assert seen[-1] == (N, N)


def test_the_threads_networks_learn_and_load_with_the_first() -> None:
    model, x = network(), inputs()
    before = infer(model, x, scale, 3)
    model.flat.all_values += np.float32(0.1)
    for buffer in model.named_buffers().values():
        buffer.value[...] += 0.5
    after = infer(model, x, scale, 3)
    assert not np.array_equal(after, before)
    assert np.array_equal(after, infer(model, x, scale, 1))


def test_a_failure_on_any_thread_is_raised_and_ends_the_others() -> None:
    model, batches = network(), []

    def fail(batch: Array, memory: Array) -> Array:
        batches.append(batch)
        raise ValueError("no such luck")

    with pytest.raises(ValueError, match="no such luck"):
        infer(model, inputs(), fail, 2)
    assert len(batches) <= 2


def test_what_the_caller_ignores_is_ignored_on_every_thread() -> None:
    def multiply(batch: Array, memory: Array) -> Array:
        return np.multiply(np.full_like(memory, 3e38), np.float32(10), out=memory)

    model = Model([Flatten(), Dense(2)], SHAPE)
    model.inference_batch = 4
    with np.errstate(all="ignore"):
        assert not np.isfinite(infer(model, inputs(), multiply, 2)).any()


def test_threads_are_for_work_that_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "processors", lambda: 8)
    model = Model([Dense(100)], (100,))
    assert fitting_threads(model, model.inference_batch) == 1
    enough = inference.WORTH_A_THREAD // (2 * 100 * 100)
    assert fitting_threads(model, enough - 1) == 1
    assert fitting_threads(model, enough + 1) == 2
    monkeypatch.setattr(inference, "processors", lambda: 1)
    assert fitting_threads(model, enough + 1) == 1


def test_wide_networks_get_smaller_batches() -> None:
    assert Model([Dense(10)], (784,)).inference_batch == 512
    assert Model([Conv2D(32, 3, padding="same")], (28, 28, 1)).inference_batch == 16
    assert Model([Dense(10)], (10**6,)).inference_batch == 1


def test_where_no_thread_can_be_started_the_caller_does_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = infer(network(), inputs(), scale, 1)

    def refuse(helper: inference.Helper) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(inference.Helper, "start", refuse)
    assert np.array_equal(infer(network(), inputs(), scale, 3), expected)


def test_a_failure_on_another_thread_alone_is_raised() -> None:
    failed = threading.Event()

    def fail_elsewhere(batch: Array, memory: Array) -> Array:
        if threading.current_thread() is threading.main_thread():
            failed.wait(20)
        else:
            failed.set()
            raise ValueError("no such luck")
        return scale(batch, memory)

    with pytest.raises(ValueError, match="no such luck"):
        infer(network(), inputs(), fail_elsewhere, 2)


def test_replicas_wait_for_the_next_call() -> None:
    model = network()
    infer(model, inputs(), scale, 2)
    kept = {*map(id, model.idle)}
    infer(model, inputs(), scale, 2)
    assert {*map(id, model.idle)} == kept
    assert len(kept) == 2


def test_a_replica_that_an_interrupt_left_running_is_not_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on, left = threading.Event(), []

    def slow_elsewhere(batch: Array, memory: Array) -> Array:
        if threading.current_thread() is not threading.main_thread():
            go_on.wait(20)
        return scale(batch, memory)

    def interrupted(helper: inference.Helper) -> None:
        left.append(helper)
        raise KeyboardInterrupt

    model = network()
    with monkeypatch.context() as patched:
        patched.setattr(inference.Helper, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            infer(model, inputs(), slow_elsewhere, 2)
    (helper,) = left
    assert helper.is_alive()
    assert not any(replica is helper.replica for replica in model.idle)
    go_on.set()
    helper.join()
