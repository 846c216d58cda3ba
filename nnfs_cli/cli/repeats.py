"""``nnfs train --seeds`` and ``--folds``: sweeps over one key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nnfs_cli.cli.console import Console

if TYPE_CHECKING:
    from nnfs_cli.runs.start import Request


@dataclass(frozen=True)
class Repeat:
    """How often a config is trained: with so many ``seeds``, or once for each of the ``folds``."""

    seeds: int | None
    folds: int | None
    alone: Sequence[str] = field(default_factory=list)
    """Options that were given and are for one run."""

    @property
    def option(self) -> str:
        """The option that asks for it."""
        return "--seeds" if self.folds is None else "--folds"

    @property
    def key(self) -> str:
        """The key that is varied."""
        return "seed" if self.folds is None else "data.fold"

    def axis(self, first_seed: int) -> str:
        """Its values, as a sweep has them."""
        if self.folds is None:
            return f"seed={first_seed}..{first_seed + (self.seeds or 1) - 1}"
        return "data.fold=" + ",".join(f"{n}/{self.folds}" for n in range(1, self.folds + 1))


def train_again(console: Console, request: Request, repeat: Repeat, options: Sequence[str]) -> None:
    """A sweep over seeds, from the config's own on, or over folds.

    Raises UsageError for what is for one run, and for other values to try.
    """
    from nnfs_cli.cli.sweep import planned, run_trials
    from nnfs_cli.compute.resources import processors
    from nnfs_cli.config.config import load_config
    from nnfs_cli.sweeps.sweep_file import SweepFile
    from nnfs_cli.sweeps.sweep_folder import SweepsFolder

    words = _words(request, repeat)
    config, _ = load_config(request.config, request.overrides)
    asked = SweepFile(request.config, (*words, repeat.axis(config.seed)))
    jobs = min(processors(), repeat.seeds or repeat.folds or 1)
    plan = planned(console, replace(request, name=None), asked, jobs, options)
    asked = asked.beginning_from(plan.init_from)
    folder = SweepsFolder(request.runs).opened(asked, request.name or request.config.stem)
    run_trials(console, plan, folder, jobs)


def _words(request: Request, repeat: Repeat) -> list[str]:
    from nnfs_cli.errors import UsageError
    from nnfs_cli.sweeps.grid import grid_of

    if repeat.seeds and repeat.folds:
        hint = "leave one out, or use `nnfs sweep CONFIG data.fold=1/5,2/5,... seed=0..4`"
        raise UsageError("--seeds and --folds each repeat a training", hint)
    for option in repeat.alone:
        message = f"{option} is for one run, and {repeat.option} makes several"
        raise UsageError(message, "leave one out")
    named = [word for word in request.overrides if word.startswith(f"{repeat.key}=")]
    if named and repeat.folds:
        message = f"{named[0]} names one fold, and --folds trains each of them"
        raise UsageError(message, "leave one out")
    words = [word for word in request.overrides if word not in named]
    for axis in grid_of(words).axes:
        raise UsageError(
            f"{axis.key} has {len(axis.values)} values, and {repeat.option} varies "
            f"{repeat.key} alone",
            "quote a value that has commas, or use `nnfs sweep`",
        )
    return words
