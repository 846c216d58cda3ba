"""``nnfs train``."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    ConfigFile,
    DataDir,
    Log,
    Note,
    Overrides,
    Plugins,
    RunsDir,
    Tags,
    data_source,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.runs.events import Event
    from nnfs_cli.runs.start import Request


def train(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Train in exactly this folder.")] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    epochs: Annotated[int | None, typer.Option(help="Same as train.epochs=N.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same as seed=N.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=2, help="Train with so many seeds; tell mean and interval.")
    ] = None,
    tags: Tags = None,
    log: Log = None,
    note: Note = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=999, help="Cross-validate: train without each of so many parts."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Same as train.workers=N.")] = None,
    plugin: Plugins = None,
    skip_done: Annotated[
        bool, typer.Option("--skip-done", help="Skip what has been trained; resume what has not.")
    ] = False,
    print_run_dir: Annotated[
        bool, typer.Option("--print-run-dir", help="Print the run's folder alone, for scripts.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="With --skip-done: wait for who trains it already.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Build everything, take one step, write nothing.")
    ] = False,
) -> None:
    """Train the network that CONFIG describes, in a new folder of runs/.

    Examples: nnfs train configs/mnist.yaml; nnfs train configs/mnist.yaml optimizer.lr=3e-3
    train.epochs=3; for lr in 1e-2 1e-3; do nnfs train configs/mnist.yaml optimizer.lr=$lr
    --skip-done -q; done; nnfs train configs/digits.yaml --folds 5
    """
    from nnfs_cli.cli.display import Display
    from nnfs_cli.cli.repeats import Repeat, train_again
    from nnfs_cli.cli.sweep import options_of
    from nnfs_cli.cli.training_report import report_training
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.runs.start import Request, start

    settings = {"train.epochs": epochs, "seed": seed, "train.workers": workers}
    changes = [f"{key}={value}" for key, value in settings.items() if value is not None]
    request = Request(
        config=config,
        overrides=[*(overrides or []), *changes],
        name=name,
        run_dir=run_dir,
        runs=runs_folder(runs_dir),
        source=data_source(data_dir, console),
        skip_done=skip_done,
        wait=wait,
        plugins=load_plugins(plugin or []),
        tags=tags or (),
        note=note,
        log=log or (),
        argv=sys.argv[1:],
    )
    if seeds is not None or folds is not None:
        alone = {"--run-dir": run_dir, "--print-run-dir": print_run_dir, "--dry-run": dry_run}
        repeat = Repeat(seeds, folds, [option for option, given in alone.items() if given])
        train_again(console, request, repeat, options_of(runs_dir, data_dir, plugin, request))
        return
    if dry_run:
        _try(console, request)
        return
    events = start(request)
    if print_run_dir:
        events = announced(console, events)
    report_training(console, Display(console).follow(events), print_run_dir)


def _try(console: Console, request: Request) -> None:
    """Build everything, take a step, and write nothing."""
    from nnfs_cli.runs.start import prepare

    built, notices = prepare(request)
    for notice in notices:
        console.notice(notice)
    next(iter(built.training))
    loss = built.training.figures()["train_loss"]
    console.answer(f"dry run: one step taken, loss {loss:.4f}; nothing was written")
    console.document(loss=loss, parameters=built.network.model.parameter_count)


def announced(console: Console, events: Generator[Event, None, None]) -> Generator[Event]:
    """The events; the run's folder is printed as soon as it is there."""
    from nnfs_cli.runs.events import Started

    with closing(events):
        for event in events:
            if isinstance(event, Started):
                console.path(event.run.path)
            yield event
