"""Every component gives the numbers that PyTorch and scikit-learn give (see make.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.parameter import FlatParameters, Parameter
from nnfs_cli.nn.schedule import Schedule

Case = dict[str, Any]


def load() -> dict[str, dict[str, Case]]:
    cases: dict[str, dict[str, Case]] = {}
    with np.load(Path(__file__).with_name("torch.npz")) as stored:
        for path in stored.files:
            kind, case, name = path.split("/")
            cases.setdefault(kind, {}).setdefault(case, {})[name] = stored[path]
    for case in (case for kind in cases.values() for case in kind.values()):
        case["description"] = json.loads(str(case["description"]))
    return cases


GOLDEN = load()


def golden(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", GOLDEN[kind].values(), ids=list(GOLDEN[kind]))


@golden("layer")
def test_layers_agree(case: Case) -> None:
    layer = Layer.read(case["description"])
    layer.prepare(np.float64)
    layer.build(case["x"].shape[1:])
    FlatParameters(layer.parameters, np.float64)
    for name, parameter in layer.parameters.items():
        parameter.value[...] = case[f"value_{name}"]
    for name, buffer in layer.buffers.items():
        buffer.value[...] = case[f"before_{name}"]
    y = layer.forward(case["x"].copy(), bool(case.get("training", True)))
    np.testing.assert_allclose(y, case["y"], rtol=1e-10, atol=1e-12)
    dx = layer.backward(case["u"].copy())
    # PyTorch's hard sigmoid takes 1 / 6 in float32, its Nadam below the product of momenta.
    np.testing.assert_allclose(dx, case["dx"], rtol=1e-7, atol=1e-10)
    for name, parameter in layer.parameters.items():
        np.testing.assert_allclose(parameter.grad, case[f"grad_{name}"], rtol=1e-8, atol=1e-10)
    for name, buffer in layer.buffers.items():
        np.testing.assert_allclose(buffer.value, case[f"after_{name}"], rtol=1e-10)


@golden("loss")
def test_losses_agree(case: Case) -> None:
    loss = Loss.read(case["description"])
    value, gradient = loss.value_and_grad(case["outputs"], case["targets"])
    assert value == pytest.approx(float(case["value"]), rel=1e-7)
    np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-7, atol=1e-10)


@golden("loss")
def test_losses_agree_in_float32(case: Case) -> None:
    loss, outputs = Loss.read(case["description"]), case["outputs"].astype(np.float32)
    value, gradient = loss.value_and_grad(outputs, case["targets"])
    assert gradient.dtype == np.float32
    assert value == pytest.approx(float(case["value"]), rel=1e-5)
    np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-4, atol=1e-6)


@golden("optimizer")
def test_optimizers_agree_after_fifty_steps(case: Case) -> None:
    parameters = {
        name: Parameter(name, case[name].shape, lambda generator: np.zeros(0), name == "weight")
        for name in ("weight", "bias")
    }
    flat = FlatParameters(parameters, np.float64)
    for name, parameter in parameters.items():
        parameter.value[...] = case[name]
    optimizer = Optimizer.read(case["description"])
    optimizer.bind(flat)
    for step in range(len(case["noise_bias"])):
        for name, parameter in parameters.items():
            parameter.grad[...] = parameter.value + case[f"noise_{name}"][step]
        optimizer.step()
    for name, parameter in parameters.items():
        np.testing.assert_allclose(parameter.value, case[f"final_{name}"], rtol=1e-7, atol=1e-10)


@golden("schedule")
def test_schedules_agree(case: Case) -> None:
    schedule = Schedule.read(case["description"])
    losses, total = case["losses"].tolist(), len(case["factors"])
    records = [{"train_loss": loss} for loss in losses]
    factors = [schedule(epoch, total, records[:epoch]) for epoch in range(total)]
    np.testing.assert_allclose(factors, case["factors"], rtol=1e-9, atol=1e-12)


@golden("metric")
def test_metrics_agree_batch_by_batch(case: Case) -> None:
    metric = Metric.read(case["description"])
    metric.reset(int(case["classes"]))
    for batch in (slice(0, 7), slice(7, 8), slice(8, None)):
        metric.update(case["predictions"][batch], case["targets"][batch])
    assert metric.result() == pytest.approx(float(case["value"]), rel=1e-9)
