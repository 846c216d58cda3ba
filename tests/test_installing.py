"""The package as it is installed or zipped: everything that it reads is part of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipapp
import zipfile
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


@pytest.mark.slow
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


def test_a_wheel_has_every_file(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", "77", reason="the version that pyproject.toml asks for")
    for name in ("nnfs_cli", "configs"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").touch()
    script = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    found = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {str(p.relative_to(tmp_path)) for p in (tmp_path / "nnfs_cli").rglob("*.*")}
    configs = tmp_path / "configs"
    recipes = {f"nnfs_cli/recipes/{p.relative_to(configs)}" for p in configs.rglob("*.yaml")}
    assert any("textbooks/" in name for name in recipes)
    assert found == package | recipes
