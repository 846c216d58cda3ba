"""The plan: every trial of a sweep, built and found to be in order before the first one begins."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from nnfs_cli.config.config import Config
from nnfs_cli.config.yaml_reader import Document, to_yaml
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError, Problem, UsageError
from nnfs_cli.experiment.build import Built, build_data
from nnfs_cli.runs.start import Request, identity_of, initialize, prepare

MAX_DATA = 4
"""Data sets that are kept in memory, where the trials have several."""
MAX_PROBLEMS = 20


@dataclass(frozen=True)
class Trial:
    """One training of a sweep: an ordinary run, started by ``request``."""

    number: int
    values: tuple[str, ...]
    """What it gives to the keys that the sweep varies."""
    request: Request
    fingerprint: str
    monitor: str
    epochs: int

    options: tuple[str, ...] = ()
    """Of its command line: plugins, and where data and runs are."""

    @property
    def command(self) -> list[str]:
        """The words behind ``nnfs`` that train it alone."""
        config = str(self.request.config)
        return ["train", config, *self.request.overrides, *self.options, "--skip-done", "-q"]


@dataclass(frozen=True)
class Plan:
    """All trials, and what is to be said of their configs."""

    keys: list[str]
    trials: list[Trial]
    notices: list[str]
    """Each once, though many trials may have it."""


@dataclass
class SharedData:
    """Loads the data of a config once for all trials that have the same."""

    loaded: dict[str, Data] = field(default_factory=dict)

    def __call__(self, config: Config, source: Source, document: Document) -> Data:
        """What ``build_data`` gives, or gave."""
        key = to_yaml(config.described()["data"])
        if key not in self.loaded:
            if len(self.loaded) == MAX_DATA:
                del self.loaded[next(iter(self.loaded))]
            self.loaded[key] = build_data(config, source, document)
        return self.loaded[key]


def plan(
    base: Request,
    keys: Sequence[str],
    points: Sequence[Sequence[str]],
    jobs: int,
    options: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Plan:
    """Build the trial of every point. Raises ConfigError with the faults of all, DataError.

    Where several are trained at a time, each has one worker unless its config says otherwise.
    """
    base = replace(base, skip_done=True, load=SharedData())
    trials: list[Trial] = []
    notices: dict[str, None] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for number, point in enumerate(points, start=1):
        overrides = [f"{key}={value}" for key, value in zip(keys, point, strict=True)]
        request = replace(base, overrides=[*base.overrides, *overrides])
        try:
            request, built, told = _built(request, jobs)
            trial = _trial(number, tuple(point), request, built)
            trials.append(_with_command(trial, options))
            notices |= dict.fromkeys(told)
        except ConfigError as error:
            for problem in error.problems:
                problems.setdefault((problem.message, problem.hint), problem)
        except UsageError as error:
            problem = Problem(error.message, error.hint, " ".join(overrides))
            problems.setdefault((error.message, error.hint), problem)
        progress(number, len(points))
    if problems:
        raise ConfigError([*problems.values()][:MAX_PROBLEMS])
    _require_different(keys, trials)
    return Plan(list(keys), trials, list(notices))


def _built(request: Request, jobs: int) -> tuple[Request, Built, list[str]]:
    """The request, with what a trial must not choose anew when its turn comes."""
    if jobs > 1 and not any(text.startswith("train.workers=") for text in request.overrides):
        request = _with_one_worker(request)
    built, told = prepare(request)
    if built.config.init_from is not None:  # `latest` would soon be another trial of this sweep
        pinned = json.dumps(built.config.init_from, ensure_ascii=False)
        others = [text for text in request.overrides if not text.startswith("init_from=")]
        request = replace(request, overrides=[*others, f"init_from={pinned}"])
        told = [*told, *initialize(request, built)]
    return request, built, told


def _with_one_worker(request: Request) -> Request:
    from nnfs_cli.config.config import load_config

    config, _ = load_config(request.config, request.overrides)
    if config.train.workers is not None:
        return request
    return replace(request, overrides=[*request.overrides, "train.workers=1"])


def _trial(number: int, values: tuple[str, ...], request: Request, built: Built) -> Trial:
    identity, epochs = identity_of(request, built), built.config.train.epochs
    return Trial(number, values, request, identity, built.monitor, epochs)


def _with_command(trial: Trial, options: Sequence[str]) -> Trial:
    """The trial, whose run is to say by which command it is trained alone."""
    trial = replace(trial, options=tuple(options))
    return replace(trial, request=replace(trial.request, argv=trial.command))


def _require_different(keys: Sequence[str], trials: Sequence[Trial]) -> None:
    """Raise UsageError for two trials that are one training, such as with other workers."""
    seen: dict[str, Trial] = {}
    for trial in trials:
        other = seen.setdefault(trial.fingerprint, trial)
        if other is not trial:
            varied = [
                f"{key}={mine} and {theirs}"
                for key, theirs, mine in zip(keys, trial.values, other.values, strict=True)
                if mine != theirs
            ]
            raise UsageError(
                f"trials {other.number} and {trial.number} are one training: "
                f"{', '.join(varied)} make no difference",
                "leave one out",
            )
