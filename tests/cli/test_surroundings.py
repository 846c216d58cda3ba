"""Names that are not UTF-8, numbers beyond a float, little memory, few files: one line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Nnfs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names and limits of Linux")
NAME = os.fsdecode(b"caf\xe9")
NNFS = f"{shlex.quote(sys.executable)} -m nnfs_cli"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False
    )


def test_files_whose_names_are_not_utf_8(nnfs: Nnfs, toy: Path) -> None:
    config = Path(f"{NAME}.yaml")
    config.write_text(toy.read_text().replace("name: toy\n", ""))
    at = ("--runs-dir", f"r{NAME}")
    assert nnfs("train", config, *at, "-q").code == 0
    for line in (
        ("eval",), ("runs",), ("runs", "show"), ("reproduce", "latest"),
        ("resume", "latest", "--epochs", 4),
    ):  # fmt: skip
        assert nnfs(*line, *at).code == 0, line
    Path(f"{NAME}.csv").write_text("0.1,0.2\n1,2\n")
    result = nnfs("predict", f"{NAME}.csv", "--output", f"o{NAME}.csv", *at)
    assert result.code == 0
    assert result.out.startswith(r"caf\xe9.csv:1  ")
    assert Path(f"o{NAME}.csv").read_text("utf-8").count("caf") == 2


def test_values_that_are_not_utf_8(nnfs: Nnfs, toy: Path) -> None:
    for line in (
        (f"name={NAME}",), ("--name", NAME), (f"data={{type: csv, path: {NAME}.csv}}",),
        (f"{NAME}=1",),
    ):  # fmt: skip
        assert r"caf\xe9" in nnfs("train", toy, *line).refused(2)


def test_the_name_of_a_config_with_a_long_file_name(nnfs: Nnfs, toy: Path) -> None:
    config = Path("n" * 150 + ".yaml")
    config.write_text(toy.read_text().replace("name: toy\n", ""))
    assert nnfs("train", config, "-q").code == 0
    assert nnfs("eval").code == 0


@pytest.mark.parametrize("depth", [41, 1000, 50_000])
def test_a_key_without_end(nnfs: Nnfs, toy: Path, depth: int) -> None:
    line = nnfs("train", toy, ".".join("a" * depth) + "=1").refused(2)
    assert "nested deeper than 40 levels" in line
    assert len(line) < 200


@pytest.mark.parametrize("value", ["9" * 310 + "h", "9" * 390, "9" * 9000 + "m", "1e400", "0s"])
def test_a_duration_beyond_all_bounds(nnfs: Nnfs, toy: Path, value: str) -> None:
    line = nnfs("train", toy, f"train.max_time={value}").refused(2)
    assert len(line) < 300


def test_targets_are_numbers(nnfs: Nnfs, toy: Path) -> None:
    for value in ("nan", "inf", "1e999"):
        nnfs("eval", "--fail-under", f"accuracy={value}").refused(2)


@pytest.mark.parametrize("kibibytes", [60_000, 120_000, 160_000])
def test_an_address_space_too_small_for_numpy(kibibytes: int, toy: Path) -> None:
    done = shell(f"ulimit -v {kibibytes}; {NNFS} train toy.yaml")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: NumPy needs 160 MiB of address space")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("files", [3, 4, 5, 6])
def test_few_open_files(files: int, toy: Path) -> None:
    """From nnfs's own first line on: Python does not start with three."""
    program = (
        "import resource, sys; from nnfs_cli.__main__ import main; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files})); "
        "sys.argv = ['nnfs', 'train', 'toy.yaml', '-q']; main()"
    )
    done = shell(f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}")
    assert done.returncode == 5 or (files > 4 and done.returncode == 0), done.stderr
    assert done.stderr.count("\n") == (done.returncode == 5), done.stderr
    assert done.returncode == 0 or "open files" in done.stderr


@pytest.mark.parametrize("command", ["train toy.yaml -q", "init spirals"])
def test_a_file_size_limit_of_zero(command: str, toy: Path) -> None:
    done = shell(f"ulimit -f 0; {NNFS} {command}")
    assert done.returncode == 5
    assert done.stderr.startswith("error: no room to write")
    assert done.stderr.count("\n") == 1
