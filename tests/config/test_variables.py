"""``${VAR}`` in paths: the variable's value, recorded; never in a run's own config."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.config.config import load_config
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import ConfigError

CONFIG = """\
data: {type: npz, path: "${PLACE}/d.npz", validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: adam
train: {epochs: 1}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    x = np.random.default_rng(0).normal(size=(20, 3))
    (tmp_path / "there").mkdir()
    np.savez(
        tmp_path / "there" / "d.npz",
        x_train=x,
        y_train=np.arange(20) % 2,
        x_test=x,
        y_test=np.arange(20) % 2,
    )
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_value_is_used_and_recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", str(folder / "there"))
    assert run(["train", "c.yaml", "-q"]) == 0
    recorded = read_file(folder / "runs/latest/config.yaml").value
    assert recorded["data"]["path"] == f"{folder}/there/d.npz"
    assert "${PLACE}" in (folder / "runs/latest/config.orig.yaml").read_text()
    monkeypatch.delenv("PLACE")
    assert run(["eval", "latest", "-q"]) == 0


def test_one_that_is_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLACE", raising=False)
    with pytest.raises(ConfigError, match=r"c.yaml:1:.*PLACE, which is not set; export PLACE"):
        load_config(Path("c.yaml"))
    assert run(["check", "c.yaml"]) == 2


def test_one_that_is_set_and_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in scripts with ``set -u``, and more: ``/d.npz`` is not what was meant."""
    monkeypatch.setenv("PLACE", "")
    with pytest.raises(ConfigError, match=r"c.yaml:1:.*PLACE, which is empty; export PLACE"):
        load_config(Path("c.yaml"))
    with pytest.raises(ConfigError, match=r"`init_from` names the variable PLACE, which is empty"):
        load_config(Path("c.yaml"), ["data.path=d.npz", "init_from=${PLACE}"])


def test_only_paths_have_variables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", "there")
    config, _ = load_config(Path("c.yaml"), ["name=${PLACE}"])
    assert config.name == "${PLACE}"
    config, _ = load_config(Path("c.yaml"), ["init_from=latest${PLACE}"])
    assert config.init_from == "latestthere"


def test_a_runs_own_config_is_taken_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come from a stranger, who should not learn what the environment holds."""
    monkeypatch.setenv("PLACE", str(folder / "there"))
    (folder / "run.json").write_text("{}")
    config, _ = load_config(Path("c.yaml"))
    assert config.data.path == "${PLACE}/d.npz"  # type: ignore[attr-defined]
