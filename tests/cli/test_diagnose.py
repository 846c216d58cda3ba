"""`nnfs diagnose`: answers, JSON, exit codes, and the last line of `train`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.inspection import trials

from .conftest import Nnfs, contents, latest


def test_findings_of_a_config(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("diagnose", toy, "optimizer.lr=1e-6")
    assert result.code == 0
    assert "lr-too-low: at optimizer.lr 1e-06 " in result.out
    assert "\n    remedy  optimizer.lr=0.0" in result.out
    assert not Path("runs").exists()


def test_json_and_a_code_to_fail_on(nnfs: Nnfs, toy: Path) -> None:
    command = ["diagnose", toy, "layers.0.bias_initializer={type: constant, value: -99}", "--json"]
    result = nnfs(*command, "--fail-on", "dead-units", "--fail-on", "leaked-samples")
    assert result.code == 6
    assert "error: found dead-units; " in result.err
    findings = {finding["code"]: finding for finding in result.document["findings"]}
    assert findings["dead-units"]["evidence"]["dead"] == 1.0
    assert findings["dead-units"]["remedy"] == ["layers.0.activation=leaky_relu"]
    assert nnfs(*command, "--fail-on", "leaked-samples").code == 0


def test_what_is_no_code(nnfs: Nnfs, toy: Path) -> None:
    line = nnfs("diagnose", toy, "--fail-on", "dead-unit").refused(2)
    assert line == "error: no finding is called 'dead-unit'; did you mean 'dead-units'?"


def test_what_cannot_be_diagnosed(nnfs: Nnfs, toy: Path) -> None:
    assert "there is no run" in nnfs("diagnose", "latest").refused(3)
    assert "is a run" in nnfs("diagnose", "latest", "seed=1").refused(2)
    assert "nothere.yaml" in nnfs("diagnose", "nothere.yaml").refused(2)


def test_a_training_ends_with_its_worst_finding(nnfs: Nnfs, toy: Path) -> None:
    """One line on stderr, none with -q; the run is then diagnosed from its own folder."""
    result = nnfs("train", toy, "optimizer.lr=1e-7")
    lines = [line for line in result.err.splitlines() if line.startswith("found  ")]
    assert len(lines) == 1
    assert lines[0].startswith("found  lr-too-low: at optimizer.lr 1e-07 ")
    assert "found" not in nnfs("train", toy, "optimizer.lr=1e-7", "-q").err
    before = contents(latest())
    assert "lr-too-low: " in nnfs("diagnose", "latest").out
    assert contents(latest()) == before
    assert nnfs("diagnose", "latest", "--fail-on", "any").code == 6


def test_a_damaged_table_of_layers(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    (latest() / "layers.csv").write_text("epoch,x\n1,2\n")
    assert "layers.csv cannot be read" in nnfs("diagnose", "latest").refused(3)


def test_the_page_of_a_finding(nnfs: Nnfs) -> None:
    page = nnfs("explain", "dead-units").out
    assert page.startswith("finding dead-units\n")
    assert "--fail-on dead-units" in page
    assert "dead-units" in nnfs("explain").out


def test_a_step_that_is_tried_smaller_is_said(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "STEP_WORK", 1)
    for name in ("RATE", "RATES", "BATCH", "WHOLE"):
        monkeypatch.setattr(trials, f"{name}_SECONDS", 0.0)
    told = "note: steps of 48 samples take long: tried with 32"
    assert told in nnfs("diagnose", toy, "train.batch_size=full").err
