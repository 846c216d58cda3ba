"""``nnfs resume``."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Log,
    Plugins,
    RunName,
    RunsDir,
    data_source,
    run_to_use,
    runs_folder,
)


def resume(
    console: Console,
    run: RunName = "latest",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Train until so many epochs in all.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Go on with this optimizer.lr.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help="Begin this schedule here, such as cosine.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop early after so many epochs without improvement.")
    ] = None,
    log: Log = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Go on with an interrupted run, exactly where it stopped.

    Its --epochs, --lr, --schedule and --patience hold from there on, with patience begun anew;
    run.json records them. A run that diverged goes on from its last finite checkpoint with a lower
    --lr.

    Examples: nnfs resume; nnfs resume runs/latest; nnfs resume latest --epochs 20; nnfs resume
    latest --epochs 30 --lr 1e-4 --schedule "{type: cosine, warmup: 100}"
    """
    from nnfs_cli.cli.display import Display
    from nnfs_cli.cli.training_report import report_training
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.runs.resume import resume

    settings = {
        "train.epochs": epochs,
        "optimizer.lr": lr,
        "schedule": schedule,
        "train.early_stopping.patience": patience,
    }
    overrides = [f"{key}={value}" for key, value in settings.items() if value is not None]
    load_plugins(plugin or [])
    runs = runs_folder(runs_dir)
    found = run_to_use(run, runs_dir, console)
    source = data_source(data_dir, console)
    ended = Display(console).follow(resume(found, runs, source, overrides, log or ()))
    report_training(console, ended)
