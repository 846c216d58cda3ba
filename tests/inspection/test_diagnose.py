"""Diagnosis: each finding has a config that provokes it, and its remedy silences it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection import trials
from nnfs_cli.inspection.diagnose import CODES, diagnose_config
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.runs.start import Request, prepare

RECIPES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
BASE = """\
data: {type: moons, samples: 200, test_samples: 50, validation: 0.2}
layers:
  - {type: dense, units: 16, activation: relu}
  - {type: dense, units: 16, activation: relu}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
train: {epochs: 30, batch_size: 16}
"""
DEEP = "{type: dense, units: 8, activation: sigmoid}"
LARGE = "{type: dense, units: 32, activation: relu, initializer: {type: normal, std: 1}}"
TABLE = "data={type: csv, path: table.csv, target: kind, validation: 0, normalize: none, test: 0.2}"
PROVOKED: dict[str, Sequence[str]] = {
    "initial-loss": ["layers.2.initializer={type: normal, std: 9}"],
    "cannot-overfit": ["data={type: xor, samples: 64}", "layers=[{type: dense, units: 2}]"],
    "dead-units": ["layers.1.bias_initializer={type: constant, value: -50}"],
    "saturated-units": [
        "layers.0.activation=tanh",
        "layers.0.initializer={type: normal, std: 30}",
    ],
    "symmetric-units": [
        "layers.0.initializer={type: constant, value: 0.1}",
        "layers.1.initializer={type: constant, value: 0.1}",
    ],
    "vanishing-gradients": [f"layers=[{', '.join([DEEP] * 8)}, {{type: dense, units: 2}}]"],
    "exploding-gradients": [f"layers=[{', '.join([LARGE] * 4)}, {{type: dense, units: 2}}]"],
    "lr-too-high": ["optimizer.lr=3", "train.epochs=10"],
    "lr-too-low": ["optimizer.lr=1e-6"],
    "overfitting": [
        "data={type: moons, samples: 60, noise: 0.5, validation: 0.4}",
        "layers.0.units=64",
        "layers.1.units=64",
        "train.epochs=200",
    ],
    "underfitting": [
        "data={type: spirals, samples: 300}",
        "layers=[{type: dense, units: 2}]",
        "optimizer.lr=0.02",
        "train.epochs=60",
    ],
    "class-imbalance": [TABLE],
    "leaked-samples": [TABLE.replace("test: 0.2", "test: table.csv")],
    "unscaled-inputs": [TABLE],
    "double-softmax": [
        "layers=[{type: dense, units: 16, activation: relu}, "
        "{type: dense, units: 2, activation: softmax}, softmax]"
    ],
    "still-improving": ["optimizer={type: sgd, lr: 0.02}", "train.epochs=5"],
    "constant-feature": [TABLE],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of two kinds, twelve to one, with a large feature and one that never changes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trials, "RATE_STEPS", 300)
    monkeypatch.setattr(trials, "BATCH_STEPS", 200)
    (tmp_path / "base.yaml").write_text(BASE)
    draws = np.random.default_rng(0)
    rows = [(draws.normal(), 5000 * draws.random(), 7, "ab"[i % 13 == 0]) for i in range(260)]
    lines = [f"{x:.9f},{size:.6f},{same},{kind}\n" for x, size, same, kind in rows]
    (tmp_path / "table.csv").write_text("x,size,same,kind\n" + "".join(lines))


def built(config: Path, *overrides: str) -> Built:
    return prepare(Request(config, overrides))[0]


def found(*overrides: str) -> dict[str, Finding]:
    diagnosis = diagnose_config(built(Path("base.yaml"), *overrides))
    return {finding.code: finding for finding in diagnosis.findings}


def test_every_code_is_provoked() -> None:
    assert PROVOKED.keys() == CODES.keys()


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert not found()


@pytest.mark.parametrize("code", PROVOKED)
def test_what_provokes_a_finding_and_what_silences_it(code: str) -> None:
    findings = found(*PROVOKED[code])
    assert code in findings, [*findings]
    finding = findings[code]
    assert finding.remedy, "no remedy"
    assert all(str(value) for value in finding.evidence.values())
    changed = {remedy.partition("=")[0] for remedy in finding.remedy}
    kept = [o for o in PROVOKED[code] if o.partition("=")[0] not in changed]
    assert code not in found(*kept, *finding.remedy), finding
