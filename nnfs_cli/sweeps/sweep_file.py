"""Sweep file: a config and the words that change it, in YAML.

::

    config: mnist.yaml
    changes:
    - optimizer.lr=1e-2,1e-3
    - seed=0..4
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from nnfs_cli.config.config import Section
from nnfs_cli.config.problems import problems_of
from nnfs_cli.config.yaml_reader import Document, read_file, to_yaml
from nnfs_cli.errors import ConfigError, Problem, UsageError
from nnfs_cli.sweeps.draws import Draws, draws_of, require_no_ranges
from nnfs_cli.sweeps.grid import MAX_TRIALS, grid_of

TRIALS = 50
"""Of a search that is not told how many."""


class _Keys(Section):
    runs: str | None = Field(
        default=None, min_length=1, description="the folder of runs, from this file's folder"
    )
    config: str = Field(min_length=1, description="the path of a config, from this file's folder")
    init_from: str | None = Field(
        default=None, min_length=1,
        description="the folder of the run that all begin from, from this file's folder; null: "
        "what the config says",
    )  # fmt: skip
    changes: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="as on the command line: key=value, key=a,b or key=0..4"
    )
    random: int | None = Field(
        default=None, ge=1, le=MAX_TRIALS, description="how many trials to draw; null: all"
    )
    random_seed: int = Field(
        default=0, ge=0, lt=2**63, description="decides what is drawn, and what a search proposes"
    )
    search: Literal["tpe"] | None = Field(
        default=None, description="how the next trial is found from those before; null: it is not"
    )
    trials: int | None = Field(
        default=None, ge=1, le=MAX_TRIALS, description=f"of a search; null: {TRIALS}"
    )
    prune: bool = Field(
        default=False, description="stop trials that are behind others (successive halving)"
    )


@dataclass(frozen=True)
class SweepFile:
    """What a sweep is: a config, and the words that change it."""

    config: Path
    words: tuple[str, ...]
    runs: Path | None = None
    """The folder of its runs, where the file says so."""
    random: int | None = None
    """How many trials are drawn; None for every combination."""
    random_seed: int = 0
    search: Literal["tpe"] | None = None
    trials: int | None = None
    """How many a search proposes."""
    prune: bool = False
    init_from: Path | None = None
    """The run from which all trials begin, whichever is the latest now."""

    @property
    def count(self) -> int:
        """How many trials a search has."""
        return self.trials or TRIALS

    @property
    def asks(self) -> tuple[object, ...]:
        """What decides its trials, beside the config."""
        proposed = self.search and (self.search, self.count)
        origin = self.init_from and os.path.realpath(self.init_from)
        return self.words, self.random, self.random_seed, proposed, self.prune, origin

    def beginning_from(self, run: str | None) -> SweepFile:
        """The same, whose trials all begin from the run in this folder."""
        return replace(self, init_from=None if run is None else Path(run))

    def with_trials(self, count: int) -> SweepFile:
        """The same search or draw with more trials: the first are those that it has.

        Raises UsageError for fewer.
        """
        option, there = ("trials", self.count) if self.search else ("random", self.random or 0)
        if count < there:
            message = f"the sweep has {there:,} trials; received --{option} {count:,}"
            raise UsageError(message, f"ask for more than {there:,}, or begin a new one")
        return replace(self, trials=count) if self.search else replace(self, random=count)

    def require_one_way(self) -> None:
        """Raise UsageError where it asks for its trials in two ways."""
        if self.search is not None and self.random is not None:
            raise UsageError("a sweep draws its trials at random or searches", "keep one of them")
        if self.search is None and self.trials is not None:
            raise UsageError("trials is how many a search has", "add --search tpe, or --random N")

    def points(self) -> tuple[list[str], list[tuple[str, ...]], tuple[str, ...]]:
        """The keys that vary, their values in each trial, the overrides of all.

        Of a search the corners of what it searches. Raises ConfigError with every fault.
        """
        self.require_one_way()
        if self.search is not None:
            draws = self.draws()
            return draws.keys, draws.corners(), draws.overrides
        if self.random is not None:
            draws = self.draws()
            return draws.keys, draws.points(self.random, self.random_seed), draws.overrides
        require_no_ranges(self.words)
        grid = grid_of(self.words)
        return grid.keys, [*grid.points()], grid.overrides

    def draws(self) -> Draws:
        """The ranges of its keys. Raises ConfigError."""
        return draws_of(self.words)

    def to_yaml(self, folder: Path, runs: Path) -> str:
        """The text of a sweep file in this folder, whose runs are in another."""
        here = os.path.realpath(folder)
        config, runs_from_here, origin = (
            path and os.path.relpath(os.path.abspath(path), here)
            for path in (self.config, runs, self.init_from)
        )
        found = {"config": config, "runs": runs_from_here, "changes": list(self.words)}
        chosen = {"random": self.random, "random_seed": self.random_seed, "search": self.search}
        chosen |= {"trials": self.trials, "prune": self.prune}
        own = found | chosen | {"init_from": origin}
        return to_yaml({key: value for key, value in own.items() if value or key in found})


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
    config = _from_here(path, keys.config)
    origin = None if keys.init_from is None else _from_here(path, keys.init_from)
    found = SweepFile(
        config, tuple(keys.changes), runs, keys.random, keys.random_seed,
        keys.search, keys.trials, keys.prune, origin,
    )  # fmt: skip
    found.require_one_way()
    return found


def _from_here(file: Path, name: str) -> Path:
    """What a file names from its own folder, as it is named from the folder one is in.

    Raises ConfigError for what no path can be.
    """
    if "\0" in name:
        raise ConfigError([Problem(f"{file} names {name!r}, which is no path")])
    whole = os.path.normpath(os.path.join(os.path.realpath(file.parent), name))
    near = os.path.relpath(whole)
    return Path(whole if near.startswith("..") else near)
