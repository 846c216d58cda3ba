"""The package as it is installed or zipped: everything that it reads is part of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipapp
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "nnfs_cli"


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``python -m zipapp`` makes of an installed package; its dependencies lie elsewhere."""
    folder = tmp_path_factory.mktemp("zipped")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "app/nnfs_cli", ignore=ignored)
    shutil.copytree(ROOT / "configs", folder / "app/nnfs_cli/recipes")
    zipapp.create_archive(folder / "app", folder / "nnfs.pyz", main="nnfs_cli.__main__:main")
    shutil.rmtree(folder / "app")
    return folder / "nnfs.pyz"


def test_a_zipapp_does_the_main_job(zipped: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    for line in ("init digits", "train digits.yaml -q --epochs 1", "eval"):
        command = [sys.executable, str(zipped), *line.split()]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
    location = (
        "import sys; sys.path.insert(0, sys.argv[1]); import nnfs_cli; print(nnfs_cli.__file__)"
    )
    found = subprocess.check_output([sys.executable, "-c", location, str(zipped)], text=True)
    assert found.startswith(str(zipped)), "it ran from the archive"


def test_an_installation_has_every_folder_of_the_package() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")
    }
    assert {*tool["packages"]} == folders | {*tool["package-dir"]}


def test_an_installation_has_every_file_that_is_no_module() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    places = {name.replace(".", "/"): name for name in tool["packages"]}
    places |= {folder: name for name, folder in tool["package-dir"].items()}
    taken = set()
    for place, name in places.items():
        for pattern in tool["package-data"].get(name, ()):
            taken |= {*(ROOT / place).glob(pattern)}
    files = {p for folder in (PACKAGE, ROOT / "configs") for p in folder.rglob("*") if p.is_file()}
    assert {p for p in files if p.suffix != ".py" and "__pycache__" not in p.parts} == taken
