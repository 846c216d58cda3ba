"""Defaults beside PyTorch's: where they differ, the word's page has both numbers."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.fields import fields_of
from nnfs_cli.components.registry import registry
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model

SAME = {"lr": "lr", "epsilon": "eps", "rho": "alpha", "momentum_decay": "momentum_decay"}
WORDS = {
    ("optimizer", "sgd"): ("optim.SGD", {"momentum": "momentum", "nesterov": "nesterov"}),
    ("optimizer", "rmsprop"): ("optim.RMSprop", {}),
    ("optimizer", "adam"): ("optim.Adam", {"weight_decay": "weight_decay"}),
    ("optimizer", "adamw"): ("optim.AdamW", {"weight_decay": "weight_decay"}),
    ("optimizer", "nadam"): ("optim.NAdam", {}),
    ("optimizer", "adagrad"): ("optim.Adagrad", {}),
    ("optimizer", "adadelta"): ("optim.Adadelta", {"rho": "rho"}),
    ("schedule", "plateau"): (
        "optim.lr_scheduler.ReduceLROnPlateau",
        {"gamma": "factor", "patience": "patience", "cooldown": "cooldown"},
    ),
    ("schedule", "step"): ("optim.lr_scheduler.StepLR", {"gamma": "gamma"}),
    ("layer", "leaky_relu"): ("nn.LeakyReLU", {"negative_slope": "negative_slope"}),
    ("layer", "elu"): ("nn.ELU", {"alpha": "alpha"}),
    ("loss", "huber"): ("nn.HuberLoss", {"delta": "delta"}),
    ("loss", "cross_entropy"): ("nn.CrossEntropyLoss", {"label_smoothing": "label_smoothing"}),
    ("loss", "hinge"): ("nn.MultiMarginLoss", {"margin": "margin"}),
    ("layer", "batch_norm"): ("nn.BatchNorm1d", {"epsilon": "eps"}),
    ("layer", "layer_norm"): ("nn.LayerNorm", {"epsilon": "eps"}),
}


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_both_numbers_where_they_differ(family: str, word: str) -> None:
    torch: Any = pytest.importorskip("torch", reason="compares with PyTorch where it is installed")
    path, names = WORDS[family, word]
    theirs = torch
    for part in path.split("."):
        theirs = getattr(theirs, part)
    parameters = inspect.signature(theirs).parameters
    compared = 0
    for key, field in fields_of(registry()[family][word]).items():
        their = parameters.get(names.get(key, SAME.get(key, "")))
        if their is None or their.default is inspect.Parameter.empty:
            continue
        compared += 1
        if float(field.default) != float(their.default):
            assert "PyTorch" in (field.description or ""), key
            assert f"{their.default:g}" in (field.description or ""), key
    assert compared


def test_the_numbers_of_initial_weights_and_biases() -> None:
    torch: Any = pytest.importorskip("torch", reason="compares with PyTorch where it is installed")
    told = fields_of(Dense)["initializer"].description or ""
    model = Model([Dense(2000, activation="relu")], (100,), 0)
    weight = model.flat.values[: 100 * 2000]
    torch.manual_seed(0)
    theirs = torch.nn.Linear(100, 2000)
    assert math.isclose(float(np.std(weight)), 0.141, rel_tol=0.01)
    assert math.isclose(float(theirs.weight.detach().std()), 0.0577, rel_tol=0.01)
    assert "0.141" in told
    assert "0.0577" in told
    assert math.isclose(float(theirs.bias.detach().abs().max()), 0.1, rel_tol=0.01)
    assert "from -0.1 to 0.1" in (fields_of(Dense)["bias_initializer"].description or "")
