"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nnfs_cli.cli.completion import run_names

if TYPE_CHECKING:
    from nnfs_cli.cli.console import Console
    from nnfs_cli.data.source import Source
    from nnfs_cli.experiment.build import Built
    from nnfs_cli.runs.run import Run
    from nnfs_cli.runs.runs_folder import RunsFolder

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Changes, such as optimizer.lr=3e-3."),
]
RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A path, an id or its start, latest, latest~1, best.",
        autocompletion=run_names,
    ),
]
ConfigOrRun = Annotated[
    str,
    typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run.", autocompletion=run_names),
]
RunsDir = Annotated[
    Path | None,
    typer.Option("--runs-dir", envvar="NNFS_RUNS", help="The folder of all runs [default: runs]."),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", envvar="NNFS_DATA", help="Your data sets: a sub-folder each, such as mnist/."
    ),
]
Plugins = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE.py", help="Your own components; repeatable."),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="NAME", help="A word to find the run by; repeatable."),
]
Log = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[=WHERE]",
        help="Tell tensorboard or mlflow too, or a plugin's logger; repeatable.",
    ),
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A note on the run.")]
CheckpointName = Annotated[
    str | None, typer.Option("--checkpoint", help="best or last [default: best, else last].")
]


ThemeName = Annotated[
    Literal["light", "dark"], typer.Option("--theme", help="The colours of plots.")
]


def runs_folder(path: Path | None) -> RunsFolder:
    """The folder of runs that the options choose."""
    from nnfs_cli.runs.runs_folder import RunsFolder

    return RunsFolder.chosen(path)


def run_to_use(name: str, path: Path | None, console: Console) -> Run:
    """The run called ``name``, once the plugins it was trained with are loaded."""
    from nnfs_cli.config.plugins import check_plugins

    run = runs_folder(path).find(name)
    for changed in check_plugins(run.read().plugins if run.has_record() else {}):
        console.notice(f"{changed} is not what it was when run {run.id} was trained")
    return run


def data_source(path: Path | None, console: Console) -> Source:
    """Where data is looked for, downloads shown as a bar."""
    from nnfs_cli.data.source import Source

    counters: dict[str, Callable[[int, int], None]] = {}

    def progress(description: str, done: int, total: int) -> None:
        counters.setdefault(description, console.counter(description))(done, total)

    return Source.from_environment(path, progress)


def is_config(target: str) -> bool:
    """Whether a CONFIG is meant and no RUN: what ends in .yaml or .yml, or is a file."""
    return Path(target).suffix in (".yaml", ".yml") or Path(target).is_file()


def experiment_of(
    console: Console,
    target: str,
    overrides: list[str] | None,
    checkpoint: str | None,
    runs_dir: Path | None,
    data_dir: Path | None,
    plugins: list[Path] | None,
) -> Built:
    """What a CONFIG describes, or a RUN is, with its data: to look at, nothing is written.

    Raises UsageError for overrides of a run and for a checkpoint of a config.
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import UsageError
    from nnfs_cli.runs.reopen import reopen
    from nnfs_cli.runs.start import Request, initialize, prepare

    load_plugins(plugins or [])
    source = data_source(data_dir, console)
    if is_config(target):
        if checkpoint is not None:
            raise UsageError(f"{target} is a config, and has no checkpoints", "name a run")
        runs = runs_folder(runs_dir)
        request = Request(Path(target), overrides or [], runs=runs, source=source)
        built, notes = prepare(request)
        for note in [*notes, *initialize(request, built)]:
            console.notice(note)
        return built
    if overrides:
        raise UsageError(
            f"{target} is a run, whose config is fixed; received {overrides[0]}",
            "look at a config with changes instead",
        )
    return reopen(
        run_to_use(target, runs_dir, console), runs_folder(runs_dir), source, checkpoint or "last"
    )
