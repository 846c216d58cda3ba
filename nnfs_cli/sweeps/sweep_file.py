"""Sweep file: a config and the words that change it, in YAML.

::

    config: mnist.yaml
    changes:
    - optimizer.lr=1e-2,1e-3
    - seed=0..4
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from nnfs_cli.config.config import Section
from nnfs_cli.config.problems import problems_of
from nnfs_cli.config.yaml_reader import Document, read_file, to_yaml
from nnfs_cli.errors import ConfigError, Problem


class _Keys(Section):
    runs: str | None = Field(
        default=None, min_length=1, description="the folder of runs, from this file's folder"
    )
    config: str = Field(min_length=1, description="the path of a config, from this file's folder")
    changes: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="as on the command line: key=value, key=a,b or key=0..4"
    )


@dataclass(frozen=True)
class SweepFile:
    """What a sweep is: a config, and the words that change it."""

    config: Path
    words: tuple[str, ...]
    runs: Path | None = None
    """The folder of its runs, where the file says so."""

    def to_yaml(self, folder: Path, runs: Path) -> str:
        """The text of a sweep file in this folder, whose runs are in another."""
        here = os.path.realpath(folder)
        config, runs_from_here = (
            os.path.relpath(os.path.abspath(path), here) for path in (self.config, runs)
        )
        changes = list(self.words)
        return to_yaml({"config": config, "runs": runs_from_here, "changes": changes})


def is_sweep(document: Document) -> bool:
    """Whether a YAML file is a sweep and no config: it names a config and has no layers."""
    found = document.value
    return isinstance(found, dict) and "config" in found and "layers" not in found


def read_sweep_file(path: Path) -> SweepFile:
    """The sweep that a file describes. Raises ConfigError."""
    document = read_file(path)
    if not isinstance(document.value, dict):
        hint = "write `config: FILE.yaml` and `changes:`"
        raise ConfigError([Problem(f"{path} is no sweep", hint)])
    try:
        keys = _Keys.model_validate(document.value)
    except ValidationError as error:
        raise ConfigError(problems_of(error, _Keys, document)) from None
    runs = None if keys.runs is None else _from_here(path, keys.runs)
    return SweepFile(_from_here(path, keys.config), tuple(keys.changes), runs)


def _from_here(file: Path, name: str) -> Path:
    """What a file names from its own folder, as it is named from the folder one is in."""
    whole = os.path.normpath(os.path.join(os.path.realpath(file.parent), name))
    near = os.path.relpath(whole)
    return Path(whole if near.startswith("..") else near)
