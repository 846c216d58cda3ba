"""What the documents show is true: their commands run, their Python runs, their names exist."""

from __future__ import annotations

import csv
import gzip
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.source import Source

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT = 120
TYPOS = """\
data: {type: mnist, validaton: 0.1}
layers:
  - flatten
  - {type: dense, units: 0, activation: rellu}
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: {type: adam, lr: -1e-3}
"""


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text("utf-8")
    return [body for word, body in BLOCK.findall(text) if word == language]


def shell_lines(document: str) -> list[str]:
    """Every command line that runs nnfs; installing is the CI's part."""
    lines = [line for block in blocks(document, "sh") for line in block.splitlines()]
    lines = [line.removeprefix("pip install -e . && ") for line in lines]
    return [line for line in lines if line.startswith(("nnfs", "for "))]


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(
        ">" + "I" * array.ndim, *array.shape
    )
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes()))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader of the README has it, with a few hundred digits as MNIST."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "configs", folder / "configs")
    digits = Digits(geometry="mnist").load(Source())
    mnist = folder / "data" / "mnist"
    mnist.mkdir(parents=True)
    assert digits.test is not None
    for name, part in (("train", digits.train), ("t10k", digits.test)):
        write_idx(mnist / f"{name}-images-idx3-ubyte.gz", part.inputs[..., 0])
        write_idx(mnist / f"{name}-labels-idx1-ubyte.gz", part.targets)
    shutil.copy(ROOT / "digit.png", folder)
    generator = np.random.default_rng(0)
    with (folder / "houses.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rooms", "area", "town", "price"])
        for _ in range(200):
            rooms, area = int(generator.integers(1, 8)), float(generator.uniform(20, 200))
            town = ["Ghent", "Bruges"][rooms % 2]
            writer.writerow([rooms, f"{area:.1f}", town, f"{1000 * area + 5000 * rooms:.0f}"])
    return folder


@pytest.fixture(scope="module")
def environment(workplace: Path) -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    own = {"PATH": scripts + os.pathsep + os.environ["PATH"], "NNFS_DATA": str(workplace / "data")}
    return {**os.environ, **own, "XDG_CACHE_HOME": str(workplace / "cache")}


def run(line: str, workplace: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-ec", line],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_readme_runs(workplace: Path, environment: dict[str, str]) -> None:
    for line in shell_lines("README.md"):
        told = run(line, workplace, environment).strip()
        assert told or " -q" in line or " > " in line, line


STUBS = {
    "parallel": 'while read -r line; do sh -c "$line"; done',
    "sbatch": """\
range=${1#--array=}; test "$2" = --wrap
for i in $(seq ${range%-*} ${range#*-}); do SLURM_ARRAY_TASK_ID=$i sh -c "$3"; done""",
}
"""What GNU parallel and SLURM do with a line, one after the other."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")
@pytest.mark.parametrize("program", STUBS)
def test_the_readmes_sweeps_by_others_run(
    program: str, workplace: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    stub = tmp_path / program
    stub.write_text(f"#!/bin/sh\nset -e\n{STUBS[program]}\n")
    stub.chmod(0o755)
    own = environment | {"PATH": f"{tmp_path}{os.pathsep}{environment['PATH']}"}
    own["NNFS_RUNS"] = str(tmp_path / "runs")
    lines = [line for block in blocks("README.md", "sh") for line in block.splitlines()]
    (printing,) = [line for line in lines if "--print-commands" in line]
    (loop,) = [line for line in lines if line.startswith(program)]
    run(printing, workplace, own)
    run(loop, workplace, own)
    assert len([*(tmp_path / "runs").glob("2*/finished")]) == 3


def test_the_readmes_python_runs(
    workplace: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("nnfs train configs/mnist.yaml --epochs 1 -q", workplace, environment)
    monkeypatch.chdir(workplace)
    names: dict[str, object] = {}
    for block in blocks("README.md", "python"):
        own: dict[str, object] = {}
        exec(compile(block, "README.md", "exec"), own)
        names |= own
    assert np.shape(names["probabilities"]) == (1, 10)
    assert names["trained"].test["accuracy"] > 0.9  # type: ignore[attr-defined]
    assert names["value"] < 0.6  # type: ignore[operator]


def test_the_readmes_config_is_valid(workplace: Path, environment: dict[str, str]) -> None:
    (config,) = blocks("README.md", "yaml")
    (workplace / "page.yaml").write_text(config)
    assert "page.yaml is in order" in run("nnfs check page.yaml", workplace, environment)


def test_the_readmes_problems_are_what_nnfs_says(
    workplace: Path, environment: dict[str, str]
) -> None:
    (workplace / "typo.yaml").write_text(TYPOS)
    (shown,) = [b for b in blocks("README.md", "text") if b.startswith("$ nnfs check typo.yaml")]
    command, _, expected = shown.partition("\n")
    done = subprocess.run(
        command.removeprefix("$ ").split(),
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, expected)


@pytest.mark.slow
def test_the_first_layer_works(workplace: Path, environment: dict[str, str]) -> None:
    (layer,) = blocks("CONTRIBUTING.md", "python")
    (workplace / "my_layers.py").write_text(layer)
    for line in shell_lines("CONTRIBUTING.md"):
        assert run(line, workplace, environment).strip(), line


def test_the_walks_exist() -> None:
    """Five files from the command line to a gradient, and five to an answer."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    walk = re.findall(r"^(\d)\. `(nnfs_cli/[\w/]+\.py)`: (.*)", text, re.MULTILINE)
    assert [number for number, _, _ in walk] == [*"12345", *"12345"]
    for _, path, sentence in walk:
        source = (ROOT / path).read_text("utf-8")
        for name in re.findall(r"`(\w+)`", sentence):
            assert re.search(rf"\b{name}\b", source), f"{path} has no {name}"


def test_the_map_names_every_room_and_what_stands_beside_them() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    modules = {path.name for path in (ROOT / "nnfs_cli").glob("*.py")}
    rooms = {f"  {path.parent.name}/ " for path in (ROOT / "nnfs_cli").glob("*/__init__.py")}
    assert not [name for name in sorted(modules | rooms) if name not in text]


def test_every_file_that_the_documents_name_exists() -> None:
    for document in ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"):
        text = (ROOT / document).read_text("utf-8")
        for name in re.findall(r"`([\w/]+/[\w/]+\.py)`", text):
            assert (ROOT / name).exists() or (ROOT / "nnfs_cli" / name).exists(), name


def test_every_exit_code_is_in_the_readme() -> None:
    from nnfs_cli import errors

    text = (ROOT / "README.md").read_text("utf-8")
    codes = {c.code for c in vars(errors).values() if isinstance(c, type) and hasattr(c, "code")}
    assert all(f"| {code} |" in text for code in codes)
