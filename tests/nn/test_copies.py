"""Copies of networks and many users of one: threads, forks, spawned processes, pickles."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from nnfs_cli import (
    Adam,
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Model,
    ReLU,
    Residual,
    Softmax,
    load_run,
    train,
)
from nnfs_cli.nn import inference
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.training.network import Network

SHAPE = (6, 5, 2)
GENERATOR = np.random.default_rng(0)
X = GENERATOR.integers(0, 256, (240, *SHAPE)).astype(np.uint8)
Y = GENERATOR.integers(0, 3, 240)


def layers() -> list[Layer]:
    body: list[Layer] = [Conv2D(4, 3, padding="same", activation=ReLU()), BatchNorm()]
    first: list[Layer] = [Conv2D(4, 3, padding="same"), Residual(body), Dropout(0.3)]
    return [*first, Flatten(), Dense(3, activation=Softmax())]


def learn(model: Model, optimizer: Optimizer, steps: int = 5) -> bytes:
    loss = CrossEntropy(from_logits=False)
    for step in range(steps):
        x = (X[step * 8 : step * 8 + 8] / 255).astype(np.float32)
        outputs = model.forward(x, training=True)
        _, gradient = loss.value_and_grad(outputs, Y[step * 8 : step * 8 + 8])
        model.backward(gradient)
        optimizer.step()
    return model.flat.values.tobytes()


def by_pickle(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


COPIES = pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, by_pickle])


@COPIES
def test_a_copy_of_a_model_and_its_optimizer_goes_on_as_they_do(
    copied: Callable[[Any], Any],
) -> None:
    model, optimizer = Model(layers(), SHAPE, seed=3), Adam(lr=1e-2)
    optimizer.bind(model.flat)
    start = learn(model, optimizer)
    if copied is copy.copy:
        other = copy.copy(model)
        fresh = Adam(lr=1e-2)
        fresh.bind(other.flat)
        fresh.steps, fresh.memory = optimizer.steps, copy.deepcopy(optimizer.memory)
        fresh.update_only(slice(0, len(other.flat.values)))
    else:
        other, fresh = copied((model, optimizer))
    assert other.flat.values.tobytes() == start
    assert not np.shares_memory(other.flat.values, model.flat.values)
    assert fresh.parameters is other.flat
    later = learn(other, fresh)
    assert later != start
    assert model.flat.values.tobytes() == start
    assert learn(model, optimizer) == later
    buffers = zip(model.named_buffers().values(), other.named_buffers().values(), strict=True)
    assert all(np.array_equal(one.value, two.value) for one, two in buffers)


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle])
def test_a_copy_of_layers_is_not_built(copied: Callable[[Any], Any]) -> None:
    built = Model([Dense(3, activation=ReLU()), Sequential([Dense(2)])], (4,))
    first = copied(built.layers[0])
    assert isinstance(first, Dense)
    assert (first.units, type(first.activation)) == (3, ReLU)
    assert not first.parameters
    assert Model([first], (4,)).parameter_count == 15


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    home = tmp_path_factory.mktemp("home")
    np.savez(home / "data.npz", x_train=X, y_train=Y, x_test=X[:40], y_test=Y[:40])
    text = f"""
data: {{type: npz, path: {home / "data.npz"}}}
layers: [{{type: conv2d, filters: 4, kernel_size: 3, activation: relu}}, batch_norm, flatten,
  {{type: dense, units: 3}}]
loss: cross_entropy
optimizer: adam
train: {{epochs: 1}}
"""
    (home / "net.yaml").write_text(text)
    command = [sys.executable, "-m", "nnfs_cli", "train", "net.yaml", "-q", "--run-dir", "run"]
    subprocess.run(command, cwd=home, check=True)
    return load_run(home / "run")


def trained() -> Network:
    return train(Sequential(layers()), (X, Y), loss="cross_entropy", optimizer="adam", epochs=1)


@COPIES
def test_a_copy_of_what_was_trained_or_loaded_predicts_the_same(
    copied: Callable[[Any], Any], run: LoadedRun
) -> None:
    for original in (run, trained()):
        expected = original.predict(X)
        assert copied(original).predict(X).tobytes() == expected.tobytes()


def test_one_network_answers_many_threads_as_it_answers_one(
    run: LoadedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "fitting_threads", lambda model, count: 2)
    monkeypatch.setattr(run.network.model, "inference_batch", 8)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for network in (run.network, trained()):
            requests = [X[i : i + 1 + i % 30] for i in range(200)]
            expected = [network.predict(request).tobytes() for request in requests]
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(network.predict, requests))
            assert [answer.tobytes() for answer in found] == expected
    finally:
        sys.setswitchinterval(interval)


def test_predicting_between_a_forward_and_its_backward_changes_nothing() -> None:
    def gradient(disturbed: bool) -> bytes:
        model = Model(layers(), SHAPE, seed=1)
        model.forward((X[:8] / 255).astype(np.float32), training=True)
        if disturbed:
            model.predict(X[8:100])
        model.backward(np.ones((8, 3), np.float32))
        return model.flat.grads.tobytes()

    assert gradient(True) == gradient(False)


def predicted(network: LoadedRun | Network) -> bytes:
    return network.predict(X).tobytes()


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_forked_processes_have_models_of_their_own() -> None:
    model, optimizer = Model(layers(), SHAPE), Adam(lr=1e-2)
    optimizer.bind(model.flat)
    before = model.flat.values.tobytes()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        jobs = [pool.apply_async(_learnt_by_a_child, (seed,)) for seed in (0, 1, 0)]
        found = [job.get(60) for job in jobs]
    assert found[0] == found[2] != found[1]
    assert model.flat.values.tobytes() == before


SHARED = Model([Flatten(), Dense(3, activation=Softmax())], SHAPE)


def _learnt_by_a_child(seed: int) -> bytes:
    SHARED.initialize(seed)
    optimizer = Adam(lr=1e-2)
    optimizer.bind(SHARED.flat)
    return learn(SHARED, optimizer)


def test_a_spawned_process_can_be_sent_a_network(run: LoadedRun) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert [*pool.map(predicted, [run, run.network], timeout=60)] == [predicted(run)] * 2


def test_joblib_can_be_sent_a_network(run: LoadedRun) -> None:
    joblib = pytest.importorskip("joblib")
    calls = [joblib.delayed(predicted)(run) for _ in range(2)]
    assert joblib.Parallel(n_jobs=2)(calls) == [predicted(run)] * 2
