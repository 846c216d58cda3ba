"""``--json``: exactly one document on stdout, whose keys stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Nnfs, latest

HEAD = {"schema", "command"}
KEYS = {
    "train toy.yaml": {"run", "id", "status", "data", "best", "metrics", "test", "epochs"},
    "train toy.yaml --dry-run": {"loss", "parameters"},
    "train toy.yaml --skip-done": {"run", "status", "skipped", "metrics"},
    "resume latest": {"run", "id", "status", "skipped", "best", "metrics", "test"},
    "eval": {"run", "checkpoint", "data", "split", "samples", "metrics", "folder"},
    "eval --fail-under accuracy=1.1": {"run", "split", "metrics"},
    "check toy.yaml": {"config", "data", "layers", "parameters", "memory_bytes", "notes"},
    "init": {"presets", "textbooks"},
    "init moons": {"path"},
    "explain": {"words"},
    "explain adam": {"entries"},
    "gradcheck toy.yaml": {"gradients"},
    "schema": {"json_schema"},
    "runs": {"runs"},
    "runs list": {"runs"},
    "runs show latest": {"run", "record", "history"},
    "runs rm latest --yes": {"removed"},
    "data list": {"datasets"},
    "data get digits": {"name", "files"},
    "data info toy.yaml": {"name", "splits", "features", "duplicates"},
    "eval absent": {"error"},
}


@pytest.fixture(autouse=True)
def some_run(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q", "--epochs", 1).code == 0


@pytest.mark.parametrize("line", KEYS)
def test_one_document(nnfs: Nnfs, line: str) -> None:
    document = nnfs(*line.split(), "--json").document
    assert {*document} >= HEAD | KEYS[line]
    words = line.split()
    assert document["command"] in (words[0], " ".join(words[:2]))


def test_the_option_may_stand_before_a_command_of_a_group(nnfs: Nnfs) -> None:
    assert nnfs("runs", "--json", "show").document["command"] == "runs show"


@pytest.mark.slow
def test_plot(nnfs: Nnfs) -> None:
    pytest.importorskip("matplotlib")
    document = nnfs("plot", "--json").document
    names = ["loss", "accuracy", "lr", "layers", "confusion-test", "regions"]
    assert [Path(file).name for file in document["files"]] == [
        f"{name}.{form}" for name in names for form in ("svg", "png")
    ]
    assert document["notes"] == []


def test_nan_is_null(nnfs: Nnfs, toy: Path) -> None:
    csv = latest() / "metrics.csv"
    header, row = csv.read_text().splitlines()
    csv.write_text("\n".join([header, row.rpartition(",")[0] + ",nan", ""]))
    last = header.split(",")[-1]
    assert nnfs("runs", "show", "--json").document["history"][0][last] is None


def test_metrics_are_the_same_numbers_as_on_disk(nnfs: Nnfs) -> None:
    import json

    shown = nnfs("eval", "--json").document["metrics"]
    written = json.loads((latest() / "eval/test/metrics.json").read_text())
    assert shown == written["metrics"]
