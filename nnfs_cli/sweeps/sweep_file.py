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
    config: str = Field(min_length=1, description="the path of a config, from this file's folder")
    changes: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="as on the command line: key=value, key=a,b or key=0..4"
    )


@dataclass(frozen=True)
class SweepFile:
    """What a sweep is: a config, and the words that change it."""

    config: Path
    words: tuple[str, ...]

    def to_yaml(self, folder: Path) -> str:
        """The text of a sweep file in this folder."""
        here = os.path.realpath(folder)
        config = os.path.relpath(os.path.abspath(self.config), here)
        return to_yaml({"config": config, "changes": list(self.words)})


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
    config = os.path.normpath(os.path.join(os.path.realpath(path.parent), keys.config))
    near = os.path.relpath(config)
    return SweepFile(Path(config if near.startswith("..") else near), tuple(keys.changes))
