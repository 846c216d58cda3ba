"""Diagnosis: each finding has a config that provokes it, and its remedy silences it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection import trials
from nnfs_cli.inspection.chance import chance_of
from nnfs_cli.inspection.diagnose import CODES, diagnose_config, diagnose_run, worst_finding
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.nn.loss import Loss
from nnfs_cli.runs.events import Finished
from nnfs_cli.runs.reopen import reopen
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, prepare, start
from tests.cli.faults.effort import EFFORT

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
SHORT = "train.epochs=2"
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
    "class-imbalance": [TABLE, SHORT],
    "leaked-samples": [TABLE.replace("test: 0.2", "test: table.csv"), SHORT],
    "unscaled-inputs": [TABLE, SHORT],
    "double-softmax": [
        "layers=[{type: dense, units: 16, activation: relu}, "
        "{type: dense, units: 2, activation: softmax}, softmax]"
    ],
    "still-improving": ["optimizer={type: sgd, lr: 0.02}", "train.epochs=5"],
    "constant-feature": [TABLE, SHORT],
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


QUICK = {"double-softmax", "unscaled-inputs", "overfitting", "lr-too-high"}


@pytest.mark.parametrize(
    "code", [pytest.param(c, marks=() if c in QUICK else pytest.mark.slow) for c in PROVOKED]
)
def test_what_provokes_a_finding_and_what_silences_it(code: str) -> None:
    findings = found(*PROVOKED[code])
    assert code in findings, [*findings]
    finding = findings[code]
    assert finding.remedy, "no remedy"
    assert all(str(value) for value in finding.evidence.values())
    changed = {remedy.partition("=")[0] for remedy in finding.remedy}
    kept = [o for o in PROVOKED[code] if o.partition("=")[0] not in changed]
    assert code not in found(*kept, *finding.remedy), finding


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipes_are_silent(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the data that is at hand: of MNIST what NNFS_DATA has, or the bundled digits."""
    source = Source.from_environment(None, lambda *_: None)
    if recipe.stem in ("cifar10_cnn", "fashion_cnn"):  # noise teaches nothing about a recipe
        pytest.skip("there is no copy of its data")
    if recipe.stem in ("mnist_fast", "mnist_two_layer") and EFFORT == 1:
        pytest.skip("NNFS_EFFORT=10 looks at those that are like others, too")
    monkeypatch.undo()
    assert not diagnose_config(prepare(Request(recipe, source=source))[0]).findings


def trained(*overrides: str) -> Finished:
    events = start(Request(Path("base.yaml"), overrides, runs=RunsFolder(Path("runs"))))
    return next(event for event in events if isinstance(event, Finished))


@pytest.mark.parametrize(
    "code",
    [
        "dead-units",
        "symmetric-units",
        "vanishing-gradients",
        "initial-loss",
        "lr-too-low",
        "overfitting",
        "underfitting",
        "still-improving",
        "leaked-samples",
        "class-imbalance",
    ],
)
def test_a_run_is_judged_by_its_own_records(code: str) -> None:
    run = trained(*PROVOKED[code]).run
    again = reopen(run, RunsFolder(Path("runs")), Source())
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    findings = {finding.code for finding in diagnose_run(run, again).findings}
    assert code in findings
    after = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    assert before == after


def test_a_run_without_faults_and_one_of_an_older_version() -> None:
    end = trained()
    assert worst_finding(end.run, end.built) is None
    end.run.layers.unlink()
    assert not diagnose_run(end.run, reopen(end.run, RunsFolder(Path("runs")), Source())).findings


def test_a_run_that_diverged() -> None:
    with pytest.raises(DivergedError):
        trained("optimizer={type: sgd, lr: 1e6}")
    run = RunsFolder(Path("runs")).find("latest")
    again = reopen(run, RunsFolder(Path("runs")), Source())
    found = {finding.code: finding for finding in diagnose_run(run, again).findings}
    assert found["lr-too-high"].remedy == ("optimizer.lr=100000.0",)


@pytest.mark.parametrize(
    ("loss", "outputs", "even", "constant", "floor"),
    [
        ("cross_entropy", 2, math.log(2), 0.5623351446, 0.0),
        ("{type: cross_entropy, label_smoothing: 0.2}", 2, math.log(2), 0.6108643021, 0.3250829734),
        ("binary_cross_entropy", 1, math.log(2), 0.5623351446, 0.0),
        ("mse", 2, 0.1875, 0.1875, 0.0),
    ],
)
def test_chance(loss: str, outputs: int, even: float, constant: float, floor: float) -> None:
    """Three of one class and one of another, by hand: -3/4 ln 3/4 - 1/4 ln 1/4 and so on."""
    made = Loss.read(parse(loss, "a test").value)
    encoded = made.encode_targets(np.array([0, 0, 1, 0]), 2, (outputs,))
    chance = chance_of(made, encoded, outputs)
    assert chance.even == pytest.approx(even)
    assert chance.constant == pytest.approx(constant)
    assert chance.floor == pytest.approx(floor)
    assert chance.learnt(constant) == pytest.approx(0, abs=1e-6)
    assert chance.learnt(floor) == pytest.approx(1)
    assert chance.learnt(math.nan) == -math.inf
