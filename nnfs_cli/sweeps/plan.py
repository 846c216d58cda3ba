"""The plan: every trial of a sweep, built and found to be in order before the first one begins."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from nnfs_cli.config.config import Config, ConfigFile
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError, Problem, UsageError
from nnfs_cli.experiment.build import Built, build_data
from nnfs_cli.runs.git import git_commit
from nnfs_cli.runs.start import Request, identity_of, initialize, prepare

MAX_DATA = 4
"""Data sets that are kept in memory, where the trials have several."""
MAX_PROBLEMS = 20
FOLD, INIT_FROM = "data.fold", "init_from"
REPEATED = {"seed": "seeds", FOLD: "folds"}
"""The keys whose values repeat a training, and what is said of several."""
DIFFERENT = "the losses of the trials are not the same, so {} does not compare them"
A_METRIC = "set train.checkpoint.monitor to a metric, such as val_accuracy"


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
    origin: str | None = None
    """The folder of the run that it begins from."""
    may_be_pruned: bool = False
    options: tuple[str, ...] = ()
    """Of its command line: plugins, and where data and runs are."""

    @property
    def command(self) -> list[str]:
        """The words behind ``nnfs`` that train it alone."""
        config = str(self.request.config)
        return ["train", config, *self.request.overrides, *self.options, "--skip-done", "-q"]


@dataclass
class SharedData:
    """Loads the data of a config once for all trials that have the same."""

    loaded: dict[str, Data] = field(default_factory=dict)

    def __call__(self, config: Config, source: Source, document: Document) -> Data:
        """What ``build_data`` gives, or gave."""
        key = repr(config.described()["data"])
        if key not in self.loaded:
            if len(self.loaded) == MAX_DATA:
                del self.loaded[next(iter(self.loaded))]
            self.loaded[key] = build_data(config, source, document)
        return self.loaded[key]


@dataclass(frozen=True)
class Planner:
    """Makes the trial of a point: builds what it trains.

    Where several are trained at a time, each has one worker unless its config says otherwise.
    """

    base: Request
    keys: Sequence[str]
    jobs: int
    options: Sequence[str] = ()
    prune: bool = False

    def trial(self, number: int, point: Sequence[str]) -> tuple[Trial, list[str]]:
        """The trial, and what is to be said of it. Raises ConfigError, DataError."""
        request = self.request(point)
        try:
            request, built, told = _built(request, self.jobs)
            trial = _trial(number, tuple(point), request, built)
        except ConfigError:
            raise
        except UsageError as error:
            where = " ".join(self._overrides(point))
            raise ConfigError([Problem(error.message, error.hint, where)]) from None
        trial = replace(trial, may_be_pruned=self.prune)
        return _with_command(trial, self.options), told

    def request(self, point: Sequence[str]) -> Request:
        """What is to be trained at this point."""
        return replace(self.base, overrides=[*self.base.overrides, *self._overrides(point)])

    def _overrides(self, point: Sequence[str]) -> list[str]:
        return [f"{key}={value}" for key, value in zip(self.keys, point, strict=True)]


@dataclass(frozen=True)
class Plan:
    """All trials, and what is to be said of their configs."""

    keys: list[str]
    trials: list[Trial]
    """Of a search those that were proposed so far."""
    notices: list[str]
    """Each once, though many trials may have it."""
    planner: Planner
    total: int
    is_search: bool = False
    monitor: str = ""
    """What the trials are compared by."""
    epochs: int = 1
    """Of the shortest trial."""
    samples: tuple[Trial, ...] = ()
    """A trial of each kind of data: what another machine must be able to begin."""
    init_from: str | None = None
    """The folder of the run from which all begin, if they do from one."""

    @property
    def is_cross_validation(self) -> bool:
        """Whether its trials are the folds of one config, each of them once."""
        folds = sorted(f"{number}/{self.total}" for number in range(1, self.total + 1))
        own = sorted("".join(trial.values) for trial in self.trials)
        return self.keys == [FOLD] and not self.is_search and own == folds


def plan(
    base: Request,
    keys: Sequence[str],
    points: Sequence[Sequence[str]],
    jobs: int,
    options: Sequence[str] = (),
    prune: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Plan:
    """Build the trial of every point. Raises ConfigError with the faults of all, DataError."""
    _require_named_origins(keys, points)
    commit = git_commit()  # asked once: the code of the trials is that of this process
    file = ConfigFile.read(base.config)  # which may be edited while the trials are trained
    base = replace(base, skip_done=True, load=SharedData(), commit=lambda: commit, file=file)
    planner = Planner(base, list(keys), jobs, options, prune)
    trials: list[Trial] = []
    notices: dict[str, None] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for number, point in enumerate(points, start=1):
        try:
            trial, told = planner.trial(number, point)
            trials.append(trial)
            notices |= dict.fromkeys(told)
        except ConfigError as error:
            for problem in error.problems:
                problems.setdefault((problem.message, problem.hint), problem)
        progress(number, len(points))
    if problems:
        raise ConfigError([*problems.values()][:MAX_PROBLEMS])
    origin = None if INIT_FROM in keys else trials[0].origin
    if origin is not None:  # for the trials that a search will plan
        planner = replace(planner, base=replace(base, overrides=pinned(base.overrides, origin)))
    if prune:
        _require_no_repeats(keys, "--prune")
        require_one_measure(keys, trials)
    epochs = min(trial.epochs for trial in trials)
    found = list(keys), trials, list(notices), planner, len(trials)
    return Plan(
        *found, monitor=trials[0].monitor, epochs=epochs, samples=_one_of_each_data(trials),
        init_from=origin,
    )  # fmt: skip


def pinned(overrides: Sequence[str], origin: str) -> list[str]:
    """The overrides, which name this run's folder: `latest` would soon be another one."""
    others = [text for text in overrides if not text.startswith(f"{INIT_FROM}=")]
    return [*others, f"{INIT_FROM}={json.dumps(origin, ensure_ascii=False)}"]


def _require_named_origins(keys: Sequence[str], points: Sequence[Sequence[str]]) -> None:
    """Raise UsageError for `init_from=latest,A`: when the sweep goes on, another is the latest."""
    for at, key in enumerate(keys):
        moving = [p[at] for p in points if p[at].startswith("latest") or p[at] == "best"]
        if key == INIT_FROM and moving:
            message = f"{INIT_FROM}={moving[0]} is another run as soon as a trial has begun"
            raise UsageError(message, "name the run: `nnfs runs` lists them")


def _require_no_repeats(keys: Sequence[str], option: str) -> None:
    """Raise UsageError for seeds or folds: pruned or searched, their mean is of the lucky ones."""
    for key in keys:
        if key in REPEATED:
            raise UsageError(
                f"{key} repeats a training, and {option} would keep those that were lucky",
                f"leave it out, then repeat the best with `nnfs train --{REPEATED[key]} N`",
            )


def _one_of_each_data(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The first trial of each kind of data, of not too many."""
    found: dict[tuple[str, ...], Trial] = {}
    for trial in trials:
        data = tuple(text for text in trial.request.overrides if text.startswith("data"))
        found.setdefault(data, trial)
    return tuple(found.values())[:MAX_DATA]


def grid_plan(checked: Plan) -> Plan:
    """The plan, whose trials are all different. Raises UsageError."""
    _require_different(checked.keys, checked.trials)
    if _are_of_different_losses(checked.keys, checked.monitor):
        told = f"{DIFFERENT.format(checked.monitor)}: {A_METRIC}"
        return replace(checked, notices=[*checked.notices, told])
    return checked


def search_plan(checked: Plan, trials: int) -> Plan:
    """The plan of a search whose corners were checked: so many trials, none of them known yet.

    Raises UsageError where they would be compared by different figures.
    """
    _require_no_repeats(checked.keys, "a search")
    require_one_measure(checked.keys, checked.trials)
    return replace(checked, trials=[], total=trials, is_search=True)


def require_one_measure(keys: Sequence[str], trials: Sequence[Trial]) -> None:
    """Raise UsageError where trials are to be judged by figures that no one can compare."""
    require_one_monitor(trials)
    monitor = trials[0].monitor
    if _are_of_different_losses(keys, monitor):
        raise UsageError(DIFFERENT.format(monitor), A_METRIC)


def _are_of_different_losses(keys: Sequence[str], monitor: str) -> bool:
    return monitor.endswith("loss") and any(key.split(".")[0] == "loss" for key in keys)


def require_one_monitor(trials: Sequence[Trial]) -> None:
    """Raise UsageError for trials that watch different figures, which no one can compare."""
    monitors = sorted({trial.monitor for trial in trials})
    if len(monitors) > 1:
        raise UsageError(
            f"some trials monitor {monitors[0]} and others {monitors[1]}: they cannot be compared",
            "set train.checkpoint.monitor for all",
        )


def _built(request: Request, jobs: int) -> tuple[Request, Built, list[str]]:
    """The request, with what a trial must not choose anew when its turn comes."""
    if jobs > 1 and not any(text.startswith("train.workers=") for text in request.overrides):
        request = _with_one_worker(request)
    built, told = prepare(request)
    if built.config.init_from is not None:
        request = replace(request, overrides=pinned(request.overrides, built.config.init_from))
        told = [*told, *initialize(request, built)]
    return request, built, told


def _with_one_worker(request: Request) -> Request:
    from nnfs_cli.config.config import load_config

    config, _ = load_config(request.config, request.overrides, request.file)
    if config.train.workers is not None:
        return request
    return replace(request, overrides=[*request.overrides, "train.workers=1"])


def _trial(number: int, values: tuple[str, ...], request: Request, built: Built) -> Trial:
    identity, epochs = identity_of(request, built), built.config.train.epochs
    origin = built.config.init_from
    return Trial(number, values, request, identity, built.monitor, epochs, origin)


def _with_command(trial: Trial, options: Sequence[str]) -> Trial:
    """The trial, whose run is to be what is planned, and to say by which command it is trained."""
    trial = replace(trial, options=tuple(options))
    own = replace(trial.request, argv=trial.command, identity=trial.fingerprint)
    return replace(trial, request=own)


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
