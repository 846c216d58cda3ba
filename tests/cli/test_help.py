"""Help and completion: at once, and without importing anything heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nnfs_cli.cli.commands import COMMANDS

from .conftest import Nnfs

GROUPED = ["runs list", "runs show", "runs rm", "data list", "data get", "data info"]
HEAVY = (
    "numpy",
    "nnfs_cli.components.component",
    "yaml",
    "rich.table",
    "tqdm",
    "filelock",
    "PIL",
    "asyncio",
)
LIGHT = """
import sys
from nnfs_cli.cli.app import run
code = run(sys.argv[1:])
heavy = [name for name in {heavy!r} if name in sys.modules]
assert not heavy, heavy
sys.exit(code)
"""


@pytest.mark.parametrize("command", [*COMMANDS, "runs", "data", *GROUPED])
def test_every_command_has_help(nnfs: Nnfs, command: str) -> None:
    for flag in ("--help", "-h"):
        result = nnfs(*command.split(), flag)
        assert result.code == 0
        assert result.out.startswith(f"Usage: nnfs {command}")
        assert result.err == ""


def test_the_help_names_every_command(nnfs: Nnfs) -> None:
    text = nnfs("--help").out
    assert all(f"\n  {name}" in text for name in [*COMMANDS, "runs", "data"])


def test_version(nnfs: Nnfs) -> None:
    from nnfs_cli import __version__

    assert nnfs("--version").out == f"nnfs {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"], ["bogus"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    command = [sys.executable, "-c", LIGHT.format(heavy=HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (2 if arguments == ["bogus"] else 0), done.stderr


UNUSED = (
    "nnfs_cli.nn.layers.conv2d",
    "nnfs_cli.nn.layers.batch_norm",
    "nnfs_cli.nn.layers.dropout",
    "nnfs_cli.nn.layers.residual",
    "nnfs_cli.nn.activations.sigmoid",
    "nnfs_cli.nn.losses.binary_cross_entropy",
    "nnfs_cli.nn.losses.hinge",
    "nnfs_cli.nn.schedules.plateau",
    "nnfs_cli.data.datasets.csv",
    "nnfs_cli.data.user_data",
    "concurrent.futures",
)


def test_a_training_imports_what_its_config_names(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: xor\nlayers: [{type: dense, units: 4, activation: relu}, {type: dense, units: 2}]\n"
        "loss: cross_entropy\noptimizer: {type: adam, lr: 0.1}\ntrain: {epochs: 3}\n"
    )
    command = [sys.executable, "-c", LIGHT.format(heavy=UNUSED), "train", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("line", "heavy"),
    [
        ("runs -n 2", ("numpy", "nnfs_cli.config.config")),
        ("compare toy-* -q", ("nnfs_cli.runs.start", "nnfs_cli.reports.evaluation", "PIL.Image")),
    ],
)
def test_lists_of_runs_import_nothing_that_trains(
    nnfs: Nnfs, toy: Path, line: str, heavy: tuple[str, ...]
) -> None:
    for number in range(3):
        seed = ("--seed", number, "--run-dir", f"runs/toy-{number}")
        assert nnfs("train", toy, "--epochs", 1, "-q", *seed).code == 0
    command = [sys.executable, "-c", LIGHT.format(heavy=heavy), *line.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "toy" in done.stdout or "seeds" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(nnfs_process: Nnfs, shell: str) -> None:
    result = nnfs_process(env={"_NNFS_COMPLETE": f"source_{shell}"})
    assert result.code == 0
    assert "nnfs" in result.out


def test_completion(nnfs_process: Nnfs) -> None:
    env = {"_NNFS_COMPLETE": "complete_bash", "COMP_WORDS": "nnfs trai", "COMP_CWORD": "1"}
    result = nnfs_process(env=env)
    assert result.code == 0
    assert result.out.split() == ["train"]


EARLY = """
import sys

class InterruptedImport:
    def find_spec(self, name, path=None, target=None):
        if name == "nnfs_cli.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, InterruptedImport())
from nnfs_cli.__main__ import main
main()
"""


def test_an_interruption_before_the_command_line_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")
