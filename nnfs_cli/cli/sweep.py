"""``nnfs sweep``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from nnfs_cli.cli.completion import sweep_names
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Log,
    Note,
    Plugins,
    RunsDir,
    Tags,
    data_source,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.runs.start import Request
    from nnfs_cli.sweeps.dask_engine import DaskEngine
    from nnfs_cli.sweeps.plan import Plan
    from nnfs_cli.sweeps.study import Study
    from nnfs_cli.sweeps.sweep_file import SweepFile
    from nnfs_cli.sweeps.sweep_folder import SweepFolder


def sweep(
    console: Console,
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="CONFIG",
            help="A YAML file, or a sweep file; with --resume a sweep's folder.",
            autocompletion=sweep_names,
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE,...", help="Values to try, such as optimizer.lr=1e-2,1e-3 seed=0..4."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Trials at a time [default: cores].")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option("--dask", metavar="ADDRESS", help="Train on the workers of a Dask cluster."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the sweep [default: CONFIG's].")] = None,
    random: Annotated[
        int | None,
        typer.Option(
            "--random", min=1, max=10_000, help="Draw so many trials, as from log(1e-4,1e-1)."
        ),
    ] = None,
    random_seed: Annotated[
        int | None,
        typer.Option(
            "--random-seed", min=0, max=2**63 - 1, help="Decides what --random or --search tries."
        ),
    ] = None,
    search: Annotated[
        Literal["tpe"] | None,
        typer.Option("--search", help="Propose each trial by how those before it ended."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option("--trials", min=1, max=10_000, help="Trials of a search [default: 50]."),
    ] = None,
    prune: Annotated[
        bool | None,
        typer.Option("--prune", help="Stop trials that are behind (successive halving)."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a sweep [default: the newest].")
    ] = False,
    print_commands: Annotated[
        bool, typer.Option("--print-commands", help="Print the trials as shell lines; train none.")
    ] = False,
    tags: Tags = None,
    note: Note = None,
    log: Log = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Train CONFIG with every combination of the values, or some at random.

    Each trial is a run of its own; the table is kept in sweeps/. The same line again, or --resume,
    trains only what is missing; --resume --trials N, or --random N, goes on to N trials. --random
    and --search try values in log(LOW,HIGH), uniform(LOW,HIGH), int(LOW,HIGH), choice(A,B);
    --search and --prune need the extra `search`: pip install 'nnfs-cli[search]'. --dask
    tcp://HOST:8786 trains on the workers of a cluster, which share this disk (the extra `dask`).
    Ends with 0 if all trials finished or were pruned, with 4 if
    some diverged and no other failed, else with the code of the first failure.

    Examples: nnfs sweep configs/digits.yaml optimizer.lr=1e-2,1e-3 seed=0..4; nnfs sweep --resume;
    nnfs sweep configs/digits.yaml 'optimizer.lr=log(1e-4,1e-1)' --random 20; nnfs sweep
    configs/digits.yaml 'optimizer.lr=log(1e-4,1e-1)' --search tpe --prune; nnfs sweep
    configs/digits.yaml seed=0..9 --print-commands | parallel
    """
    from nnfs_cli.compute.resources import processors
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.runs.start import Request
    from nnfs_cli.sweeps.study import study_of
    from nnfs_cli.sweeps.sweep_folder import SweepsFolder

    given = {"random": random, "random_seed": random_seed, "search": search, "trials": trials}
    given |= {"prune": prune or None}
    there = SweepsFolder(runs_folder(runs_dir)).find(config) if resume else None
    asked = _going_on(there.asked(), changes, given) if there else asked_by(config, changes, given)
    if print_commands:
        _require_commands(asked, dask)
    if asked.runs is not None and (there or runs_dir is None):  # a sweep's runs stay together
        runs_dir = asked.runs
    base = Request(
        config=asked.config,
        runs=runs_folder(runs_dir),
        source=data_source(data_dir, console),
        plugins=load_plugins(plugin or []),
        tags=tags or (),
        note=note,
        log=log or (),
        argv=sys.argv[1:],
    )
    options = options_of(runs_dir, data_dir, plugin, base)
    if print_commands:
        _print_commands(console, planned(console, base, asked, jobs or 1, options))
        return
    with _cluster(dask) as cluster:
        many = jobs or (cluster.places if cluster else processors())
        plan = planned(console, base, asked, many, options)
        study = study_of(asked, plan)
        if there:
            there.lock()
            there.write(asked, base.runs.path)
        else:
            asked = asked.beginning_from(plan.init_from)
            there = SweepsFolder(base.runs).opened(asked, name or asked.config.stem)
        run_trials(console, plan, there, many, study, cluster)


@contextmanager
def _cluster(address: str | None) -> Iterator[DaskEngine | None]:
    """The cluster at this address, found to be there before anything is done."""
    if address is None:
        yield None
        return
    from nnfs_cli.sweeps.dask_engine import DaskEngine

    engine = DaskEngine(address)
    try:
        yield engine
    finally:
        engine.close()


def _print_commands(console: Console, plan: Plan) -> None:
    for trial in plan.trials:
        console.answer(shlex.join(["nnfs", *trial.command]), whole=True)
    console.document(commands=[["nnfs", *trial.command] for trial in plan.trials])


def options_of(
    runs_dir: Path | None, data_dir: Path | None, plugins: Sequence[Path] | None, request: Request
) -> list[str]:
    """The options that each trial's own command has; raises for a tag or a logger that is none."""
    from nnfs_cli.runs.annotations import require_annotations
    from nnfs_cli.runs.logger import require_loggers

    require_annotations(request.tags, request.note)
    require_loggers(request.log)
    given: list[tuple[str, object]] = [("--runs-dir", runs_dir), ("--data-dir", data_dir)]
    given += [("--plugin", path) for path in plugins or []]
    given += [("--tag", tag) for tag in request.tags] + [("--note", request.note)]
    given += [("--log", name) for name in request.log]
    return [word for name, value in given if value for word in (name, str(value))]


def _going_on(asked: SweepFile, changes: list[str] | None, given: Mapping[str, Any]) -> SweepFile:
    """A sweep as it began, a search or a draw with more trials. Raises UsageError for all else."""
    from nnfs_cli.errors import UsageError

    key = "trials" if asked.search else "random" if asked.random else ""
    more = given.get(key)
    options = [name for name, value in given.items() if value is not None and name != key]
    for word in [*(changes or []), *(f"--{name.replace('_', '-')}" for name in options)]:
        hint = "begin a new one: what is trained already is found"
        raise UsageError(f"a sweep goes on as it began; received {word}", hint)
    return asked if more is None else asked.with_trials(more)


def _require_commands(asked: SweepFile, dask: str | None) -> None:
    from nnfs_cli.errors import UsageError

    if dask is not None:
        raise UsageError("--print-commands trains nothing, so --dask does nothing", "drop one")
    if asked.search:
        message = "a search has no commands to print: each trial is found from those before it"
        raise UsageError(message, "draw the trials with --random N instead of --search")
    if asked.prune:
        message = "trials that are pruned have no commands: each is compared with the others"
        raise UsageError(message, "leave --prune out")


def asked_by(config: str | None, changes: list[str] | None, given: Mapping[str, Any]) -> SweepFile:
    """What the command line asks for; a sweep file may come in the config's place.

    Of the options those are ``given`` that are not None.
    """
    from dataclasses import replace

    from nnfs_cli.errors import UsageError
    from nnfs_cli.sweeps.sweep_file import SweepFile, read_sweep_file

    if config is None:
        raise UsageError("no config is named", "write nnfs sweep CONFIG KEY=A,B")
    path, words = Path(config), tuple(changes or ())
    found = read_sweep_file(path) if is_sweep_file(path) else SweepFile(path, ())
    own = {key: value for key, value in given.items() if value is not None}
    if any(word.startswith("init_from=") for word in words):  # it says so last
        found = found.beginning_from(None)
    found = replace(found, words=(*found.words, *words), **own)
    found.require_one_way()
    return found


def is_sweep_file(path: Path) -> bool:
    """Whether a YAML file is a sweep and no config. Raises ConfigError if it is no YAML."""
    from nnfs_cli.config.yaml_reader import read_file
    from nnfs_cli.sweeps.sweep_file import is_sweep

    return is_sweep(read_file(path))


def planned(
    console: Console, base: Request, asked: SweepFile, jobs: int, options: Sequence[str]
) -> Plan:
    """The trials that are asked for, all of them in order; what is to be said of them is said."""
    from dataclasses import replace

    from nnfs_cli.sweeps.plan import grid_plan, pinned, plan, search_plan

    keys, points, overrides = asked.points()
    if asked.init_from is not None:
        overrides = (*pinned(overrides, str(asked.init_from)),)
    base = replace(base, config=asked.config, overrides=overrides)
    checked = plan(base, keys, points, jobs, options, asked.prune, console.counter("checking"))
    found = search_plan(checked, asked.count) if asked.search else grid_plan(checked)
    for notice in found.notices:
        console.notice(notice)
    return found


def run_trials(
    console: Console,
    plan: Plan,
    folder: SweepFolder,
    jobs: int,
    study: Study | None = None,
    cluster: DaskEngine | None = None,
) -> None:
    """Train them, with the folder locked; of a cross-validation keep what was predicted.

    Raises typer.Exit with the code if any did not finish.
    """
    from nnfs_cli.cli.cross_validation import keep_predictions
    from nnfs_cli.cli.sweep_display import SweepDisplay
    from nnfs_cli.compute.process_team import can_fork
    from nnfs_cli.sweeps.commands import CommandEngine
    from nnfs_cli.sweeps.engine import Engine
    from nnfs_cli.sweeps.forked import ForkEngine
    from nnfs_cli.sweeps.sweep import Sweep

    engine: Engine | None = cluster
    if engine is None:
        engine = ForkEngine(folder.log) if can_fork() else CommandEngine(folder.log)
    found = Sweep(plan, folder, engine, jobs, study)
    try:
        if cluster is not None:
            cluster.check(plan.samples, folder.path)
        SweepDisplay(console, found).follow(keep_predictions if plan.is_cross_validation else None)
    finally:
        folder.unlock()
    if found.code:
        raise typer.Exit(found.code)
